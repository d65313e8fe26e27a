package org.palimpsest.io.npy;

import java.nio.file.Path;
import java.util.List;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.LateProvenance;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.binary.Allocation;

/**
 * A lone NPY array as the activations of one layer, which is named after the file without {@code
 * .npy}. The first dimension is that of the probes, which the file does not tell, so that their
 * fingerprint is unknown: that two such files come from the same probes in the same order is for
 * the caller to see to; only their numbers are compared. Values are read anew each time that they
 * are asked for; if the file changed since it was opened, that is an error.
 *
 * <pre>{@code
 * ActivationSet before = NpyActivations.open(Path.of("before.npy"));
 * ActivationSet after = NpyActivations.open(Path.of("after.npy"));
 * ComparisonResult result = Comparison.by(Cka.linear()).compare(before, after);
 * }</pre>
 *
 * <p>Types and orders are those of {@link NpyFile}. For several layers in one file see {@link
 * NpzActivations}. Safe to use from several threads, each of which reads for itself.
 */
public final class NpyActivations implements ActivationSet {

  private final Path file;
  private final UnchangedFile watched;
  private final String layer;
  private final LateProvenance origin;

  private NpyActivations(Path file, UnchangedFile watched) {
    this.file = file;
    this.watched = watched;
    this.layer = InputFiles.nameWithout(".npy", file);
    this.origin =
        new LateProvenance(() -> new Provenance(file.toString(), watched.sha256(), List.of()));
  }

  /**
   * Opens a file: its header is read, its values are not yet.
   *
   * @param file an array whose first dimension is that of the samples, of any rank from 1
   * @throws org.palimpsest.core.PalimpsestException if it is no array that can be used, is shorter
   *     or longer than its header says, or would not fit into this machine's memory twice
   */
  public static NpyActivations open(Path file) {
    NpyFile.Header header = NpyFile.header(file);
    Allocation.requireTwice(file.toString(), header.type().element(), header.elements());
    return new NpyActivations(file, UnchangedFile.since(file)); // which may hash all of it
  }

  @Override
  public String name() {
    return InputFiles.name(file);
  }

  @Override
  public Provenance provenance() {
    return origin.get();
  }

  @Override
  public List<String> layers() {
    return List.of(layer);
  }

  @Override
  public void requireUnchanged() {
    watched.require();
  }

  @Override
  public Activations get(String wanted) {
    if (!wanted.equals(layer)) {
      throw LayerSelector.unknown(wanted, layers());
    }
    Activations activations = Activations.of(layer, NpyFile.read(file));
    watched.require();
    return activations;
  }

  @Override
  public Fingerprint probes() {
    return Fingerprint.unknown();
  }
}
