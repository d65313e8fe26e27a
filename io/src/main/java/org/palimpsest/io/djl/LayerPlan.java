package org.palimpsest.io.djl;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.palimpsest.core.activation.LayerSelector;
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
}
