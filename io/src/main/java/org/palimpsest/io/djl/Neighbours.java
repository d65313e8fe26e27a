package org.palimpsest.io.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.io.djl.LayerPlan.Looks;
import org.palimpsest.io.internal.capture.Answers;

/**
 * Whether what layers answer a probe depends on the probe that is shown beside it. Where looks at
 * one and at two probes do not settle it, the first probe tells: beside another that differs,
 * before and behind it, and beside itself; and the other one without it.
 */
final class Neighbours {

  /** How a layer's row for a probe depends on the other probes. */
  private enum Dependence {
    NONE,
    /** Its values do, and the row is the probe's. */
    VALUES,
    /** It is not the row of one probe. */
    ROWS
  }

  /** Shows the network two probes. */
  @FunctionalInterface
  interface Showing {
    Recording run(INDArray two, NDManager manager);
  }

  private final Map<String, Dependence> known = new ConcurrentHashMap<>();

  /** Takes layers that were not judged before to depend on no neighbours. */
  void settle(Set<String> independent) {
    independent.forEach(name -> known.putIfAbsent(name, Dependence.NONE));
  }

  boolean areKnown(Set<String> names) {
    return known.keySet().containsAll(names);
  }

  /**
   * Judges the layers of a plan that were not judged before.
   *
   * @param looks which tell what dimension is the probes'
   * @param probe a batch of one
   * @param other another, which differs
   */
  void judge(LayerPlan plan, Looks looks, INDArray probe, INDArray other, Showing showing) {
    Set<String> fresh = new TreeSet<>(plan.wanted());
    fresh.removeAll(known.keySet());
    Asking asking = new Asking(plan, looks, showing);
    Map<String, INDArray> beside = asking.row(fresh, 0, probe, other);
    Map<String, INDArray> alone = asking.row(fresh, 0, probe, probe);
    Map<String, INDArray> last = asking.row(fresh, 1, other, probe);
    fresh.forEach(name -> known.put(name, Dependence.NONE));
    beside
        .keySet()
        .removeIf(
            name ->
                same(beside.get(name), alone.get(name)) && same(beside.get(name), last.get(name)));
    if (beside.isEmpty()) {
      return;
    }
    Map<String, INDArray> without = asking.row(beside.keySet(), 0, other, other);
    beside.forEach(
        (name, row) -> {
          boolean ofProbe = same(row, last.get(name)) && !isThere(row, without.get(name));
          known.put(name, ofProbe ? Dependence.VALUES : Dependence.ROWS);
        });
  }

  /** The layers whose values depend on what is shown beside a probe. */
  List<String> dependent(Set<String> names) {
    return names.stream().filter(name -> known.get(name) == Dependence.VALUES).toList();
  }

  /** The layers whose rows are not the probes'. */
  List<String> mixed(Set<String> names) {
    return names.stream().filter(name -> known.get(name) == Dependence.ROWS).toList();
  }

  /** Shows two probes, and picks the row of one of them from each layer. */
  private record Asking(LayerPlan plan, Looks looks, Showing showing) {

    Map<String, INDArray> row(Set<String> names, int place, INDArray first, INDArray second) {
      Map<String, INDArray> rows = new HashMap<>();
      try (NDManager manager = PyTorchRuntime.newManager()) {
        Recording recording = showing.run(Nd4j.concat(0, first, second), manager);
        for (int i = 0; i < recording.names().size(); i++) {
          String name = recording.names().get(i);
          if (names.contains(name)) {
            NDArray made = recording.tensors().get(i);
            SampleAxis axis = axis(name, made.getShape().getShape(), recording.shapes().get(i));
            if (axis.isKnown()) {
              INDArray values = axis.first(Tensors.toNd4j(plan.layer(name), made));
              rows.put(name, values.get(NDArrayIndex.interval(place, place + 1)).dup('c'));
            }
          }
        }
      }
      return rows;
    }

    private SampleAxis axis(String name, long[] made, long[] shape) {
      return Arrays.equals(made, shape)
          ? looks.axis(name).and(SampleAxis.among(shape, 2))
          : SampleAxis.among(made, 2);
    }
  }

  /** Whether they are; a row that is not there says nothing. */
  private static boolean same(INDArray one, @Nullable INDArray other) {
    return other == null || Answers.areSame(one, other);
  }

  /** Whether a row stands where the probe was not shown. */
  private static boolean isThere(INDArray row, @Nullable INDArray other) {
    return other != null && Answers.areSame(row, other);
  }
}
