package org.palimpsest.io.internal.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.Backend;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.LayerMatrices.MatrixBatch;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.internal.capture.Answers;
import org.palimpsest.io.internal.capture.BatchedRun;
import org.palimpsest.io.internal.capture.Company;
import org.palimpsest.io.internal.capture.LayerRecorder;
import org.palimpsest.io.internal.capture.OptionalLibrary;
import org.palimpsest.io.internal.capture.RecordedPass;
import org.palimpsest.io.internal.onnx.OnnxGraph;
import org.palimpsest.io.internal.onnx.OnnxInput;
import org.palimpsest.io.internal.onnx.OnnxModel;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

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
  private final Map<String, long[]> withoutRows = new LinkedHashMap<>();

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
    List<OnnxInput> inputs = model.graph().inputs();
    if (inputs.size() != 1) {
      throw new PalimpsestException(
          "%s has %s inputs %s; only networks of one input can be shown probes."
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
    notes.addAll(notes());
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
      neighbours.judge(session, batch, wanted, withoutRows);
      boolean anyWanted = !wanted.isEmpty();
      wanted.values().removeIf(neighbours::leavesOut);
      if (anyWanted && wanted.isEmpty() && !notes().isEmpty()) {
        throw noneHasRows();
      }
      values = new LinkedHashMap<>(values);
      values.values().removeIf(neighbours::leavesOut);
    }
    record(session.run(batch, Set.copyOf(wanted.values())), values, batch.size(0), recorder);
    if (!wanted.isEmpty() && withoutRows.keySet().containsAll(wanted.keySet())) {
      throw noneHasRows();
    }
  }

  private PalimpsestException noneHasRows() {
    return new PalimpsestException(
        "'%s' has no layer among those asked for that has a row for each probe (%s). Choose others."
            .formatted(name, String.join("; ", notes())));
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (!withoutRows.isEmpty()) {
      List<String> told = new ArrayList<>();
      withoutRows.forEach((layer, shape) -> told.add(layer + " " + Arrays.toString(shape)));
      notes.add(
          "left out layers that have no row for each probe: "
              + Names.shortened(told, NeighbourTrial.MOST_NAMES));
    }
    notes.addAll(neighbours.notes());
    return notes;
  }

  private void record(
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
  private void record(
      String layer, @Nullable OnnxTensor answer, long samples, LayerRecorder recorder) {
    if (answer != null && !OnnxTensors.hasRows(answer, samples)) {
      withoutRows.putIfAbsent(layer, answer.getInfo().getShape());
    } else {
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

  /**
   * Shows a network the same probes in another order and with other neighbours. An answer of as
   * many rows as there are probes need not have one for each: it may be turned round, or each row
   * may tell of all probes.
   */
  private static final class NeighbourTrial {

    private static final int FEW = 2;
    private static final int MOST_NAMES = 8;

    private final Set<String> judged = new HashSet<>();
    private final Set<String> leftOut = new HashSet<>();
    private final List<String> mixed = new ArrayList<>();
    private final Set<String> dependent = new LinkedHashSet<>();

    /** Whether a value has rows that are not the probes'. */
    boolean leavesOut(String value) {
      return leftOut.contains(value);
    }

    /**
     * Judges values that were not judged before; a single probe has no neighbours, and tells
     * nothing.
     *
     * @param layers the values that are wanted, by layer
     * @param withoutRows where layers that have not as many rows as there are probes are added,
     *     with their shapes
     */
    void judge(
        ExposedSession session,
        INDArray batch,
        Map<String, String> layers,
        Map<String, long[]> withoutRows) {
      Map<String, String> fresh = new HashMap<>(layers);
      fresh.values().removeAll(judged);
      if (batch.size(0) < FEW || fresh.isEmpty()) {
        return;
      }
      long count = session.isOfFixedSize() ? batch.size(0) : FEW;
      INDArray few = withOther(rows(batch, 0, count), Company.ofFirst(batch));
      Set<String> values = Set.copyOf(fresh.values());
      Map<String, long[]> shapes = new HashMap<>();
      Map<String, INDArray> plain = run(session, few, values, shapes);
      Map<String, INDArray> turned = run(session, reversed(few), values, new HashMap<>());
      Map<String, INDArray> alike = run(session, repeated(few, 0), values, new HashMap<>());
      layers.forEach(
          (layer, value) -> {
            if (shapes.containsKey(value)) {
              withoutRows.put(layer, shapes.get(value));
            }
          });
      Map<String, String> changed = new HashMap<>();
      fresh.forEach(
          (layer, value) -> {
            if (changes(layer, value, plain.get(value), turned.get(value), alike.get(value))) {
              changed.put(layer, value);
            }
          });
      if (!changed.isEmpty()) {
        INDArray others = repeated(few, 1);
        judgeChanged(changed, plain, run(session, others, values, new HashMap<>()));
      }
      judged.addAll(values);
    }

    /** Where the first row stays though its probe is gone, it is not that probe's. */
    private void judgeChanged(
        Map<String, String> changed, Map<String, INDArray> plain, Map<String, INDArray> without) {
      changed.forEach(
          (layer, value) -> {
            INDArray gone = without.get(value);
            INDArray shown = Objects.requireNonNull(plain.get(value));
            if (gone == null || Answers.areSame(rows(shown, 0, 1), rows(gone, 0, 1))) {
              leftOut.add(value);
              mixed.add(layer);
            } else {
              dependent.add(layer);
            }
          });
    }

    /** Whether the first probe's row changes with the others; layers without rows are left out. */
    private boolean changes(
        String layer,
        String value,
        @Nullable INDArray plain,
        @Nullable INDArray turned,
        @Nullable INDArray alike) {
      if (plain == null || turned == null || alike == null) {
        leftOut.add(value);
        return false;
      }
      if (!Answers.areSame(plain, reversed(turned))) {
        leftOut.add(value);
        mixed.add(layer);
        return false;
      }
      return !Answers.areSame(rows(plain, 0, 1), rows(alike, 0, 1));
    }

    /** What is to be known of the values that were captured. */
    List<String> notes() {
      List<String> notes = new ArrayList<>();
      if (!mixed.isEmpty()) {
        notes.add("left out layers whose rows are not the probes': %s".formatted(shortened(mixed)));
      }
      if (!dependent.isEmpty()) {
        notes.add(
            "depends on which probes are shown together, and gives other values in other batches: %s"
                .formatted(shortened(List.copyOf(dependent))));
      }
      return notes;
    }

    private static String shortened(List<String> layers) {
      return Names.shortened(layers.stream().sorted().toList(), MOST_NAMES);
    }

    private static Map<String, INDArray> run(
        ExposedSession session,
        INDArray batch,
        Set<String> values,
        Map<String, long[]> withoutRows) {
      Map<String, OnnxTensor> answers = session.run(batch, values);
      Map<String, INDArray> copies = new HashMap<>();
      try {
        answers.forEach(
            (value, tensor) -> {
              if (OnnxTensors.hasRows(tensor, batch.size(0))) {
                copies.put(value, OnnxTensors.toNd4j(value, tensor));
              } else {
                withoutRows.put(value, tensor.getInfo().getShape());
              }
            });
        return copies;
      } finally {
        answers.values().forEach(OnnxTensor::close);
      }
    }

    private static INDArray rows(INDArray tensor, long from, long to) {
      return tensor.get(NDArrayIndex.interval(from, to));
    }

    /** With another in the place of the second row. */
    private static INDArray withOther(INDArray tensor, INDArray second) {
      INDArray both = Nd4j.concat(0, rows(tensor, 0, 1), second);
      long count = tensor.size(0);
      return count == FEW ? both : Nd4j.concat(0, both, rows(tensor, FEW, count));
    }

    private static INDArray reversed(INDArray tensor) {
      INDArray[] rows = new INDArray[(int) tensor.size(0)];
      for (int i = 0; i < rows.length; i++) {
        long from = rows.length - 1L - i;
        rows[i] = rows(tensor, from, from + 1);
      }
      return Nd4j.concat(0, rows);
    }

    private static INDArray repeated(INDArray tensor, long row) {
      INDArray[] rows = new INDArray[(int) tensor.size(0)];
      Arrays.fill(rows, rows(tensor, row, row + 1));
      return Nd4j.concat(0, rows);
    }
  }
}
