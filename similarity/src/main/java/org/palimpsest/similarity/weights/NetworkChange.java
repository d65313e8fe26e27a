package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.similarity.weights.NetworkFilters.LeftOut;

/**
 * How a network's weights changed from one checkpoint to another.
 *
 * @param before where the first came from
 * @param after where the second came from
 * @param layers the change of each layer's filters, in the order of the file
 * @param biases the change of their biases, apart
 * @param normalisation the change of scales, shifts and running statistics, apart
 * @param arrays the change of arrays of whose axes nothing is known, apart
 * @param unmatched what was not compared, and why
 */
public record NetworkChange(
    Provenance before,
    Provenance after,
    List<Layer> layers,
    List<Vector> biases,
    List<Vector> normalisation,
    List<Vector> arrays,
    List<LeftOut> unmatched) {

  public NetworkChange {
    layers = List.copyOf(layers);
    biases = List.copyOf(biases);
    normalisation = List.copyOf(normalisation);
    arrays = List.copyOf(arrays);
    unmatched = List.copyOf(unmatched);
  }

  /**
   * One layer's change.
   *
   * @throws PalimpsestException if the layer was not compared
   */
  public Layer layer(String name) {
    return layers.stream()
        .filter(change -> change.layer().equals(name))
        .findFirst()
        .orElseThrow(() -> new PalimpsestException("Layer '%s' was not compared.".formatted(name)));
  }

  /** All statistics, one row each: filters first, then biases, normalisation and arrays. */
  public List<WeightStatistic> rows() {
    return Stream.concat(
            layers.stream().flatMap(layer -> layer.rows().stream()),
            Stream.of(biases, normalisation, arrays)
                .flatMap(List::stream)
                .flatMap(vector -> vector.rows().stream()))
        .toList();
  }

  /**
   * How one layer's filters changed from A to B.
   *
   * @param layout the layer and its shape
   * @param distance |B − A|, the Frobenius norm of the difference, which is the Euclidean distance
   *     of all weights
   * @param relativeChange |B − A| / |A|; empty if A is all zeros and B is not
   * @param meanAbsoluteChange the mean over weights of their absolute change
   * @param signFlips the share of weights whose sign turned
   * @param threshold how far a weight must go to count as moved
   * @param movedShare the share of weights that moved by more than the threshold
   * @param normBefore |A|, the Frobenius norm
   * @param normAfter |B|
   * @param filters the same per filter, in order
   */
  public record Layer(
      FilterBank.Layout layout,
      double distance,
      OptionalDouble relativeChange,
      double meanAbsoluteChange,
      double signFlips,
      double threshold,
      double movedShare,
      double normBefore,
      double normAfter,
      List<Filter> filters) {

    public Layer {
      filters = List.copyOf(filters);
    }

    /** The layer's name. */
    public String layer() {
      return layout.layer();
    }

    /** |B| / |A| − 1; empty if A is all zeros. */
    public OptionalDouble relativeNormChange() {
      return normBefore == 0
          ? OptionalDouble.empty()
          : OptionalDouble.of(normAfter / normBefore - 1);
    }

    /** The mean cosine of the filters that have one; empty if none has. */
    public OptionalDouble meanCosine() {
      return mean(Filter::cosine);
    }

    /** The mean angle in radians of the filters that have one; empty if none has. */
    public OptionalDouble meanAngle() {
      return mean(Filter::angle);
    }

    /** The number of filters that are all zeros before or after, and so have no angle. */
    public long filtersWithoutAngle() {
      return filters.stream().filter(filter -> filter.angle().isEmpty()).count();
    }

    private OptionalDouble mean(Function<Filter, OptionalDouble> statistic) {
      return filters.stream().map(statistic).flatMapToDouble(OptionalDouble::stream).average();
    }

    /** The layer's statistics, then those of its filters, one row each. */
    public List<WeightStatistic> rows() {
      List<WeightStatistic> rows = new ArrayList<>();
      WeightStatistic.Rows sink =
          (name, value) ->
              rows.add(WeightStatistic.ofLayer(layer(), name, value, layout.weights()));
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
      filters.forEach(filter -> rows.addAll(filter.rows(layer(), layout.weightsPerFilter())));
      return rows;
    }
  }

  /**
   * How one filter changed from a to b.
   *
   * @param filter its index among the layer's output channels
   * @param distance |b − a|, Euclidean
   * @param relativeChange |b − a| / |a|; empty if a is all zeros and b is not
   * @param cosine of the angle between a and b; empty if either is all zeros
   * @param angle between a and b in radians, 0 to π, computed so that small angles keep their
   *     digits; empty if either is all zeros
   * @param meanAbsoluteChange the mean of |bᵢ − aᵢ|
   * @param signFlips the share of weights whose sign turned from plus to minus or back
   * @param movedShare the share of weights that moved by more than the threshold
   * @param normBefore |a|
   * @param normAfter |b|
   */
  public record Filter(
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

    List<WeightStatistic> rows(String layer, int weights) {
      List<WeightStatistic> rows = new ArrayList<>();
      WeightStatistic.Rows sink =
          (name, value) -> rows.add(WeightStatistic.ofFilter(layer, filter, name, value, weights));
      sink.add("distance", distance);
      sink.addIfPresent("relative_change", relativeChange);
      sink.addIfPresent("cosine", cosine);
      sink.addIfPresent("angle", angle);
      sink.add("mean_absolute_change", meanAbsoluteChange);
      sink.add("sign_flips", signFlips);
      sink.add("moved_share", movedShare);
      sink.add("norm_before", normBefore);
      sink.add("norm_after", normAfter);
      return rows;
    }
  }

  /**
   * How a bias, a scale, shift or running statistic of a normalisation, or an array of whose axes
   * nothing is known changed from a to b.
   *
   * @param tensor its full name
   * @param length its number of values
   * @param distance |b − a|, Euclidean
   * @param relativeChange |b − a| / |a|; empty if a is all zeros and b is not
   * @param meanAbsoluteChange the mean of |bᵢ − aᵢ|
   * @param normBefore |a|
   * @param normAfter |b|
   */
  public record Vector(
      String tensor,
      long length,
      double distance,
      OptionalDouble relativeChange,
      double meanAbsoluteChange,
      double normBefore,
      double normAfter) {

    /** One row per statistic, under the tensor's full name. */
    public List<WeightStatistic> rows() {
      List<WeightStatistic> rows = new ArrayList<>();
      WeightStatistic.Rows sink =
          (name, value) -> rows.add(WeightStatistic.ofLayer(tensor, name, value, length));
      sink.add("distance", distance);
      sink.addIfPresent("relative_change", relativeChange);
      sink.add("mean_absolute_change", meanAbsoluteChange);
      sink.add("norm_before", normBefore);
      sink.add("norm_after", normAfter);
      return rows;
    }
  }
}
