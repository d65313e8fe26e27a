package org.palimpsest.similarity.filters;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.palimpsest.similarity.weights.FilterLayout;
import org.palimpsest.similarity.weights.WeightFigure;

/**
 * How near the filters of two layers are.
 *
 * @param a the first layer
 * @param b the second
 * @param proximity what the values are
 * @param nearestOfA for each filter of A the nearest of B
 * @param nearestOfB for each filter of B the nearest of A
 * @param matching the one-to-one matching of all filters of the smaller layer with the best mean
 * @param deadA filters of A without a direction (all zeros; for correlations, constant), which were
 *     left out
 * @param deadB the same of B
 * @param chance what chance gives, if it was simulated
 */
public record FilterComparison(
    FilterLayout a,
    FilterLayout b,
    FilterProximity proximity,
    List<FilterPair> nearestOfA,
    List<FilterPair> nearestOfB,
    List<FilterPair> matching,
    List<Integer> deadA,
    List<Integer> deadB,
    Optional<Chance> chance) {

  /**
   * The means beside those of filters that know nothing of each other, whose cosine has mean 0 and
   * standard deviation 1/√d (their correlation 1/√(d − 1)).
   *
   * @param nearestOfA of the mean over {@link FilterComparison#nearestOfA()}
   * @param nearestOfB of the mean over {@link FilterComparison#nearestOfB()}
   * @param matching of the mean over {@link FilterComparison#matching()}
   * @param filters what the simulated filters are like
   * @param seed what the simulation was drawn from
   */
  public record Chance(
      ChanceLevel nearestOfA,
      ChanceLevel nearestOfB,
      ChanceLevel matching,
      FilterChance filters,
      long seed) {}

  public FilterComparison {
    nearestOfA = List.copyOf(nearestOfA);
    nearestOfB = List.copyOf(nearestOfB);
    matching = List.copyOf(matching);
    deadA = List.copyOf(deadA);
    deadB = List.copyOf(deadB);
  }

  public double meanNearestOfA() {
    return mean(nearestOfA);
  }

  public double meanNearestOfB() {
    return mean(nearestOfB);
  }

  public double meanMatched() {
    return mean(matching);
  }

  private static double mean(List<FilterPair> pairs) {
    return pairs.stream().mapToDouble(FilterPair::value).average().orElseThrow();
  }

  /** The layer's means with what chance gives, then each pair, under the first layer's name. */
  public List<WeightFigure> figures() {
    List<WeightFigure> rows = new ArrayList<>();
    String label = proximity.label();
    rows.add(row("mean_nearest_of_a_" + label, nearestOfA, chance.map(Chance::nearestOfA)));
    rows.add(row("mean_nearest_of_b_" + label, nearestOfB, chance.map(Chance::nearestOfB)));
    rows.add(row("mean_matched_" + label, matching, chance.map(Chance::matching)));
    int d = a.weightsPerFilter();
    for (FilterPair pair : nearestOfA) {
      rows.add(WeightFigure.ofFilter(a.layer(), pair.a(), "nearest_" + label, pair.value(), d));
    }
    for (FilterPair pair : matching) {
      rows.add(WeightFigure.ofFilter(a.layer(), pair.a(), "matched_" + label, pair.value(), d));
    }
    return rows;
  }

  private WeightFigure row(String statistic, List<FilterPair> pairs, Optional<ChanceLevel> level) {
    return new WeightFigure(
        a.layer(),
        OptionalInt.empty(),
        statistic,
        mean(pairs),
        of(level.map(ChanceLevel::low)),
        of(level.map(ChanceLevel::high)),
        of(level.map(ChanceLevel::p)),
        OptionalDouble.empty(),
        pairs.size());
  }

  private static OptionalDouble of(Optional<Double> value) {
    return value.map(OptionalDouble::of).orElse(OptionalDouble.empty());
  }
}
