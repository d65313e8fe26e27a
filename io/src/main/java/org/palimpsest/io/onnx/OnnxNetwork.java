package org.palimpsest.io.onnx;

import ai.onnxruntime.OnnxTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.MatrixBatch;
import org.palimpsest.core.representation.MatrixRequest;
import org.palimpsest.core.representation.ReducingSource;
import org.palimpsest.core.tensor.Backend;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.capture.BatchedRun;
import org.palimpsest.io.internal.capture.LayerRecorder;
import org.palimpsest.io.internal.capture.OptionalLibrary;
import org.palimpsest.io.internal.capture.RecordedPass;
import org.palimpsest.io.network.RunLimits;

/**
 * A network in an ONNX file, run by ONNX Runtime on the CPU.
 *
 * <p>Layers are the values of floating types that follow from the input and have one row for each
 * probe. Where PyTorch's exporter told the modules, results of modules go by their paths ({@code
 * enc1.conv}), and what is computed on the way by these and its own name ({@code enc1.conv/pad}).
 * Elsewhere they go by the names of their operations, such as {@code /enc1/Conv}, or by their own
 * where operations have none. Values inside the branches and loops of {@code If}, {@code Loop} and
 * {@code Scan} cannot be had, nor what the exporter left out of the file.
 *
 * <p>The file is not changed: a copy in memory gets more outputs. What an ONNX file computes is in
 * evaluation mode if it was exported so.
 *
 * <p>A value is a layer if its rows are the probes', which is tried on two probes first (on a whole
 * batch where the file insists on its size): they are shown in another order, and with other
 * neighbours.
 *
 * <p>Cost: one forward pass without the fusions that outputs in between forbid, and a copy of each
 * selected layer. Not to be used by two threads at once.
 */
public final class OnnxNetwork implements ReducingSource {

  private static final OptionalLibrary RUNTIME =
      new OptionalLibrary(
          "ONNX Runtime",
          "ai.onnxruntime.OrtEnvironment",
          "com.microsoft.onnxruntime:onnxruntime:1.28.0");

  private final String name;
  private final Provenance provenance;
  private final OnnxGraph graph;
  private final ExposedSession session;
  private final RunLimits limits;
  private final NeighbourTrial neighbours = new NeighbourTrial();

  private OnnxNetwork(
      String name,
      Provenance provenance,
      OnnxGraph graph,
      ExposedSession session,
      RunLimits limits) {
    this.name = name;
    this.provenance = provenance;
    this.graph = graph;
    this.session = session;
    this.limits = limits;
  }

  /**
   * The files beside a model in which it keeps weights.
   *
   * @throws PalimpsestException if it is no ONNX model, or a tensor lies outside of its folder
   */
  public static List<Path> filesBeside(Path file) {
    return OnnxModel.read(file).others().stream().map(file::resolveSibling).toList();
  }

  /** Opens a file with {@linkplain RunLimits#withDefaults() the usual limits}. */
  public static OnnxNetwork open(Path file) {
    return open(file, RunLimits.withDefaults());
  }

  /**
   * Opens a file.
   *
   * @param limits how it is run; one whose own batch size is fixed is shown that many at once
   * @throws PalimpsestException if ONNX Runtime is not on the class path, the file is no ONNX
   *     model, is damaged, keeps tensors outside of its folder, has several inputs, or has
   *     operations that the runtime does not know
   */
  public static OnnxNetwork open(Path file, RunLimits limits) {
    RUNTIME.require("The ONNX model " + file);
    Backend.require();
    OnnxModel model = OnnxModel.read(file);
    List<OnnxGraph.Input> inputs = model.graph().inputs();
    if (inputs.size() != 1) {
      throw new PalimpsestException(
          "%s has %d inputs %s; only networks of one input can be shown probes."
              .formatted(file, inputs.size(), inputs));
    }
    ExposedSession session = InputFiles.bounded(file, () -> ExposedSession.open(model));
    Provenance provenance = model.provenance("run by ONNX Runtime");
    String name = InputFiles.nameWithout(".onnx", file);
    return new OnnxNetwork(name, provenance, model.graph(), session, limits);
  }

  /**
   * Loads ONNX Runtime, which the first network would do otherwise.
   *
   * @throws PalimpsestException if it is not on the class path
   */
  public static void loadRuntime() {
    RUNTIME.require("An ONNX model");
    OnnxRuntimeLibraries.environment();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Provenance provenance() {
    List<String> notes = new ArrayList<>(provenance.notes());
    notes.addAll(neighbours.notes());
    return new Provenance(provenance.origin(), provenance.sha256(), notes);
  }

  /** The stored tensors; see {@link OnnxWeights}. */
  public Weights weights() {
    return OnnxWeights.of(provenance, name, graph);
  }

  @Override
  public void run(
      Probes probes, LayerSelector layers, Progress progress, Consumer<ActivationBatch> receiver) {
    batches(probes).run(pass(layers).activations(), probes, progress, receiver);
  }

  @Override
  public Map<String, long[]> shapes(Probes probes, LayerSelector layers) {
    BatchedRun batches = batches(probes);
    int withNeighbours = (int) Math.min(probes.count(), Math.max(2, batches.least()));
    return pass(layers).shapes(new BatchedRun(name, limits, withNeighbours), probes);
  }

  @Override
  public void run(
      Probes probes, MatrixRequest request, Progress progress, Consumer<MatrixBatch> receiver) {
    RecordedPass pass = pass(request.layers());
    batches(probes).run(pass.matrices(request), probes, progress, receiver);
  }

  private RecordedPass pass(LayerSelector layers) {
    return new RecordedPass(name, layers, this::forward);
  }

  private BatchedRun batches(Probes probes) {
    return session.batches(name, probes, limits);
  }

  private void forward(INDArray batch, LayerRecorder recorder) {
    Map<String, String> values = session.valuesByLayer();
    Map<String, String> wanted = new LinkedHashMap<>(values);
    wanted.keySet().removeIf(layer -> !recorder.selects(layer));
    if (!graph.isRandom()) {
      neighbours.judge(session, batch, wanted);
      boolean anyWanted = !wanted.isEmpty();
      wanted.values().removeIf(neighbours::leavesOut);
      if (anyWanted && wanted.isEmpty() && !neighbours.notes().isEmpty()) {
        throw new PalimpsestException(
            "'%s' has no layer among those asked for that has a row for each probe (%s)."
                .formatted(name, String.join("; ", neighbours.notes())));
      }
      values = new LinkedHashMap<>(values);
      values.values().removeIf(neighbours::leavesOut);
    }
    record(session.run(batch, Set.copyOf(wanted.values())), values, batch.size(0), recorder);
  }

  private static void record(
      Map<String, OnnxTensor> answers,
      Map<String, String> values,
      long samples,
      LayerRecorder recorder) {
    try {
      values.forEach((layer, value) -> record(layer, answers.get(value), samples, recorder));
    } finally {
      answers.values().forEach(OnnxTensor::close);
    }
  }

  /** Values that were not asked for are only named; those without a row per probe are none. */
  private static void record(
      String layer, @Nullable OnnxTensor answer, long samples, LayerRecorder recorder) {
    if (answer == null || OnnxTensors.hasRows(answer, samples)) {
      recorder.record(
          layer,
          () -> OnnxTensors.toNd4j(layer, Objects.requireNonNull(answer, "it was selected")));
    }
  }

  /** Frees the runtime's memory. */
  @Override
  public void close() {
    session.close();
  }
}
