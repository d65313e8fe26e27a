package org.palimpsest.core.comparison;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.ScoreIntervals;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.MatrixRequest;
import org.palimpsest.core.representation.ReducedLayers;

/**
 * Compares the layers of one network with those of another, by one measure or several.
 *
 * <p>Immutable: each {@code with…} gives a changed copy. With L layers on either side, a comparison
 * prepares 2L representations (more where grids differ) and compares L² prepared ones.
 */
public final class Comparison {

  private final List<Measure<?>> measures;
  private final FeatureMaps featureMaps;
  private final boolean matchedOnly;
  private final Optional<LayerPairs> pairs;
  private final Optional<ScoreIntervals> intervals;
  private final Progress progress;

  private Comparison(
      List<Measure<?>> measures,
      FeatureMaps featureMaps,
      boolean matchedOnly,
      Optional<LayerPairs> pairs,
      Optional<ScoreIntervals> intervals,
      Progress progress) {
    this.measures = List.copyOf(measures);
    this.featureMaps = featureMaps;
    this.matchedOnly = matchedOnly;
    this.pairs = pairs;
    this.intervals = intervals;
    this.progress = progress;
  }

  /** All pairs of layers, positions as samples, by these measures. */
  public static Comparison by(List<? extends Measure<?>> measures) {
    return new Comparison(
        List.copyOf(measures),
        FeatureMaps.positions(),
        false,
        Optional.empty(),
        Optional.empty(),
        Progress.silent());
  }

  /** All pairs of layers, positions as samples, by these measures. */
  public static Comparison by(Measure<?>... measures) {
    return by(List.of(measures));
  }

  public Comparison withFeatureMaps(FeatureMaps rule) {
    return new Comparison(measures, rule, matchedOnly, pairs, intervals, progress);
  }

  /** Only pairs of layers of the same name. */
  public Comparison matched() {
    return new Comparison(measures, featureMaps, true, Optional.empty(), intervals, progress);
  }

  /** Only these pairs of layers. */
  public Comparison withPairs(LayerPairs layers) {
    return new Comparison(measures, featureMaps, false, Optional.of(layers), intervals, progress);
  }

  /** Each score with its interval. */
  public Comparison withIntervals(ScoreIntervals maker) {
    return new Comparison(measures, featureMaps, matchedOnly, pairs, Optional.of(maker), progress);
  }

  public Comparison withProgress(Progress listener) {
    return new Comparison(measures, featureMaps, matchedOnly, pairs, intervals, listener);
  }

  /**
   * A network whose layers will be prepared as comparisons ask for them, each once.
   *
   * @throws PalimpsestException if a layer's shape does not fit the rule for feature maps
   */
  public PreparedLayers prepare(ActivationSet activations) {
    return PreparedLayers.all(LayerMatrices.of(activations, featureMaps));
  }

  /**
   * The same without layers whose shapes do not fit the rule for feature maps, such as tokens
   * {@code (n, t, p)} where positions are the samples.
   *
   * @param leftOut is told of each such layer, and what can be done
   * @throws PalimpsestException if none fits
   */
  public PreparedLayers prepareFitting(ActivationSet activations, Consumer<String> leftOut) {
    return prepareFitting(LayerMatrices.of(activations, featureMaps), leftOut);
  }

  /** As the other, of matrices that were made by {@linkplain #withFeatureMaps this rule}. */
  public PreparedLayers prepareFitting(LayerMatrices matrices, Consumer<String> leftOut) {
    return PreparedLayers.fitting(matrices, leftOut);
  }

  /**
   * What must be known of one network's layers to compare them with those of another.
   *
   * @param layers which of its layers were asked for
   * @param own the shapes of its layers
   * @param others the shapes of the other network's layers
   * @throws PalimpsestException if one network's layers are images and the other's volumes
   */
  public MatrixRequest request(
      LayerSelector layers, Map<String, long[]> own, Map<String, long[]> others) {
    Map<String, Grid> partners = ReducedLayers.grids(featureMaps, others);
    Map<String, Set<Grid>> wanted = new LinkedHashMap<>();
    ReducedLayers.grids(featureMaps, own)
        .forEach(
            (layer, grid) -> {
              Set<Grid> common = new LinkedHashSet<>();
              partners.forEach(
                  (partner, other) -> {
                    if (areCompared(layer, partner)) {
                      common.add(grid.commonWith(other));
                    }
                  });
              wanted.put(layer, common);
            });
    return new MatrixRequest(layers, featureMaps, wanted);
  }

  private boolean areCompared(String layer, String partner) {
    return pairs.isPresent()
        ? pairs.get().join(layer, partner)
        : !matchedOnly || partner.equals(layer);
  }

  /** Compares two networks. */
  public ComparisonResult compare(ActivationSet a, ActivationSet b) {
    return compare(prepare(a), prepare(b));
  }

  /**
   * Compares two networks of which some layers may have been prepared already.
   *
   * @throws PalimpsestException if they saw different probes, share no layer where only matched
   *     ones are wanted, have not the layers of the pairs that are wanted, or a measure cannot tell
   *     anything of a layer
   */
  public ComparisonResult compare(PreparedLayers a, PreparedLayers b) {
    requireSameProbes(a.matrices(), b.matrices());
    return new ComparisonRun(measures, featureMaps, intervals, a, b, plan(a, b)).run(progress);
  }

  private PairPlan plan(PreparedLayers a, PreparedLayers b) {
    if (pairs.isPresent()) {
      return PairPlan.of(pairs.get(), a, b);
    }
    return matchedOnly ? PairPlan.matched(a, b) : PairPlan.all(a, b);
  }

  private static void requireSameProbes(LayerMatrices a, LayerMatrices b) {
    if (a.probes().conflictsWith(b.probes())) {
      throw new PalimpsestException(
          "%s and %s saw different probes (fingerprints %s and %s). Capture both with the same probes."
              .formatted(a.name(), b.name(), a.probes(), b.probes()));
    }
    long ofA = a.samples();
    long ofB = b.samples();
    if (ofA != ofB) {
      throw new PalimpsestException(
          "%s holds %d samples and %s holds %d. Compare what comes from the same probes in the same order."
              .formatted(a.name(), ofA, b.name(), ofB));
    }
  }
}
