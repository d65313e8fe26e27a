package org.palimpsest.io.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.ActivationSource.CapturedBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.internal.tensor.SteadyShapes;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.LayerMatrices.MatrixBatch;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.io.internal.capture.MatrixBatches;
import org.palimpsest.io.internal.torchscript.LayerNames;

/** Which layers a run records, and which dimension of each is the probes'. */
final class LayerPlan {

  private final LayerNames names;
  private final LayerSelector selector;
  private final CaptureMessages messages;
  private final Consumer<String> notes;
  private final List<String> leftOut = new ArrayList<>();
  private final Map<String, SampleAxis> axes = new LinkedHashMap<>();

  /**
   * @throws org.palimpsest.core.PalimpsestException if a layer is asked for that is not there, or
   *     by name one that has no dimension of the probes'
   */
  LayerPlan(
      LayerNames names,
      Trial trial,
      LayerSelector selector,
      CaptureMessages messages,
      Consumer<String> notes) {
    this.names = names;
    this.selector = selector;
    this.messages = messages;
    this.notes = notes;
    for (String name : trial.shapes().keySet()) {
      if (trial.axis(name).isPossible()) {
        axes.put(name, trial.axis(name));
      } else if (selector.selects(layer(name))) {
        leaveOut(name, trial.shapes().get(name), trial.size());
      }
    }
    Set<String> chosen =
        Set.copyOf(selector.select(axes.keySet().stream().map(this::layer).toList()));
    axes.keySet().removeIf(name -> !chosen.contains(layer(name)));
  }

  /** Records no others than these layers. */
  void keepOnly(Predicate<String> some) {
    axes.keySet().removeIf(name -> !some.test(layer(name)));
  }

  /** The recorded names of the layers to record. */
  Set<String> wanted() {
    return axes.keySet();
  }

  String layer(String name) {
    return names.layer(name);
  }

  SampleAxis axis(String name) {
    return axes.getOrDefault(name, SampleAxis.NONE);
  }

  /**
   * Holds a batch's shapes against what is known; the first batch, being of another size than the
   * trial, still may show that a layer has no dimension of the probes'.
   */
  void check(Recording recording, long from, long to) {
    Map<String, long[]> shapes = new HashMap<>();
    for (int i = 0; i < recording.names().size(); i++) {
      shapes.put(recording.names().get(i), recording.shapes().get(i));
    }
    for (String name : List.copyOf(wanted())) {
      long[] shape = shapes.get(name);
      if (shape == null) {
        throw messages.notAlwaysRun(layer(name), from, to);
      }
      SampleAxis axis = axis(name).and(SampleAxis.among(shape, to - from));
      if (axis.isKnown()) {
        noteIfMoved(name, axis, from);
        axes.put(name, from == 0 ? axis : axis(name));
      } else if (from == 0) {
        leaveOut(name, shape, to - from);
        axes.remove(name);
      } else {
        throw messages.noSamples(layer(name), shape, to - from);
      }
    }
    if (axes.isEmpty()) {
      throw messages.nothingToCapture(leftOut);
    }
  }

  /**
   * Leaves out layers whose rows are not the probes'.
   *
   * @throws org.palimpsest.core.PalimpsestException if one is asked for by name, or none is left
   */
  void leaveOutMixed(List<String> mixed) {
    for (String name : mixed) {
      if (selector.isNamed(layer(name))) {
        throw messages.mixed(layer(name));
      }
      leftOut.add("'%s' mixes the probes that are shown together".formatted(layer(name)));
      axes.remove(name);
    }
    notes.accept(messages.leftOutMixed(mixed.stream().map(this::layer).toList()));
    if (axes.isEmpty()) {
      throw messages.nothingToCapture(leftOut);
    }
  }

  private void noteIfMoved(String name, SampleAxis axis, long from) {
    if (from == 0 && !axis.isFirst()) {
      notes.accept(
          "layer '%s' has its samples in dimension %s: moved to the front"
              .formatted(layer(name), axis));
    }
  }

  private void leaveOut(String name, long[] shape, long size) {
    if (selector.isNamed(layer(name))) {
      throw messages.noSamples(layer(name), shape, size);
    }
    leftOut.add(messages.answer(layer(name), shape, size));
    notes.accept(messages.leftOut(layer(name), shape, size));
  }

  /** What is recorded of a batch, and what becomes of it. */
  interface Capture<B extends CapturedBatch> {

    Recorded recorded(long from, long size, NDManager manager);

    B take(Recording recording, long from, long size);
  }

  /** Copies of whole layers. */
  record WholeLayers(LayerPlan plan) implements Capture<ActivationBatch> {

    @Override
    public Recorded recorded(long from, long size, NDManager manager) {
      return Recorded.whole(List.copyOf(plan.wanted()));
    }

    @Override
    public ActivationBatch take(Recording recording, long from, long size) {
      Map<String, INDArray> answers = new LinkedHashMap<>();
      for (int i = 0; i < recording.names().size(); i++) {
        String name = recording.names().get(i);
        if (plan.wanted().contains(name)) {
          String layer = plan.layer(name);
          INDArray values = Tensors.toNd4j(layer, recording.tensors().get(i));
          answers.put(layer, plan.axis(name).first(values));
        }
      }
      return new ActivationBatch(from, answers);
    }
  }

  /** Layers whose matrices the recorder makes, but for those of an unusual shape. */
  static final class Matrices implements Capture<MatrixBatch> {

    private static final int FEATURE_MAPS = 4;

    private final LayerPlan plan;
    private final MatrixRequest request;
    private final Looks looks;
    private final SteadyShapes shapes = new SteadyShapes();

    Matrices(LayerPlan plan, MatrixRequest request, Looks looks) {
      this.plan = plan;
      this.request = request;
      this.looks = looks;
      looks.trial().shapes().forEach((name, shape) -> shapes.require(plan.layer(name), shape, 0));
    }

    private boolean isMadeInside(String name) {
      return shape(name).length >= FEATURE_MAPS && looks.axis(name).isFirst();
    }

    private long[] shape(String name) {
      return looks.trial().shapes().getOrDefault(name, new long[0]);
    }

    @Override
    public Recorded recorded(long from, long size, NDManager manager) {
      Recorded.Builder recorded = new Recorded.Builder(request, from, size, manager);
      for (String name : plan.wanted()) {
        if (isMadeInside(name)) {
          recorded.reduce(name, plan.layer(name), shape(name));
        } else {
          recorded.copy(name);
        }
      }
      return recorded.build();
    }

    @Override
    public MatrixBatch take(Recording recording, long from, long size) {
      MatrixBatches batch = new MatrixBatches(request, shapes, from);
      for (int i = 0; i < recording.names().size(); i++) {
        String name = recording.names().get(i);
        if (plan.wanted().contains(name)) {
          take(name, recording.shapes().get(i), recording.tensors().get(i), from, batch);
        }
      }
      return batch.batch(size);
    }

    private void take(String name, long[] shape, NDArray made, long from, MatrixBatches batch) {
      String layer = plan.layer(name);
      if (!isMadeInside(name)) {
        batch.reduce(layer, plan.axis(name).first(Tensors.toNd4j(layer, made)));
        return;
      }
      shapes.require(layer, shape, Math.max(1, from));
      if (made.getShape().dimension() == 1) {
        double[] flaw = made.toDoubleArray();
        batch.flaw(layer, shape, (long) flaw[0], flaw[1]);
        return;
      }
      batch.add(parts(layer, Tensors.toNd4j(layer, made)));
    }

    /** Cuts what was joined: probes × rows on one grid after the other × channels. */
    private Map<MatrixRequest.Target, INDArray> parts(String layer, INDArray joined) {
      Map<MatrixRequest.Target, INDArray> parts = new LinkedHashMap<>();
      long probes = joined.size(0);
      long channels = joined.size(2);
      long from = 0;
      for (Grid grid : request.gridsOf(layer)) {
        long rows = request.rowsPerProbe(grid);
        INDArray part =
            joined.get(
                NDArrayIndex.all(), NDArrayIndex.interval(from, from + rows), NDArrayIndex.all());
        parts.put(
            new MatrixRequest.Target(layer, grid),
            part.dup('c').reshape('c', probes * rows, channels));
        from += rows;
      }
      joined.close();
      return parts;
    }
  }

  /**
   * What looks at some probes told.
   *
   * @param whole the fingerprint of the probes that these are a part of
   * @param shape of the probes
   * @param trial the first look
   * @param other one at another number of probes, if it was taken; the first, if that tells all
   */
  record Looks(Fingerprint whole, long[] shape, Trial trial, Optional<Trial> other) {

    static Looks first(Probes probes, Trial trial) {
      return new Looks(probes.wholeFingerprint(), probes.shape(), trial, Optional.empty());
    }

    Looks withOther(Trial look) {
      return new Looks(whole, shape, trial, Optional.of(look));
    }

    /** Whether they were taken at these probes, or at others of the same whole. */
    boolean areOf(Probes probes) {
      long[] shown = probes.shape();
      return whole.isKnown()
          && whole.equals(probes.wholeFingerprint())
          && Arrays.equals(shape, 1, shape.length, shown, 1, shown.length);
    }

    SampleAxis axis(String name) {
      return trial.axis(name).and(other.orElse(trial).axis(name));
    }

    /** Whether they show that a layer answers a probe whatever is beside it. */
    boolean showIndependence(String name) {
      return axis(name).isFirst() && trial.answersLastAs(other.orElse(trial), name);
    }
  }
}
