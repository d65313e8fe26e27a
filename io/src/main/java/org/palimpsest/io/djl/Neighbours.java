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
import org.palimpsest.io.internal.capture.Answers;

/**
 * Whether what layers answer a probe depends on the probe that is shown beside it. The first two
 * probes tell: the first of them, beside the second and beside itself, and then as the last of two.
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

  /** How many networks there are up to this one that differ in their weights alone. */
  private final int place;

  Neighbours() {
    this(1);
  }

  private Neighbours(int place) {
    this.place = place;
  }

  /**
   * What is known of another network with the same code. Weights can hide that values depend on
   * others, as a factor of zero at the start of a training does: the second, the fourth, the eighth
   * and so on are looked at again, and all as long as some depend.
   *
   * @param mayFollowValues whether the code decides by values, so that other numbers may make
   *     another network of it; then all are looked at
   */
  Neighbours ofSibling(boolean mayFollowValues) {
    Neighbours sibling = new Neighbours(place + 1);
    boolean isTurn = mayFollowValues || Integer.bitCount(sibling.place) == 1;
    if (!isTurn && known.values().stream().allMatch(Dependence.NONE::equals)) {
      sibling.known.putAll(known);
    }
    return sibling;
  }

  /** Judges the layers of a plan that were not judged before. */
  void judge(LayerPlan plan, INDArray two, Showing showing) {
    Set<String> fresh = new TreeSet<>(plan.wanted());
    fresh.removeAll(known.keySet());
    if (fresh.isEmpty()) {
      return;
    }
    INDArray first = two.get(NDArrayIndex.interval(0, 1));
    INDArray second = two.get(NDArrayIndex.interval(1, 2));
    Map<String, INDArray> beside = rows(plan, fresh, two, 0, showing);
    Map<String, INDArray> alone = rows(plan, fresh, Nd4j.concat(0, first, first), 0, showing);
    fresh.forEach(name -> known.put(name, Dependence.NONE));
    beside.keySet().removeIf(name -> same(beside.get(name), alone.get(name)));
    if (beside.isEmpty()) {
      return;
    }
    Map<String, INDArray> last =
        rows(plan, beside.keySet(), Nd4j.concat(0, second, first), 1, showing);
    beside.forEach(
        (name, row) ->
            known.put(name, same(row, last.get(name)) ? Dependence.VALUES : Dependence.ROWS));
  }

  /** The layers whose values depend on what is shown beside a probe. */
  List<String> dependent(Set<String> names) {
    return names.stream().filter(name -> known.get(name) == Dependence.VALUES).toList();
  }

  /** The layers whose rows are not the probes'. */
  List<String> mixed(Set<String> names) {
    return names.stream().filter(name -> known.get(name) == Dependence.ROWS).toList();
  }

  private static Map<String, INDArray> rows(
      LayerPlan plan, Set<String> names, INDArray two, int place, Showing showing) {
    Map<String, INDArray> rows = new HashMap<>();
    try (NDManager manager = PyTorchRuntime.newManager()) {
      Recording recording = showing.run(two, manager);
      for (int i = 0; i < recording.names().size(); i++) {
        String name = recording.names().get(i);
        if (names.contains(name)) {
          NDArray made = recording.tensors().get(i);
          boolean whole = Arrays.equals(made.getShape().getShape(), recording.shapes().get(i));
          SampleAxis axis =
              whole
                  ? plan.axis(name).and(SampleAxis.among(recording.shapes().get(i), 2))
                  : SampleAxis.among(made.getShape().getShape(), 2);
          if (axis.isKnown()) {
            INDArray values = axis.first(Tensors.toNd4j(plan.layer(name), made));
            rows.put(name, values.get(NDArrayIndex.interval(place, place + 1)).dup('c'));
          }
        }
      }
    }
    return rows;
  }

  /** Whether they are; a row that is not there says nothing. */
  private static boolean same(INDArray one, @Nullable INDArray other) {
    return other == null || Answers.areSame(one, other);
  }
}
