package org.palimpsest.io.dl4j;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.workspace.ND4JWorkspaceException;
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
import org.palimpsest.core.weights.Weights.LoadReport;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.io.internal.capture.BatchedRun;
import org.palimpsest.io.internal.capture.ChannelOrder;
import org.palimpsest.io.internal.capture.LayerRecorder;
import org.palimpsest.io.internal.capture.OptionalLibrary;
import org.palimpsest.io.internal.capture.RecordedPass;
import org.palimpsest.io.internal.weights.WeightFiller;
import org.palimpsest.io.network.LayerOutline;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/**
 * A network of Deeplearning4j, live or from a file.
 *
 * <p>Every layer and every vertex of a graph is a layer here, under its own name, in the order in
 * which they run. Activations are {@code (samples, channels, space…)} whatever the network's own
 * order is (sequences {@code (samples, features, time)}); probes have their channels first too,
 * unless {@link #withProbesChannelsLast} says otherwise.
 *
 * <p>The network runs in evaluation mode. It is led layer by layer on copies, since DL4J's own
 * {@code feedForward} gives activations that later layers have overwritten; the first batch is
 * compared with what {@code output()} says, and a difference is an error. A live network must not
 * be used by another thread meanwhile.
 *
 * <p>Cost: one forward pass (two for the first batch) and copies of each layer's input and output.
 */
public final class Dl4jNetwork implements ReducingSource {

  private static final double SAME = 1e-4;
  private static final OptionalLibrary DL4J =
      new OptionalLibrary(
          "Deeplearning4j",
          "org.deeplearning4j.nn.api.Layer",
          "org.deeplearning4j:deeplearning4j-nn:1.0.0-M2.1");

  private final String name;
  private final Provenance provenance;
  private final Walk walk;
  private final RunLimits limits;
  private final ChannelOrder probeOrder;

  private Dl4jNetwork(
      String name, Provenance provenance, Walk walk, RunLimits limits, ChannelOrder probeOrder) {
    this.name = name;
    this.provenance = provenance;
    this.walk = walk;
    this.limits = limits;
    this.probeOrder = probeOrder;
  }

  /**
   * A live sequence of layers.
   *
   * @param name what to call it
   * @param network initialised; it is not closed
   */
  public static Dl4jNetwork of(String name, MultiLayerNetwork network) {
    if (!network.isInitCalled()) {
      throw new PalimpsestException("The network '" + name + "' is not initialised: call init().");
    }
    return of(name, Provenance.inMemory(name), new SequenceWalk(network));
  }

  /**
   * A live graph.
   *
   * @param name what to call it
   * @param graph initialised, with one input; it is not closed
   * @throws PalimpsestException if it has several inputs
   */
  public static Dl4jNetwork of(String name, ComputationGraph graph) {
    if (graph.getVertices() == null) {
      throw new PalimpsestException("The network '" + name + "' is not initialised: call init().");
    }
    GraphWalk walk = new GraphWalk(graph);
    walk.requireOneInput(name);
    return of(name, Provenance.inMemory(name), walk);
  }

  /**
   * A network that {@code ModelSerializer} saved.
   *
   * @param file a ZIP archive with {@code configuration.json} and {@code coefficients.bin}
   * @throws PalimpsestException if DL4J is not on the class path, or the file is not such an
   *     archive, is damaged, or names classes that are not DL4J's
   */
  public static Dl4jNetwork open(Path file) {
    DL4J.require("The saved network " + file);
    Backend.require();
    return Dl4jArchive.open(file);
  }

  static Dl4jNetwork of(String name, Provenance origin, Walk walk) {
    List<String> notes = new ArrayList<>(origin.notes());
    notes.add("ran in evaluation mode");
    Provenance provenance = new Provenance(origin.origin(), origin.sha256(), notes);
    return new Dl4jNetwork(name, provenance, walk, RunLimits.withDefaults(), ChannelOrder.FIRST);
  }

  /**
   * The same network, shown so many probes at once; 16 if not set. It decides memory and speed
   * alone.
   *
   * @param probes at least 1
   * @throws PalimpsestException if it is less
   */
  public Dl4jNetwork withBatchSize(int probes) {
    return with(limits.withBatchSize(probes));
  }

  /** The same network, run within these limits. */
  public Dl4jNetwork with(RunLimits some) {
    return new Dl4jNetwork(name, provenance, walk, some, probeOrder);
  }

  /** The same network, shown probes whose last axis is that of the channels, not the second. */
  public Dl4jNetwork withProbesChannelsLast() {
    return new Dl4jNetwork(name, provenance, walk, limits, ChannelOrder.LAST);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Provenance provenance() {
    return provenance;
  }

  /** The layers in the order in which they run; shows the network nothing. */
  public List<LayerOutline> layers() {
    return walk.layers();
  }

  /**
   * Copies the parameters. Each is called by its layer and its own name, such as {@code dense0.W};
   * axes are as {@link org.palimpsest.core.weights.Weights.WeightTensor.LayerKind} says, whatever
   * DL4J's own are.
   *
   * @throws PalimpsestException if there are none
   */
  public Weights weights() {
    List<WeightTensor> tensors = walk.parameters().stream().map(LayerParameter::tensor).toList();
    return Weights.of(provenance, name, tensors);
  }

  /**
   * Loads weights into the network by name, in place. {@code weight}, {@code bias}, {@code
   * running_mean} and {@code running_var} fit DL4J's {@code W}, {@code b}, {@code gamma}, {@code
   * beta}, {@code mean} and {@code var}.
   *
   * @param rename makes of a tensor's name in the weights its name in the network
   * @return what matched and what did not; what did not keeps its values
   */
  public LoadReport load(Weights weights, UnaryOperator<String> rename) {
    return WeightFiller.fill(weights, walk.parameters(), rename);
  }

  /**
   * Loads weights of the same names into the network, in place. The live network that this was made
   * of changes with it.
   *
   * @return what matched and what did not; what did not keeps its values
   */
  public LoadReport load(Weights weights) {
    return load(weights, UnaryOperator.identity());
  }

  @Override
  public void run(
      Probes probes, LayerSelector layers, Progress progress, Consumer<ActivationBatch> receiver) {
    BatchedRun.of(name, limits).run(pass(layers).activations(), probes, progress, receiver);
  }

  @Override
  public Map<String, long[]> shapes(Probes probes, LayerSelector layers) {
    return pass(layers).shapes(BatchedRun.of(name, limits), probes);
  }

  @Override
  public void run(
      Probes probes, MatrixRequest request, Progress progress, Consumer<MatrixBatch> receiver) {
    RecordedPass pass = pass(request.layers());
    BatchedRun.of(name, limits).run(pass.matrices(request), probes, progress, receiver);
  }

  private RecordedPass pass(LayerSelector layers) {
    FirstBatch first = new FirstBatch();
    return new RecordedPass(name, layers, (batch, recorder) -> forward(batch, recorder, first));
  }

  /** What is found out once: whether the walk is DL4J's, and whose rows are whose. */
  private static final class FirstBatch {
    private boolean compared;
    private @Nullable ProbeRows rows;

    ProbeRows rows(Walk walk, OrderedTensor input, OutputBound bound) {
      if (rows == null && input.values().size(0) > 1) {
        rows = ProbeRows.of(walk, input, bound);
      }
      return rows == null ? ProbeRows.alone() : rows;
    }
  }

  private void forward(INDArray batch, LayerRecorder recorder, FirstBatch first) {
    ChannelOrder order = walk.inputOrder(batch.rank());
    INDArray input = new OrderedTensor(batch.castTo(walk.type()), probeOrder).copyFor(order);
    List<OrderedTensor> outputs = walked(new OrderedTensor(input, order), recorder, first);
    if (!first.compared) {
      requireSame(outputs, output(input));
      first.compared = true;
    }
  }

  private List<OrderedTensor> walked(
      OrderedTensor input, LayerRecorder recorder, FirstBatch first) {
    OutputBound bound = OutputBound.of(limits);
    ProbeRows rows = rows(input, first, bound);
    long probes = input.values().size(0);
    boolean reshapes = walk.reshapes();
    int[] place = {0};
    try {
      return walk.forward(
          input,
          (layer, answer) -> {
            int number = place[0]++;
            recorder.record(layer, () -> rows.captured(number, layer, answer, probes, reshapes));
          },
          bound);
    } catch (ArithmeticException division) {
      throw new IllegalArgumentException(
          "the next layer has a setting that is 0 or too large, such as a stride (%s)"
              .formatted(division.getMessage()),
          division);
    }
  }

  /** What DL4J answers, whose own check of where arrays lie fails on some layers. */
  private List<INDArray> output(INDArray input) {
    try {
      return walk.output(input);
    } catch (IllegalStateException | ND4JWorkspaceException fault) {
      throw new PalimpsestException(
          "'%s' cannot be run: DL4J's own output() fails on it, so that nothing tells whether its activations are right. Does it hold layers that do nothing, such as a Cropping3D of 0? Leave them out. DL4J says: %s"
              .formatted(name, firstLine(fault)),
          fault);
    }
  }

  private static String firstLine(Exception failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  /** What fails here fails in the walk that follows, which tells how far it came. */
  private ProbeRows rows(OrderedTensor input, FirstBatch first, OutputBound bound) {
    try {
      return first.rows(walk, input, bound);
    } catch (PalimpsestException clear) {
      throw clear;
    } catch (RuntimeException failure) {
      return ProbeRows.alone();
    }
  }

  private void requireSame(List<OrderedTensor> walked, List<INDArray> expected) {
    for (int i = 0; i < expected.size(); i++) {
      INDArray own = expected.get(i);
      INDArray ours = walked.get(i).values();
      if (!Arrays.equals(own.shape(), ours.shape()) || differ(ours, own)) {
        throw new PalimpsestException(
            "Led layer by layer, '%s' answers otherwise than DL4J's output() does (%s): its activations cannot be trusted. Layers with a state or with noise do that, and DL4J's own fault of writing what an ActivationLayer gives over its input, where another layer takes that input too (behind a DropoutLayer)."
                .formatted(name, difference(ours, own)));
      }
    }
  }

  private static String difference(INDArray ours, INDArray own) {
    return Arrays.equals(own.shape(), ours.shape())
        ? "by up to %s".formatted(ours.sub(own).amaxNumber())
        : "shapes %s and %s".formatted(Arrays.toString(ours.shape()), Arrays.toString(own.shape()));
  }

  private static boolean differ(INDArray ours, INDArray own) {
    double scale = own.amaxNumber().doubleValue();
    double difference = ours.sub(own).amaxNumber().doubleValue();
    return difference > SAME * scale || Double.isNaN(difference) != Double.isNaN(scale);
  }

  /** Does nothing: memory of ND4J is freed by the garbage collector. */
  @Override
  public void close() {}
}
