package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * How one layer's filters changed from A to B.
 *
 * @param layout the layer and its shape
 * @param distance |B − A|, the Frobenius norm of the difference, which is the Euclidean distance of
 *     all weights
 * @param relativeChange |B − A| / |A|; empty if A is all zeros and B is not
 * @param meanAbsoluteChange the mean over weights of their absolute change
 * @param signFlips the share of weights whose sign turned
 * @param threshold how far a weight must go to count as moved
 * @param movedShare the share of weights that moved by more than the threshold
 * @param normBefore |A|, the Frobenius norm
 * @param normAfter |B|
 * @param filters the same per filter, in order
 */
public record LayerChange(
    FilterLayout layout,
    double distance,
    OptionalDouble relativeChange,
    double meanAbsoluteChange,
    double signFlips,
    double threshold,
    double movedShare,
    double normBefore,
    double normAfter,
    List<FilterChange> filters) {

  public LayerChange {
    filters = List.copyOf(filters);
  }

  public String layer() {
    return layout.layer();
  }

  /** |B| / |A| − 1; empty if A is all zeros. */
  public OptionalDouble relativeNormChange() {
    return normBefore == 0 ? OptionalDouble.empty() : OptionalDouble.of(normAfter / normBefore - 1);
  }

  /** The mean cosine of the filters that have one; empty if none has. */
  public OptionalDouble meanCosine() {
    return mean(FilterChange::cosine);
  }

  /** The mean angle in radians of the filters that have one; empty if none has. */
  public OptionalDouble meanAngle() {
    return mean(FilterChange::angle);
  }

  /** The number of filters that are all zeros before or after, and so have no angle. */
  public long filtersWithoutAngle() {
    return filters.stream().filter(filter -> filter.angle().isEmpty()).count();
  }

  private OptionalDouble mean(Function<FilterChange, OptionalDouble> figure) {
    return filters.stream().map(figure).flatMapToDouble(OptionalDouble::stream).average();
  }

  /** The layer's figures, then those of its filters, one row each. */
  public List<WeightFigure> figures() {
    List<WeightFigure> figures = new ArrayList<>();
    FigureSink sink =
        (name, value) -> figures.add(WeightFigure.ofLayer(layer(), name, value, layout.weights()));
    sink.add("distance", distance);
    sink.addIfPresent("relative_change", relativeChange);
    sink.addIfPresent("mean_cosine", meanCosine());
    sink.addIfPresent("mean_angle", meanAngle());
    sink.add("filters_without_angle", (double) filtersWithoutAngle());
    sink.add("mean_absolute_change", meanAbsoluteChange);
    sink.add("sign_flips", signFlips);
    sink.add("threshold", threshold);
    sink.add("moved_share", movedShare);
    sink.add("norm_before", normBefore);
    sink.add("norm_after", normAfter);
    sink.addIfPresent("relative_norm_change", relativeNormChange());
    filters.forEach(filter -> figures.addAll(filter.figures(layer(), layout.weightsPerFilter())));
    return figures;
  }
}
