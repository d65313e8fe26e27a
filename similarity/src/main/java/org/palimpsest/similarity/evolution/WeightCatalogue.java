package org.palimpsest.similarity.evolution;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;

/** All quantities of {@link WeightComparisons}. */
final class WeightCatalogue {

  private static final Range COSINES = new Range(-1, 1);
  private static final Range ABOVE_MINUS_ONE = new Range(-1, Double.POSITIVE_INFINITY);

  private static final Set<String> SYMMETRIC =
      Set.of(ChangeComparison.COSINE, ChangeComparison.FLIPS, FilterDistanceComparison.MATCHED);

  static final List<MeasureFacts> ALL =
      List.of(
          distance(
              ChangeComparison.RELATIVE,
              "Norm of the difference of a layer's weights, divided by the norm of B's.",
              Range.NON_NEGATIVE),
          similarity(ChangeComparison.COSINE, "Mean cosine of filters of the same index.", COSINES),
          distance(ChangeComparison.FLIPS, "Share of weights of the opposite sign.", Range.UNIT),
          other(ChangeComparison.NORM, "Norm of A's weights over B's, minus 1.", ABOVE_MINUS_ONE),
          distance(
              ChangeComparison.BIAS,
              "Norm of the difference of a bias, divided by the norm of B's.",
              Range.NON_NEGATIVE),
          distance(
              ChangeComparison.NORMALISATION,
              "The same of a scale, shift or running statistic of a normalisation.",
              Range.NON_NEGATIVE),
          similarity(
              FilterDistanceComparison.MATCHED,
              "Mean cosine of filters after the best one-to-one matching.",
              COSINES),
          similarity(
              FilterDistanceComparison.NEAREST,
              "Mean cosine of A's filters and their nearest of B.",
              COSINES),
          other(
              FilterDistanceComparison.P_VALUE,
              "Probability of filters matching so well by chance, corrected over layers.",
              Range.UNIT),
          other(
              "filter_spatial_autocorrelation",
              "Moran's I of neighbouring kernel positions of A; near 0 for random filters.",
              COSINES),
          other(
              "filter_low_frequency_energy",
              "Share of A's kernels' energy in low frequencies.",
              Range.UNIT),
          other(
              "filter_largest_singular_value",
              "Of A's filter matrix, in units of the Marchenko-Pastur edge.",
              Range.NON_NEGATIVE),
          other(
              "filter_singular_values_beyond_edge",
              "How many singular values of A's filter matrix exceed what a random one reaches.",
              Range.NON_NEGATIVE),
          other(
              "filter_effective_rank",
              "Exponential of the entropy of A's singular values.",
              Range.NON_NEGATIVE),
          other(
              RandomnessComparison.DRAWN_FROM,
              "Are A's values still distributed as at the start? Corrected p-value.",
              Range.UNIT),
          other(
              RandomnessComparison.VALUES,
              "Have A's values the form that the assumed start draws? Corrected p-value.",
              Range.UNIT),
          other(
              RandomnessComparison.STRUCTURE,
              "Are A's values arranged as if independent? Corrected p-value.",
              Range.UNIT));

  private WeightCatalogue() {}

  /** Those of these names, in this order. */
  static List<MeasureFacts> of(List<String> names) {
    return names.stream()
        .map(name -> ALL.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow())
        .toList();
  }

  private static MeasureFacts facts(
      String name, String description, Optional<Direction> direction, Range range) {
    return new MeasureFacts(name, description, direction, range, true, SYMMETRIC.contains(name));
  }

  private static MeasureFacts similarity(String name, String description, Range range) {
    return facts(name, description, Optional.of(Direction.SIMILARITY), range);
  }

  private static MeasureFacts distance(String name, String description, Range range) {
    return facts(name, description, Optional.of(Direction.DISTANCE), range);
  }

  private static MeasureFacts other(String name, String description, Range range) {
    return facts(name, description, Optional.empty(), range);
  }
}
