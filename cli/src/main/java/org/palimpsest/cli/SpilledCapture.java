package org.palimpsest.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.LayerMatrices.MatrixBatch;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.io.npy.NpzActivationWriter;
import org.palimpsest.io.npy.NpzActivations;

/** What was captured, in a temporary file from which layers are read one at a time. */
final class SpilledCapture implements AutoCloseable {

  private final TemporaryFolder folder = TemporaryFolder.create();

  ActivationSet capture(
      ActivationSource source, ShownProbes shown, LayerSelector layers, Progress progress) {
    Path file = folder.path().resolve("activations.npz");
    write(file, source, shown, layers, progress);
    return new Called(source.name(), NpzActivations.open(file));
  }

  /** What was put aside goes by the name of its network. */
  private record Called(String name, ActivationSet all) implements ActivationSet {

    @Override
    public Provenance provenance() {
      return all.provenance();
    }

    @Override
    public List<String> layers() {
      return all.layers();
    }

    @Override
    public Activations get(String layer) {
      return all.get(layer);
    }

    @Override
    public Fingerprint probes() {
      return all.probes();
    }
  }

  LayerMatrices capture(
      ReducingSource source,
      ShownProbes shown,
      MatrixRequest request,
      Map<String, long[]> shapes,
      Progress progress) {
    Path file = folder.path().resolve("matrices.npz");
    try (SpilledMatrices spilled = SpilledMatrices.into(file, source, shown.probes())) {
      return LayerMatrices.capture(source, shown.probes(), request, shapes, spilled, progress);
    }
  }

  /** Matrices as arrays that are numbered, those of a probe side by side. */
  private static final class SpilledMatrices implements LayerMatrices.Store, AutoCloseable {

    private final Path file;
    private final NpzActivationWriter writer;
    private final Map<MatrixRequest.Target, String> numbers = new HashMap<>();
    private @Nullable NpzActivations written;

    private SpilledMatrices(Path file, NpzActivationWriter writer) {
      this.file = file;
      this.writer = writer;
    }

    static SpilledMatrices into(Path file, ActivationSource source, Probes probes) {
      return new SpilledMatrices(
          file, NpzActivationWriter.create(file, source.provenance(), probes));
    }

    @Override
    public void accept(MatrixBatch batch) {
      Map<String, INDArray> arrays = new LinkedHashMap<>();
      batch
          .matrices()
          .forEach(
              (target, matrix) -> {
                numbers.computeIfAbsent(target, t -> String.valueOf(numbers.size()));
                long rows = matrix.rows() / batch.samples();
                arrays.put(
                    numbers.get(target),
                    matrix.reshape('c', batch.samples(), rows, matrix.columns()));
              });
      writer.accept(new ActivationBatch(batch.firstSample(), arrays));
      batch.free();
    }

    @Override
    public void finish(Set<String> flawed) {
      numbers.forEach(
          (target, number) -> {
            if (flawed.contains(target.layer())) {
              writer.leaveOut(number);
            }
          });
      numbers.keySet().removeIf(target -> flawed.contains(target.layer()));
      if (!numbers.isEmpty()) {
        writer.finish();
        written = NpzActivations.open(file);
      }
    }

    @Override
    public INDArray get(MatrixRequest.Target target) {
      NpzActivations arrays = Objects.requireNonNull(written, "nothing was captured");
      INDArray joined = arrays.get(String.valueOf(numbers.get(target))).values();
      return joined.reshape('c', joined.size(0) * joined.size(1), joined.size(2));
    }

    @Override
    public void close() {
      writer.close();
    }
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
