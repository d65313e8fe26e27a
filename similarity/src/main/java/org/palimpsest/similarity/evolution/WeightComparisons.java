package org.palimpsest.similarity.evolution;

import java.util.List;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.similarity.filters.Initialisation;

/**
 * What a study can say about weights, beside the outputs of layers. In each row the second
 * checkpoint (B) is what the first (A) is measured against.
 *
 * <pre>{@code
 * EvolutionTable table =
 *     EvolutionTracker.of(networks)
 *         .withWeights(List.of(WeightComparisons.change(), WeightComparisons.filters()))
 *         .track(Study.ofWeights(runs));
 * }</pre>
 *
 * <p>{@code change} and {@code randomness} cost one pass over the weights and, for the latter, the
 * simulation of its null, once for each shape of layer; {@code filters} compares each filter of a
 * layer with all of the other network's.
 */
public final class WeightComparisons {

  private WeightComparisons() {}

  /**
   * How far weights are apart, one by one: {@code weight_relative_change} |A − B| / |B|, {@code
   * weight_cosine} (the mean over filters), {@code weight_sign_flips} (a share), {@code
   * weight_norm_change} |A| / |B| − 1; {@code relative_change} of biases as {@code
   * bias_relative_change} and of what normalisation layers hold as {@code
   * normalisation_relative_change}, under their tensors' names. n is the number of weights.
   */
  public static WeightComparison change() {
    return new ChangeComparison();
  }

  /**
   * How near filters are in whatever order they stand: {@code filter_matched_cosine} (mean over the
   * best one-to-one matching) and {@code filter_nearest_cosine} (mean over A's filters of the
   * nearest of B's), low to high being what unrelated filters give in 95 of 100 cases; {@code
   * filter_matched_cosine p_value}, corrected for the number of layers. n is the number of filters.
   */
  public static WeightComparison filters() {
    return new FilterDistanceComparison();
  }

  /**
   * How random A's filters look, in the view against the start alone: {@code
   * filter_spatial_autocorrelation}, {@code filter_low_frequency_energy}, {@code
   * filter_largest_singular_value}, {@code filter_singular_values_beyond_edge} and {@code
   * filter_effective_rank}, low to high being what random filters give in 95 of 100 cases; and as
   * p-values, corrected for the number of layers and statistics, whether values are still
   * distributed as at the start ({@code filter_drawn_from p_value}), have the form that the start
   * draws ({@code filter_values p_value}), and arranged as if independent ({@code filter_structure
   * p_value}). n is the number of weights.
   */
  public static WeightComparison randomness() {
    return RandomnessComparison.ofTestedStart();
  }

  /**
   * The same, a named start assumed in place of what a test of the first checkpoint tells.
   *
   * @param start what all layers were drawn from
   */
  public static WeightComparison randomness(Initialisation start) {
    return RandomnessComparison.of(start);
  }

  /** All of them. */
  public static List<WeightComparison> all() {
    return List.of(change(), filters(), randomness());
  }

  /** What a reader must know of each of their quantities. */
  public static List<MeasureFacts> catalogue() {
    return WeightCatalogue.ALL;
  }

  /**
   * The one of this name: {@code change}, {@code filters}, {@code randomness}, or with a named
   * start {@code randomness:he-normal}.
   *
   * @throws PalimpsestException if there is none
   */
  public static WeightComparison parse(String name) {
    String assuming = randomness().name() + ":";
    if (name.startsWith(assuming)) {
      return randomness(Initialisation.named(name.substring(assuming.length())));
    }
    return all().stream()
        .filter(comparison -> comparison.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new PalimpsestException(
                    "There is no comparison of weights '%s'. There are: %s."
                        .formatted(
                            name,
                            all().stream()
                                .map(WeightComparison::name)
                                .collect(Collectors.joining(", ")))));
  }
}
