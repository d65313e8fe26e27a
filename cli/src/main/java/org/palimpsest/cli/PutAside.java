package org.palimpsest.cli;

import java.util.Optional;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.measure.Spill;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.io.study.SpillFolder;

/** Where prepared layers of a comparison go that do not fit into {@code --max-memory}. */
final class PutAside implements AutoCloseable {

  private record Place(TemporaryFolder folder, Spill spill, long bytes) {}

  private final Optional<Place> place;

  private PutAside(Optional<Place> place) {
    this.place = place;
  }

  /**
   * @param most what the command may take, if that is limited
   */
  static PutAside within(Optional<MemorySize> most) {
    return new PutAside(
        most.map(
            size -> {
              TemporaryFolder folder = TemporaryFolder.create();
              Spill spill = SpillFolder.in(folder.path().resolve("prepared"));
              return new Place(folder, spill, MemoryShares.forCompared(size));
            }));
  }

  Comparison bounding(Comparison comparison) {
    return place
        .map(there -> comparison.withMemory(there.bytes(), there.spill()))
        .orElse(comparison);
  }

  /** The folder goes with all that is in it. */
  @Override
  public void close() {
    place.ifPresent(there -> there.folder().close());
  }
}
