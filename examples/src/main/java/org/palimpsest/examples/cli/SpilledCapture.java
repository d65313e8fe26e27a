package org.palimpsest.examples.cli;

import java.nio.file.Path;
import org.palimpsest.core.activation.ActivationBatch;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.file.TemporaryFolder;
import org.palimpsest.io.npy.NpzActivationWriter;
import org.palimpsest.io.npy.NpzActivations;

/** Activations in a temporary file, from which layers are read one at a time. */
final class SpilledCapture implements AutoCloseable {

  private final TemporaryFolder folder = TemporaryFolder.create();

  ActivationSet capture(
      ActivationSource source, ShownProbes shown, LayerSelector layers, Progress progress) {
    Path file = folder.path().resolve("activations.npz");
    write(file, source, shown, layers, progress);
    return NpzActivations.open(file);
  }

  /** Writes what a model's layers answer, batch by batch, with all that became known of it. */
  static void write(
      Path target,
      ActivationSource source,
      ShownProbes shown,
      LayerSelector layers,
      Progress progress) {
    try (NpzActivationWriter writer =
        NpzActivationWriter.create(target, source.provenance(), shown.probes())) {
      source.run(shown.probes(), layers, progress, writer.andThen(ActivationBatch::free));
      writer.finish(shown.noteOn(source.provenance()));
    }
  }

  @Override
  public void close() {
    folder.close();
  }
}
