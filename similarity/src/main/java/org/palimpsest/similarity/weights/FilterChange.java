package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How one filter changed from a to b.
 *
 * @param filter its index among the layer's output channels
 * @param distance |b − a|, Euclidean
 * @param relativeChange |b − a| / |a|; empty if a is all zeros and b is not
 * @param cosine of the angle between a and b; empty if either is all zeros
 * @param angle between a and b in radians, 0 to π, computed so that small angles keep their digits;
 *     empty if either is all zeros
 * @param meanAbsoluteChange the mean of |bᵢ − aᵢ|
 * @param signFlips the share of weights whose sign turned from plus to minus or back
 * @param movedShare the share of weights that moved by more than the threshold
 * @param normBefore |a|
 * @param normAfter |b|
 */
public record FilterChange(
    int filter,
    double distance,
    OptionalDouble relativeChange,
    OptionalDouble cosine,
    OptionalDouble angle,
    double meanAbsoluteChange,
    double signFlips,
    double movedShare,
    double normBefore,
    double normAfter) {

  List<WeightFigure> figures(String layer, int weights) {
    List<WeightFigure> figures = new ArrayList<>();
    FigureSink sink =
        (name, value) -> figures.add(WeightFigure.ofFilter(layer, filter, name, value, weights));
    sink.add("distance", distance);
    sink.addIfPresent("relative_change", relativeChange);
    sink.addIfPresent("cosine", cosine);
    sink.addIfPresent("angle", angle);
    sink.add("mean_absolute_change", meanAbsoluteChange);
    sink.add("sign_flips", signFlips);
    sink.add("moved_share", movedShare);
    sink.add("norm_before", normBefore);
    sink.add("norm_after", normAfter);
    return figures;
  }
}
