package org.palimpsest.io.djl;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.torchscript.LayerNames;
import org.palimpsest.io.torchscript.TorchScriptArchive;

/** One showing of probes to a network. */
final class CaptureRun {

  private final TorchScriptArchive archive;
  private final RecordingModule module;
  private final LayerNames layerNames;
  private final Probes probes;
  private final Batches batches;
  private final Consumer<String> notes;

  CaptureRun(
      TorchScriptArchive archive,
      RecordingModule module,
      Probes probes,
      int batchSize,
      Consumer<String> notes) {
    this.archive = archive;
    this.module = module;
    this.layerNames = module.copy().layerNames();
    this.probes = probes;
    this.batches = new Batches(probes.count(), batchSize);
    this.notes = notes;
  }

  List<String> layers() {
    Trial trial = trial();
    List<String> found = new ArrayList<>();
    trial
        .shapes()
        .forEach(
            (name, shape) -> {
              if (follows(shape, batches.trialSize())) {
                found.add(layerNames.layer(name));
              }
            });
    return found;
  }

  void run(LayerSelector selector, Progress progress, Consumer<ActivationBatch> receiver) {
    Trial trial = trial();
    Map<String, String> wanted = choose(trial, selector);
    try (Progress.Task task =
        progress.begin("Capturing " + archive.file().getFileName(), probes.count())) {
      for (long i = 0; i < batches.count(); i++) {
        long from = batches.start(i);
        long to = batches.start(i + 1);
        Map<String, INDArray> answers = answers(from, to, trial.type(), wanted, selector);
        receiver.accept(new ActivationBatch(from, answers));
        task.advance(to - from);
      }
    }
  }

  /** What a look at one or two probes told: the input's type, and the shape of every layer. */
  private record Trial(ScalarType type, Map<String, long[]> shapes) {}

  private Trial trial() {
    INDArray few = probes.batch(0, batches.trialSize());
    List<ScalarType> types = ScalarType.candidates(archive.storages(), WholeNumbers.isAllOf(few));
    List<EngineException> failures = new ArrayList<>();
    for (ScalarType type : types) {
      try (NDManager manager = PyTorchRuntime.newManager()) {
        Recording recording = module.discover(TensorExchange.toDjl(few, manager), type, manager);
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (int i = 0; i < recording.names().size(); i++) {
          shapes.put(recording.names().get(i), recording.shapes().get(i));
        }
        if (type != ScalarType.FLOAT32) {
          notes.accept(
              "the network takes its input as " + type.name().toLowerCase(java.util.Locale.ROOT));
        }
        return new Trial(type, shapes);
      } catch (EngineException failure) {
        failures.add(failure);
      }
    }
    throw refusal(failures.get(0));
  }

  /** The layers to record: recorded names to layers' names. */
  private Map<String, String> choose(Trial trial, LayerSelector selector) {
    Map<String, String> usable = new LinkedHashMap<>();
    trial
        .shapes()
        .forEach(
            (name, shape) -> {
              String layer = layerNames.layer(name);
              if (follows(shape, batches.trialSize())) {
                usable.put(name, layer);
              } else {
                leaveOut(layer, shape, batches.trialSize(), selector);
              }
            });
    Set<String> chosen = new LinkedHashSet<>(selector.select(List.copyOf(usable.values())));
    usable.values().retainAll(chosen);
    return usable;
  }

  private Map<String, INDArray> answers(
      long from, long to, ScalarType type, Map<String, String> wanted, LayerSelector selector) {
    try (NDManager manager = PyTorchRuntime.newManager()) {
      NDArray input = TensorExchange.toDjl(probes.batch(from, to), manager);
      Recording recording = module.run(input, type, wanted.keySet(), manager);
      requireAll(recording, wanted, from, to);
      Map<String, INDArray> answers = new LinkedHashMap<>();
      for (int i = 0; i < recording.names().size(); i++) {
        String name = recording.names().get(i);
        String layer = layerNames.layer(name);
        long[] shape = recording.shapes().get(i);
        if (follows(shape, to - from)) {
          answers.put(layer, TensorExchange.toNd4j(layer, recording.tensors().get(i)));
        } else if (from == 0) {
          leaveOut(layer, shape, to - from, selector);
          wanted.remove(name);
        } else {
          throw notProbesFirst(layer, shape, to - from);
        }
      }
      return answers;
    } catch (EngineException failure) {
      throw refusal(failure);
    }
  }

  private void requireAll(Recording recording, Map<String, String> wanted, long from, long to) {
    for (Map.Entry<String, String> layer : wanted.entrySet()) {
      if (!recording.names().contains(layer.getKey())) {
        throw new PalimpsestException(
            ("%s runs its layer '%s' for some probes only, not for those from %d to %d. Name the"
                    + " layers that you want and leave this one out.")
                .formatted(archive.file(), layer.getValue(), from, to - 1));
      }
    }
  }

  private static boolean follows(long[] shape, long size) {
    return shape.length > 0
        && shape[0] == size
        && Arrays.stream(shape).allMatch(extent -> extent > 0);
  }

  private void leaveOut(String layer, long[] shape, long size, LayerSelector selector) {
    if (selector.isNamed(layer)) {
      throw notProbesFirst(layer, shape, size);
    }
    notes.accept(
        "left out layer '%s': it answers %d probes with the shape %s, whose first dimension is not"
                .formatted(layer, size, Arrays.toString(shape))
            + " the probes'");
  }

  private PalimpsestException notProbesFirst(String layer, long[] shape, long size) {
    return new PalimpsestException(
        ("Layer '%s' of %s answers %d probes with the shape %s: its first dimension is not the"
                + " probes', so it cannot be captured. Choose other layers.")
            .formatted(layer, archive.file(), size, Arrays.toString(shape)));
  }

  private PalimpsestException refusal(EngineException failure) {
    return new PalimpsestException(
        "%s cannot take the probes of shape %s: %s"
            .formatted(archive.file(), Arrays.toString(probes.shape()), NativeMessage.of(failure)),
        failure);
  }
}
