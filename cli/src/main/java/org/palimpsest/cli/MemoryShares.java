package org.palimpsest.cli;

import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.io.study.StudyFolder;

/**
 * How a bound on the whole process is shared out.
 *
 * @param heap for Java's objects
 * @param tensors for numbers outside the heap
 * @param layers of these, for prepared layers
 */
record MemoryShares(long heap, long tensors, long layers) {

  /** What Java and the libraries take before there is any work, as measured. */
  private static final long BASE = 300L << 20;

  private static final long BASE_WITHOUT_LIBRARIES = 192L << 20;

  private static final long LEAST_UNBOUNDED_LAYERS = 2L << 30;
  private static final long LEAST_ROOM = 64L << 20;
  private static final long WAITING = 350L << 20;
  private static final long MEGABYTE = 1L << 20;
  private static final long STEP = 10 * MEGABYTE;

  /** What the collector leaves lying for a while. */
  private static final double GARBAGE = 1.06;

  /** What a network holds that has just run, over what its layers take. */
  private static final double RUNNING = 1.25;

  private static final int OF_COMPARED = 2;
  private static final int OF_HEAP = 2;
  private static final int OF_LAYERS = 2;
  private static final int OF_MACHINE = 4;

  static MemoryShares of(MemorySize most) {
    long room = Math.max(LEAST_ROOM, most.bytes() - BASE);
    long heap = room / OF_HEAP;
    long tensors = room - heap;
    return new MemoryShares(heap, tensors, tensors / OF_LAYERS);
  }

  /** For layers that are compared, which lie outside the heap. */
  static MemoryShares ofCompared(MemorySize most) {
    MemoryShares even = of(most);
    long heap = even.heap / OF_HEAP;
    return new MemoryShares(heap, even.tensors + even.heap - heap, even.layers);
  }

  /** For work that is done in Java alone. */
  static MemoryShares ofHeapAlone(MemorySize most) {
    return new MemoryShares(
        Math.max(LEAST_ROOM, most.bytes() - BASE_WITHOUT_LIBRARIES), LEAST_ROOM, LEAST_ROOM);
  }

  /**
   * Makes sure that a bound leaves room for work that is done in Java alone.
   *
   * @throws PalimpsestException if not, with the bound that suffices
   */
  static void requireForHeapAlone(MemorySize most) {
    long least = BASE_WITHOUT_LIBRARIES + LEAST_ROOM;
    if (most.bytes() < least) {
      throw new PalimpsestException(
          "%s MB of memory are less than Java itself takes. Allow at least %s MB (--max-memory)."
              .formatted(most.bytes() / MEGABYTE, least / MEGABYTE));
    }
  }

  /** What prepared layers of a comparison may take, beside a network's process that waits. */
  static long forCompared(MemorySize most) {
    return Math.max(LEAST_ROOM, (most.bytes() - BASE - WAITING) / OF_COMPARED);
  }

  /**
   * Makes sure that two networks can be compared by sums of their layers.
   *
   * @param both the networks
   * @param first bytes that the first one's layers take for one probe
   * @param second the second's, none if it is the same network
   * @param coarser what both take on the coarser grids where layers meet
   * @throws PalimpsestException if not, with the bound that suffices
   */
  static void requireForSums(MemorySize most, String both, long first, long second, long coarser) {
    long running = (long) (RUNNING * Math.max(first, second));
    require(
        most,
        first + second + coarser + running,
        "compare %s: of one probe the layers take %s MB, and %s MB more on coarser grids and while a network runs"
            .formatted(both, (first + second) / MEGABYTE, (coarser + running) / MEGABYTE));
  }

  /**
   * Whether two networks may run at one time, as {@link #requireForSums} has one after the other.
   */
  static boolean holdsBoth(MemorySize most, long first, long second, long coarser) {
    long layers = first + second;
    return layers > 0 && needed(layers + coarser + (long) (RUNNING * layers)) <= most.bytes();
  }

  /**
   * Makes sure that two layers can be held.
   *
   * @param both the networks
   * @param first bytes of the first one's largest layer for all probes
   * @param second the second's
   * @throws PalimpsestException if not, with the bound that suffices
   */
  static void requireForPair(MemorySize most, String both, long first, long second) {
    require(
        most,
        first + second + 2 * Math.max(first, second),
        "compare %s: two layers that are compared are held with all probes, and the largest take %s MB and %s MB"
            .formatted(both, first / MEGABYTE, second / MEGABYTE));
  }

  private static long needed(long held) {
    return (long) (GARBAGE * held) + BASE + WAITING;
  }

  private static void require(MemorySize most, long held, String what) {
    long needed = needed(held);
    if (held > 0 && needed > most.bytes()) {
      throw new PalimpsestException(
          "%s MB of memory are too little to %s. Allow at least %s MB (--max-memory), choose fewer layers (--layers), show smaller or fewer probes, or compare fewer positions of each probe (--positions N)."
              .formatted(most.bytes() / MEGABYTE, what, (needed / STEP + 1) * STEP / MEGABYTE));
    }
  }

  /** What prepared layers may take; without a bound a part of the machine's memory. */
  static long forLayers(Optional<MemorySize> most) {
    return most.map(size -> of(size).layers())
        .orElseGet(
            () -> Math.max(LEAST_UNBOUNDED_LAYERS, RuntimeSettings.memoryOfMachine() / OF_MACHINE));
  }

  /** Where prepared layers of a comparison go that do not fit into {@code --max-memory}. */
  static final class PutAside implements AutoCloseable {

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
                Spill spill = StudyFolder.spill(folder.path().resolve("prepared"));
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
}
