package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How a bias, or a scale, shift or running statistic of a normalisation, changed from a to b.
 *
 * @param tensor its full name
 * @param length its number of values
 * @param distance |b − a|, Euclidean
 * @param relativeChange |b − a| / |a|; empty if a is all zeros and b is not
 * @param meanAbsoluteChange the mean of |bᵢ − aᵢ|
 * @param normBefore |a|
 * @param normAfter |b|
 */
public record VectorChange(
    String tensor,
    long length,
    double distance,
    OptionalDouble relativeChange,
    double meanAbsoluteChange,
    double normBefore,
    double normAfter) {

  /** One row per figure, under the tensor's full name. */
  public List<WeightFigure> figures() {
    List<WeightFigure> figures = new ArrayList<>();
    FigureSink sink =
        (name, value) -> figures.add(WeightFigure.ofLayer(tensor, name, value, length));
    sink.add("distance", distance);
    sink.addIfPresent("relative_change", relativeChange);
    sink.add("mean_absolute_change", meanAbsoluteChange);
    sink.add("norm_before", normBefore);
    sink.add("norm_after", normAfter);
    return figures;
  }
}
