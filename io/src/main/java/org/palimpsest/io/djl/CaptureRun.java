package org.palimpsest.io.djl;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.io.capture.BatchedRun;
import org.palimpsest.io.capture.RunLimits;
import org.palimpsest.io.graph.Extent;
import org.palimpsest.io.torchscript.LayerNames;
import org.palimpsest.io.torchscript.TorchScriptArchive;

/** One showing of probes to a network. */
final class CaptureRun implements AutoCloseable {

  private final TorchScriptArchive archive;
  private final RunModule module;
  private final LayerNames names;
  private final Probes probes;
  private final BatchedRun batches;
  private final CaptureMessages messages;
  private final Consumer<String> notes;

  CaptureRun(
      TorchScriptArchive archive,
      RunModule module,
      LayerNames names,
      Probes probes,
      RunLimits limits,
      Consumer<String> notes) {
    this.archive = archive;
    this.module = module;
    this.names = names;
    this.probes = probes;
    this.batches = batches(archive, probes, limits);
    this.messages = new CaptureMessages(archive.file(), probes);
    this.notes = notes;
  }

  private static BatchedRun batches(TorchScriptArchive archive, Probes probes, RunLimits limits) {
    String name = String.valueOf(archive.file().getFileName());
    if (archive.graph().isEmpty()) {
      return BatchedRun.of(name, limits);
    }
    archive.graph().get().requireFitting(probes.shape());
    Extent samples = archive.graph().get().samples();
    if (!samples.isFixed()) {
      int most = (int) Math.min(limits.batchSize(), samples.most());
      return BatchedRun.of(name, limits.withBatchSize(most));
    }
    if (probes.count() % samples.least() != 0) {
      throw new PalimpsestException(
          "'%s' was exported for exactly %d probes at once, and %d cannot be shown so. Export it with a dynamic first dimension (dynamic_shapes), or give a multiple of %d."
              .formatted(name, samples.least(), probes.count(), samples.least()));
    }
    return BatchedRun.ofFixedSize(name, limits, Math.toIntExact(samples.least()));
  }

  /** The layers that can be captured; takes two looks at a few probes. */
  List<String> layers() {
    Trial trial = trial();
    int otherSize = isFixed() ? trial.size() : otherThan(trial.size());
    Trial other = look(otherSize, trial.type());
    List<String> layers = new ArrayList<>();
    for (String name : trial.shapes().keySet()) {
      if (trial.axis(name).and(other.axis(name)).isKnown()) {
        layers.add(names.layer(name));
      }
    }
    return layers;
  }

  private int otherThan(int size) {
    return size == 1 ? (int) Math.min(2, probes.count()) : 1;
  }

  private boolean isFixed() {
    return archive.graph().map(graph -> graph.samples().isFixed()).orElse(false);
  }

  void run(LayerSelector selector, Progress progress, Consumer<ActivationBatch> receiver) {
    Trial trial = trial();
    LayerPlan plan = new LayerPlan(names, trial, selector, messages, notes);
    if (archive.mayDrawRandom() && !repeats(trial.type(), plan)) {
      notes.accept(messages.random());
    }
    List<Long> sizes = new ArrayList<>();
    batches.run(
        (batch, from) -> {
          if (from == 0) {
            module.beginAnew();
            sizes.clear();
          }
          sizes.add(batch.size(0));
          return answers(batch, from, trial.type(), plan);
        },
        probes,
        progress,
        receiver);
    if (module.changed()) {
      notes.accept(messages.keepsState(sizes));
    }
  }

  /** Whether two first passes over one probe give the same values. */
  private boolean repeats(ScalarType type, LayerPlan plan) {
    try (NDManager manager = PyTorchRuntime.newManager()) {
      List<byte[]> first = firstPass(type, plan, manager);
      List<byte[]> second = firstPass(type, plan, manager);
      boolean same = first.size() == second.size();
      for (int i = 0; same && i < first.size(); i++) {
        same = Arrays.equals(first.get(i), second.get(i));
      }
      return same;
    } catch (EngineException failure) {
      throw messages.refusal(failure);
    }
  }

  private List<byte[]> firstPass(ScalarType type, LayerPlan plan, NDManager manager) {
    module.beginAnew();
    NDArray one = input(probes.batch(0, 1), manager);
    return module.run(one, type, plan.wanted(), manager).tensors().stream()
        .map(NDArray::toByteBuffer)
        .map(
            values -> {
              byte[] bytes = new byte[values.remaining()];
              values.get(bytes);
              return bytes;
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
    boolean whole = WholeNumbers.isAllOf(probes.batch(0, size));
    List<ScalarType> types =
        ScalarType.of(archive.inputType())
            .map(List::of)
            .orElseGet(() -> ScalarType.candidates(archive.storages(), whole));
    List<EngineException> failures = new ArrayList<>();
    for (ScalarType type : types) {
      try {
        Trial trial = look(size, type);
        if (type != ScalarType.FLOAT32) {
          notes.accept("the network takes its input as " + type.name().toLowerCase(Locale.ROOT));
        }
        return trial;
      } catch (EngineException failure) {
        failures.add(failure);
      }
    }
    throw messages.refusal(failures.get(0));
  }

  /**
   * A number of probes for a first look that differs from the first batch's if that is possible: a
   * dimension that follows both is the probes'.
   */
  private int trialSize() {
    if (isFixed()) {
      return batches.least();
    }
    return batches.firstBatch(probes) == 2 ? 1 : (int) Math.min(2, probes.count());
  }

  private Trial look(int size, ScalarType type) {
    try (NDManager manager = PyTorchRuntime.newManager()) {
      NDArray few = input(probes.batch(0, size), manager);
      return Trial.of(size, type, module.discover(few, type, manager));
    }
  }

  private Map<String, INDArray> answers(
      INDArray batch, long from, ScalarType type, LayerPlan plan) {
    try (NDManager manager = PyTorchRuntime.newManager()) {
      NDArray input = input(batch, manager);
      Recording recording = module.run(input, type, plan.wanted(), manager);
      plan.check(recording, from, from + batch.size(0));
      Map<String, INDArray> answers = new LinkedHashMap<>();
      for (int i = 0; i < recording.names().size(); i++) {
        String name = recording.names().get(i);
        if (plan.wanted().contains(name)) {
          String layer = plan.layer(name);
          INDArray values = Tensors.toNd4j(layer, recording.tensors().get(i));
          answers.put(layer, plan.axis(name).first(values));
        }
      }
      return answers;
    } catch (EngineException failure) {
      throw messages.refusal(failure);
    }
  }

  private NDArray input(INDArray batch, NDManager manager) {
    boolean integer =
        archive.graph().map(graph -> !graph.input().type().isFloating()).orElse(false);
    if (integer && !WholeNumbers.isAllOf(batch)) {
      throw new PalimpsestException(
          "%s takes integers; these probes are not.".formatted(archive.file()));
    }
    boolean wide = TensorReader.readableType(batch.dataType()) == DataType.DOUBLE;
    return Tensors.toDjl(
        manager,
        batch,
        wide ? ai.djl.ndarray.types.DataType.FLOAT64 : ai.djl.ndarray.types.DataType.FLOAT32);
  }
}
