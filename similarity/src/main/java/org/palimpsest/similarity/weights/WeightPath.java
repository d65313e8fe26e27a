package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
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
  public static List<Layer> along(Iterable<Weights> checkpoints) {
    WeightChange change = WeightChange.withDefaults();
    Map<String, List<NetworkChange.Layer>> steps = new LinkedHashMap<>();
    NetworkFilters first = null;
    NetworkFilters previous = null;
    for (Weights weights : checkpoints) {
      NetworkFilters current = NetworkFilters.of(weights);
      if (first == null || previous == null) {
        first = current;
      } else {
        for (NetworkChange.Layer step : sameLayers(change, previous, current)) {
          steps.computeIfAbsent(step.layer(), layer -> new ArrayList<>()).add(step);
        }
      }
      previous = current;
    }
    if (first == null || previous == null || steps.isEmpty()) {
      throw new PalimpsestException("A path needs at least two checkpoints of a run.");
    }
    List<Layer> paths = new ArrayList<>();
    for (NetworkChange.Layer whole : change.between(first, previous).layers()) {
      paths.add(path(whole, steps.getOrDefault(whole.layer(), List.of())));
    }
    return paths;
  }

  private static List<NetworkChange.Layer> sameLayers(
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

  private static Layer path(NetworkChange.Layer whole, List<NetworkChange.Layer> steps) {
    List<Filter> filters =
        IntStream.range(0, whole.layout().filters())
            .mapToObj(
                i ->
                    new Filter(
                        i,
                        steps.stream().mapToDouble(s -> s.filters().get(i).distance()).sum(),
                        whole.filters().get(i).distance()))
            .toList();
    return new Layer(
        whole.layout(),
        steps.stream().map(NetworkChange.Layer::distance).toList(),
        whole.distance(),
        whole.normBefore(),
        filters);
  }

  /** Distance over path length, up to rounding at most 1; empty if nothing moved. */
  private static OptionalDouble straightness(double distance, double pathLength) {
    return pathLength == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.min(1, distance / pathLength));
  }

  /**
   * One layer's way through a run.
   *
   * @param layout the layer and its shape
   * @param steps the Frobenius distances from each checkpoint to the next
   * @param distance the Frobenius distance from the first to the last
   * @param initialNorm the Frobenius norm of the first
   * @param filters the same per filter
   */
  public record Layer(
      FilterBank.Layout layout,
      List<Double> steps,
      double distance,
      double initialNorm,
      List<Filter> filters) {

    public Layer {
      steps = List.copyOf(steps);
      filters = List.copyOf(filters);
    }

    /** The layer's name. */
    public String layer() {
      return layout.layer();
    }

    /** The sum of the steps. */
    public double pathLength() {
      return steps.stream().mapToDouble(Double::doubleValue).sum();
    }

    /** Distance over path length, 0 to 1, 1 for a straight line; empty if nothing moved. */
    public OptionalDouble straightness() {
      return WeightPath.straightness(distance, pathLength());
    }

    /** The layer's statistics, then those of its filters, one row each. */
    public List<WeightStatistic> rows() {
      List<WeightStatistic> rows = new ArrayList<>();
      WeightStatistic.Rows ofLayer =
          (name, value) ->
              rows.add(WeightStatistic.ofLayer(layer(), name, value, layout.weights()));
      ofLayer.add("path_length", pathLength());
      ofLayer.add("distance", distance);
      ofLayer.addIfPresent("straightness", straightness());
      for (Filter path : filters) {
        WeightStatistic.Rows ofFilter =
            (name, value) ->
                rows.add(
                    WeightStatistic.ofFilter(
                        layer(), path.filter(), name, value, layout.weightsPerFilter()));
        ofFilter.add("path_length", path.pathLength());
        ofFilter.add("distance", path.distance());
        ofFilter.addIfPresent("straightness", path.straightness());
      }
      return rows;
    }
  }

  /**
   * One filter's way through a run.
   *
   * @param filter its index among the layer's output channels
   * @param pathLength the sum of its distances from checkpoint to checkpoint
   * @param distance its distance from start to end
   */
  public record Filter(int filter, double pathLength, double distance) {

    /** Distance over path length, 0 to 1, 1 for a straight line; empty if it never moved. */
    public OptionalDouble straightness() {
      return WeightPath.straightness(distance, pathLength);
    }
  }
}
