package org.palimpsest.io.djl;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.ActivationSource.CapturedBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.LayerMatrices.MatrixBatch;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.io.djl.LayerPlan.Looks;
import org.palimpsest.io.djl.ScalarType.InputRange;
import org.palimpsest.io.internal.capture.BatchedRun;
import org.palimpsest.io.internal.capture.Company;
import org.palimpsest.io.internal.graph.Extent;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.torchscript.LayerNames;
import org.palimpsest.io.internal.torchscript.TorchScriptArchive;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/** One showing of probes to a network. */
final class CaptureRun implements AutoCloseable {

  private static final int MOST_LAYERS = 50_000;
  private static final int LEAST_MAPS = 3;
  private static final int MOST_DIVISOR = 64;
  private static final long MOST_TRIED = 1L << 24;
  private static final long FEW_VALUES = 256;
  private static final int PASSES_OF_FEW = 12;

  private final TorchScriptArchive archive;
  private final RunModule module;
  private final LayerNames names;
  private final Probes probes;
  private final BatchedRun batches;
  private final CaptureMessages messages;
  private final AtomicReference<@Nullable Looks> looks;
  private final Neighbours neighbours;
  private final Consumer<String> notes;

  /**
   * @param looks what looks told before, and will tell those that come after
   * @param neighbours likewise, of what depends on the probes that are shown together
   */
  CaptureRun(
      TorchScriptArchive archive,
      RunModule module,
      LayerNames names,
      Probes probes,
      RunLimits limits,
      AtomicReference<@Nullable Looks> looks,
      Neighbours neighbours,
      Consumer<String> notes) {
    this.archive = archive;
    this.module = module;
    this.names = names;
    this.probes = probes;
    this.batches = batches(archive, probes, limits);
    this.messages = new CaptureMessages(archive.file(), probes, archive.takesList());
    this.looks = looks;
    this.neighbours = neighbours;
    this.notes = notes;
  }

  private static BatchedRun batches(TorchScriptArchive archive, Probes probes, RunLimits limits) {
    String name = String.valueOf(archive.file().getFileName());
    if (archive.graph().isEmpty()) {
      return BatchedRun.of(name, limits);
    }
    archive.graph().get().requireFitting(probes.shape());
    Extent samples = archive.graph().get().samples();
    if (!isOfSteps(samples)) {
      int most = (int) Math.min(limits.batchSize(), samples.most());
      return BatchedRun.of(name, limits.withBatchSize(most));
    }
    if (probes.count() % samples.least() != 0) {
      String many = samples.isFixed() ? "exactly" : "multiples of";
      throw new PalimpsestException(
          "'%s' was exported for %s %s probes at once, and %s cannot be shown so. Export it with a dynamic first dimension (dynamic_shapes), or give a multiple of %s."
              .formatted(name, many, samples.least(), probes.count(), samples.least()));
    }
    return BatchedRun.ofFixedSize(name, limits, Math.toIntExact(samples.least()));
  }

  /**
   * Whether it is shown just so many probes at once: those of a file, or the least of multiples.
   */
  private static boolean isOfSteps(Extent samples) {
    return samples.isFixed() || samples.step() > 1;
  }

  /** The shapes of the layers that can be captured, to all probes; takes looks at a few. */
  Map<String, long[]> shapes(LayerSelector selector) {
    Looks known = looks();
    Map<String, long[]> shapes = new LinkedHashMap<>();
    known
        .trial()
        .shapes()
        .forEach(
            (name, shape) -> {
              SampleAxis axis = known.axis(name);
              if (axis.isKnown()) {
                shapes.put(names.layer(name), axis.withSamples(shape, probes.count()));
              }
            });
    Set<String> chosen = Set.copyOf(selector.select(List.copyOf(shapes.keySet())));
    shapes.keySet().retainAll(chosen);
    return shapes;
  }

  /** At as many different numbers of probes as it takes. */
  private Looks looks() {
    Looks known = firstLook();
    if (known.other().isEmpty()) {
      Trial trial = known.trial();
      int otherSize = otherThan(trial.size());
      known = known.withOther(otherSize == trial.size() ? trial : look(otherSize, trial.type()));
      looks.set(known);
    }
    return known;
  }

  private Looks firstLook() {
    Looks known = looks.get();
    boolean holds =
        known != null
            && known.areOf(probes)
            && (known.other().isPresent() || known.trial().size() == trialSize());
    if (known == null || !holds) {
      known = Looks.first(probes, trial());
      looks.set(known);
    }
    noteType(known.trial().type());
    return known;
  }

  /** Another number of probes tells which dimension is theirs, where that is not known. */
  private int otherThan(int size) {
    if (isFixed() || samplesFirst()) {
      return size;
    }
    return size == 1 ? (int) Math.min(2, probes.count()) : 1;
  }

  private boolean samplesFirst() {
    return archive.graph().map(NetworkGraph::samplesFirst).orElse(false);
  }

  private boolean isFixed() {
    return archive.graph().map(graph -> isOfSteps(graph.samples())).orElse(false);
  }

  /** Captures whole activations. */
  void run(LayerSelector selector, Progress progress, Consumer<ActivationBatch> receiver) {
    Trial trial = firstLook().trial();
    LayerPlan plan = new LayerPlan(names, trial, selector, messages, notes);
    run(new LayerPlan.WholeLayers(plan), trial, plan, progress, receiver);
  }

  /** Captures matrices that are made while the network runs. */
  void run(MatrixRequest request, Progress progress, Consumer<MatrixBatch> receiver) {
    Looks known = looks();
    LayerPlan plan = new LayerPlan(names, known.trial(), request.layers(), messages, notes);
    plan.keepOnly(layer -> !request.gridsOf(layer).isEmpty());
    run(new LayerPlan.Matrices(plan, request, known), known.trial(), plan, progress, receiver);
  }

  private <B extends CapturedBatch> void run(
      LayerPlan.Capture<B> capture,
      Trial trial,
      LayerPlan plan,
      Progress progress,
      Consumer<B> receiver) {
    boolean showsFirstAgain = showsFirstAgain(trial, plan, capture);
    List<Long> firstAnswers = new ArrayList<>();
    List<Long> sizes = new ArrayList<>();
    batches.run(
        (batch, from) -> {
          if (from == 0) {
            module.beginAnew();
            sizes.clear();
            firstAnswers.clear();
          }
          long size = batch.size(0);
          sizes.add(size);
          try (NDManager manager = PyTorchRuntime.newManager()) {
            NDArray input = input(batch, trial.type(), manager);
            Recorded recorded = capture.recorded(from, size, manager);
            Recording recording = module.run(input, trial.type(), recorded, manager);
            plan.check(recording, from, from + size);
            if (from == 0 && showsFirstAgain) {
              firstAnswers.addAll(checksums(recording));
            }
            return capture.take(recording, from, size);
          } catch (EngineException failure) {
            throw messages.refusal(failure);
          }
        },
        probes,
        progress,
        receiver);
    if (showsFirstAgain && !answers(sizes.get(0), trial, capture).equals(firstAnswers)) {
      module.tellChanged();
    }
    module.lookBack();
    if (module.changed()) {
      notes.accept(messages.keepsState(sizes));
    }
  }

  /**
   * Judges what chance and other probes do to the values first. Whether the network may change and
   * not tell, so that only the first batch, shown again in the end, tells.
   */
  private boolean showsFirstAgain(Trial trial, LayerPlan plan, LayerPlan.Capture<?> capture) {
    if (drawsRandom(trial, capture)) {
      return false;
    }
    judgeNeighbours(trial, plan, capture);
    return module.mayChangeUnseen();
  }

  /**
   * Leaves out layers whose rows are not the probes', and tells of those whose values depend on
   * which probes are shown together. Graphs of other formats tell that themselves, and where memory
   * is bounded two probes may be more than it holds.
   */
  private void judgeNeighbours(Trial trial, LayerPlan plan, LayerPlan.Capture<?> capture) {
    int size = batches.firstBatch(probes);
    if (archive.graph().isPresent() || size < 2) {
      return;
    }
    if (!neighbours.areKnown(plan.wanted())) {
      judgeFresh(trial, plan, capture);
    }
    List<String> mixed = neighbours.mixed(plan.wanted());
    if (!mixed.isEmpty()) {
      plan.leaveOutMixed(mixed);
    }
    List<String> dependent = neighbours.dependent(plan.wanted());
    if (!dependent.isEmpty()) {
      notes.accept(messages.dependent(dependent.stream().map(names::layer).toList(), size));
    }
  }

  private void judgeFresh(Trial trial, LayerPlan plan, LayerPlan.Capture<?> capture) {
    Looks both = looks();
    neighbours.settle(
        plan.wanted().stream().filter(both::showIndependence).collect(Collectors.toSet()));
    if (!neighbours.areKnown(plan.wanted())) {
      neighbours.judge(
          plan,
          both,
          probes.batch(0, 1),
          Company.ofFirst(probes),
          (two, manager) -> {
            module.beginAnew();
            return batches.whereMemoryLasts(
                two.shape(), () -> answer(two, trial, capture, manager));
          });
    }
  }

  private Recording answer(
      INDArray batch, Trial trial, LayerPlan.Capture<?> capture, NDManager manager) {
    try {
      NDArray input = input(batch, trial.type(), manager);
      Recorded recorded = capture.recorded(0, batch.size(0), manager);
      return module.run(input, trial.type(), recorded, manager);
    } catch (EngineException failure) {
      throw messages.refusal(failure);
    }
  }

  /** Says so if it does. */
  private boolean drawsRandom(Trial trial, LayerPlan.Capture<?> capture) {
    boolean random = archive.mayDrawRandom() && !repeats(trial, capture);
    if (random) {
      notes.accept(messages.random());
    }
    return random;
  }

  /**
   * Whether first passes over the probes of the trial give the same values. Of few values chance
   * drops the same out twice now and then, so that more passes are looked at.
   */
  private boolean repeats(Trial trial, LayerPlan.Capture<?> capture) {
    long size = Math.min(trial.size(), probes.count());
    module.beginAnew();
    List<Long> first = answers(size, trial, capture);
    int passes = probes.batch(0, size).length() < FEW_VALUES ? PASSES_OF_FEW : 1;
    for (int pass = 0; pass < passes; pass++) {
      module.beginAnew();
      if (!answers(size, trial, capture).equals(first)) {
        return false;
      }
    }
    return true;
  }

  /** What the network answers the first probes now, as checksums. */
  private List<Long> answers(long size, Trial trial, LayerPlan.Capture<?> capture) {
    long[] shape = probes.shape().clone();
    shape[0] = size;
    return batches.whereMemoryLasts(
        shape,
        () -> {
          try (NDManager manager = PyTorchRuntime.newManager()) {
            return checksums(answer(probes.batch(0, size), trial, capture, manager));
          }
        });
  }

  private static List<Long> checksums(Recording recording) {
    return recording.tensors().stream()
        .map(
            tensor -> {
              CRC32C sum = new CRC32C();
              sum.update(tensor.toByteBuffer());
              return sum.getValue();
            })
        .toList();
  }

  @Override
  public void close() {
    module.close();
  }

  /** Finds the type that the network wants its input in, and the shapes of its layers. */
  private Trial trial() {
    int size = trialSize();
    boolean whole = InputRange.areIntegers(probes.batch(0, size));
    List<ScalarType> types =
        ScalarType.of(archive.inputType())
            .map(List::of)
            .orElseGet(() -> ScalarType.candidates(archive.storages(), whole));
    List<EngineException> failures = new ArrayList<>();
    for (ScalarType type : types) {
      try {
        return look(size, type);
      } catch (EngineException failure) {
        failures.add(failure);
      }
    }
    EngineException first = failures.get(0);
    throw sizesThatFit(size, types.get(0))
        .map(fitting -> messages.otherSizes(first, fitting.divisor(), fitting.shape()))
        .orElseGet(() -> messages.refusal(first));
  }

  private void noteType(ScalarType type) {
    if (type != ScalarType.FLOAT32) {
      InputRange told =
          archive.graph().map(g -> InputRange.of(g.input().type())).orElse(InputRange.of(type));
      notes.accept("the network takes its input as " + told.type());
    }
  }

  /** Sizes of probes, as a network takes them, that are multiples of one number. */
  private record Fitting(int divisor, List<Long> shape) {}

  /** Tries larger sizes: most networks that refuse some halve them several times. */
  private Optional<Fitting> sizesThatFit(int size, ScalarType type) {
    long[] shape = probes.shape().clone();
    for (int divisor = 2; shape.length >= LEAST_MAPS && divisor <= MOST_DIVISOR; divisor *= 2) {
      long[] larger = shape.clone();
      larger[0] = size;
      for (int axis = 2; axis < shape.length; axis++) {
        larger[axis] = (shape[axis] + divisor - 1) / divisor * divisor;
      }
      boolean fresh = !Arrays.equals(larger, 2, larger.length, shape, 2, shape.length);
      if (fresh && Arrays.stream(larger).reduce(1, (a, b) -> a * b) <= MOST_TRIED) {
        try (NDManager manager = PyTorchRuntime.newManager()) {
          NDArray zeros = input(Nd4j.zeros(DataType.FLOAT, larger), type, manager);
          module.discover(zeros, type, manager);
          return Optional.of(new Fitting(divisor, Arrays.stream(larger).skip(1).boxed().toList()));
        } catch (EngineException refusedAgain) {
          continue;
        }
      }
    }
    return Optional.empty();
  }

  /**
   * A number of probes for a first look that differs from the first batch's if that is possible: a
   * dimension that follows both is the probes'. Where it is known which is, the fewest.
   */
  private int trialSize() {
    if (isFixed() || samplesFirst()) {
      return batches.least();
    }
    return batches.firstBatch(probes) == 2 ? 1 : (int) Math.min(2, probes.count());
  }

  private Trial look(int size, ScalarType type) {
    long[] shape = probes.shape().clone();
    shape[0] = size;
    return batches.whereMemoryLasts(shape, () -> trial(size, type));
  }

  private Trial trial(int size, ScalarType type) {
    try (NDManager manager = PyTorchRuntime.newManager()) {
      Recording recording = module.discover(input(few(size), type, manager), type, manager);
      requireDistinct(recording.names());
      return Trial.of(size, type, recording);
    }
  }

  /** Of two, the first probe is the last, so that running sums over probes show too. */
  private INDArray few(int size) {
    return size == 2 && archive.graph().isEmpty()
        ? Nd4j.concat(0, Company.ofFirst(probes), probes.batch(0, 1))
        : probes.batch(0, size);
  }

  /** A module may be called {@code a#2}, as the second call of another is. */
  private void requireDistinct(List<String> recorded) {
    if (recorded.size() > MOST_LAYERS) {
      throw messages.tooMany(recorded.size(), MOST_LAYERS);
    }
    Set<String> layers = new HashSet<>();
    for (String name : recorded) {
      if (!layers.add(names.layer(name))) {
        throw messages.twice(names.layer(name));
      }
    }
  }

  private NDArray input(INDArray batch, ScalarType type, NDManager manager) {
    archive
        .graph()
        .map(graph -> InputRange.of(graph.input().type()))
        .orElseGet(() -> InputRange.of(type))
        .require(archive.file(), batch);
    boolean wide = TensorReader.readableType(batch.dataType()) == DataType.DOUBLE;
    return Tensors.toDjl(
        manager,
        batch,
        wide ? ai.djl.ndarray.types.DataType.FLOAT64 : ai.djl.ndarray.types.DataType.FLOAT32);
  }
}
