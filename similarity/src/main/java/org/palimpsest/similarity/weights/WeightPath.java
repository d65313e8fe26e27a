package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;

/**
 * Follows the weights along a run: the distance travelled from checkpoint to checkpoint beside the
 * distance from start to end.
 *
 * <p>Checkpoints are taken one at a time; the first and the previous one stay in memory. What
 * happened between two checkpoints is not seen, so the distance travelled is a lower bound that
 * grows with the number of checkpoints: compare runs that were saved at the same steps.
 */
public final class WeightPath {

  private WeightPath() {}

  /**
   * Follows every layer.
   *
   * @param checkpoints of one run, in the order of training, at least two; may load them as they
   *     are asked for
   * @return one path per layer that all checkpoints have, in one shape
   * @throws PalimpsestException if there are fewer than two checkpoints, a layer is missing in one
   *     of them or changes shape, or a weight is not finite
   */
  public static List<LayerPath> along(Iterable<Weights> checkpoints) {
    WeightChange change = WeightChange.withDefaults();
    Map<String, List<LayerChange>> steps = new LinkedHashMap<>();
    NetworkFilters first = null;
    NetworkFilters previous = null;
    for (Weights weights : checkpoints) {
      NetworkFilters current = NetworkFilters.of(weights);
      if (first == null || previous == null) {
        first = current;
      } else {
        for (LayerChange step : sameLayers(change, previous, current)) {
          steps.computeIfAbsent(step.layer(), layer -> new ArrayList<>()).add(step);
        }
      }
      previous = current;
    }
    if (first == null || previous == null || steps.isEmpty()) {
      throw new PalimpsestException("A path needs at least two checkpoints of a run.");
    }
    List<LayerPath> paths = new ArrayList<>();
    for (LayerChange whole : change.between(first, previous).layers()) {
      paths.add(path(whole, steps.getOrDefault(whole.layer(), List.of())));
    }
    return paths;
  }

  private static List<LayerChange> sameLayers(
      WeightChange change, NetworkFilters previous, NetworkFilters current) {
    NetworkChange step = change.between(previous, current);
    if (step.layers().size() != previous.layouts().size()
        || step.layers().size() != current.layouts().size()) {
      throw new PalimpsestException(
          "From %s to %s layers appear, vanish or change shape: %s. A run's checkpoints have one architecture."
              .formatted(previous.network(), current.network(), step.unmatched()));
    }
    return step.layers();
  }

  private static LayerPath path(LayerChange whole, List<LayerChange> steps) {
    List<FilterPath> filters =
        IntStream.range(0, whole.layout().filters())
            .mapToObj(
                i ->
                    new FilterPath(
                        i,
                        steps.stream().mapToDouble(s -> s.filters().get(i).distance()).sum(),
                        whole.filters().get(i).distance()))
            .toList();
    return new LayerPath(
        whole.layout(),
        steps.stream().map(LayerChange::distance).toList(),
        whole.distance(),
        whole.normBefore(),
        filters);
  }
}
