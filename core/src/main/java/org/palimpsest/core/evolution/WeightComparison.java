package org.palimpsest.core.evolution;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.weights.Weights;

/**
 * Compares the weights of two checkpoints layer by layer, on the same axes as representations: how
 * far filters have moved, how random they still look. {@code WeightComparisons} of the module
 * {@code similarity} has those of the library; one of one's own is passed to {@link
 * EvolutionTracker#withWeights}.
 *
 * <p>Layers go by the names of their modules. Implementations are immutable and safe to use from
 * several threads.
 */
public interface WeightComparison {

  /** Tells it from others, with its parameters. */
  String name();

  /**
   * The views in which it is made. Steps × steps and layers × layers would say little more of
   * weights, at much more cost.
   */
  default Set<Study.View> views() {
    return EnumSet.of(
        Study.View.TO_START,
        Study.View.TO_END,
        Study.View.TO_SOURCE,
        Study.View.TO_NEXT,
        Study.View.FINALS);
  }

  /** The names of its measurements. */
  List<String> measures();

  /** What its measurements are, in the order of their {@linkplain #measures() names}. */
  default List<MeasureFacts> facts() {
    return measures().stream().map(MeasureFacts::unknown).toList();
  }

  /**
   * Those of its measurements that are the same whichever checkpoint is the first. They alone are
   * summed up in groups, where no run is the first.
   */
  default Set<String> symmetricMeasures() {
    return facts().stream()
        .filter(MeasureFacts::symmetric)
        .map(MeasureFacts::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * One measurement of one layer.
   *
   * @param layer the layer's path
   * @param measure one of {@link #measures()}
   */
  record LayerMeasurement(String layer, String measure, Measurement measurement) {}

  /**
   * The measurements of the layers that both have; a layer may lack some.
   *
   * @param a the weights of the first checkpoint
   * @param b those of the second
   * @throws org.palimpsest.core.PalimpsestException if nothing can be compared, such as where no
   *     layer of the same name has the same shape; the study then notes the reason and goes on
   */
  List<LayerMeasurement> compare(Weights a, Weights b);
}
