package org.palimpsest.io.onnx;

import ai.onnxruntime.OnnxTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.internal.text.Names;

/**
 * Shows a network the same probes in another order and with other neighbours. An answer of as many
 * rows as there are probes need not have one for each: it may be turned round, or each row may tell
 * of all probes.
 */
final class NeighbourTrial {

  /** More than rounding or another kernel of the runtime makes of a difference. */
  private static final double SAME = 1e-3;

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
   * Judges values that were not judged before; a single probe has no neighbours, and tells nothing.
   *
   * @param layers the values that are wanted, by layer
   */
  void judge(ExposedSession session, INDArray batch, Map<String, String> layers) {
    Map<String, String> fresh = new HashMap<>(layers);
    fresh.values().removeAll(judged);
    if (batch.size(0) < FEW || fresh.isEmpty()) {
      return;
    }
    long count = session.isOfFixedSize() ? batch.size(0) : FEW;
    INDArray few = rows(batch, 0, count);
    Set<String> values = Set.copyOf(fresh.values());
    Map<String, INDArray> plain = run(session, few, values);
    Map<String, INDArray> turned = run(session, reversed(few), values);
    Map<String, INDArray> alike = run(session, firstRepeated(few), values);
    fresh.forEach(
        (layer, value) ->
            judge(layer, value, plain.get(value), turned.get(value), alike.get(value)));
    judged.addAll(values);
  }

  private void judge(
      String layer,
      String value,
      @Nullable INDArray plain,
      @Nullable INDArray turned,
      @Nullable INDArray alike) {
    if (plain == null || turned == null || alike == null) {
      leftOut.add(value);
    } else if (!same(plain, reversed(turned))) {
      leftOut.add(value);
      mixed.add(layer);
    } else if (!same(rows(plain, 0, 1), rows(alike, 0, 1))) {
      dependent.add(layer);
    }
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
      ExposedSession session, INDArray batch, Set<String> values) {
    Map<String, OnnxTensor> answers = session.run(batch, values);
    Map<String, INDArray> copies = new HashMap<>();
    try {
      answers.forEach(
          (value, tensor) -> {
            if (OnnxTensors.hasRows(tensor, batch.size(0))) {
              copies.put(value, OnnxTensors.toNd4j(value, tensor));
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

  private static INDArray reversed(INDArray tensor) {
    INDArray[] rows = new INDArray[(int) tensor.size(0)];
    for (int i = 0; i < rows.length; i++) {
      long from = rows.length - 1L - i;
      rows[i] = rows(tensor, from, from + 1);
    }
    return Nd4j.concat(0, rows);
  }

  private static INDArray firstRepeated(INDArray tensor) {
    INDArray[] rows = new INDArray[(int) tensor.size(0)];
    Arrays.fill(rows, rows(tensor, 0, 1));
    return Nd4j.concat(0, rows);
  }

  private static boolean same(INDArray one, INDArray other) {
    if (!Arrays.equals(one.shape(), other.shape())) {
      return false;
    }
    double[] a = one.castTo(DataType.DOUBLE).dup('c').data().asDouble();
    double[] b = other.castTo(DataType.DOUBLE).dup('c').data().asDouble();
    double scale = 0;
    double difference = 0;
    for (int i = 0; i < a.length; i++) {
      if (Double.isFinite(a[i]) && Double.isFinite(b[i])) {
        scale = Math.max(scale, Math.abs(a[i]));
        difference = Math.max(difference, Math.abs(a[i] - b[i]));
      } else if (Double.compare(a[i], b[i]) != 0) {
        return false;
      }
    }
    return difference <= SAME * scale;
  }
}
