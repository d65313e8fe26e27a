package org.palimpsest.core.comparison;

import java.util.List;
import java.util.function.Consumer;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;

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
  private final Progress progress;

  private Comparison(
      List<Measure<?>> measures, FeatureMaps featureMaps, boolean matchedOnly, Progress progress) {
    this.measures = List.copyOf(measures);
    this.featureMaps = featureMaps;
    this.matchedOnly = matchedOnly;
    this.progress = progress;
  }

  /** All pairs of layers, positions as samples, by these measures. */
  public static Comparison by(List<? extends Measure<?>> measures) {
    return new Comparison(List.copyOf(measures), FeatureMaps.positions(), false, Progress.silent());
  }

  /** All pairs of layers, positions as samples, by these measures. */
  public static Comparison by(Measure<?>... measures) {
    return by(List.of(measures));
  }

  public Comparison withFeatureMaps(FeatureMaps rule) {
    return new Comparison(measures, rule, matchedOnly, progress);
  }

  /** Only pairs of layers of the same name. */
  public Comparison matched() {
    return new Comparison(measures, featureMaps, true, progress);
  }

  public Comparison withProgress(Progress listener) {
    return new Comparison(measures, featureMaps, matchedOnly, listener);
  }

  /**
   * A network whose layers will be prepared as comparisons ask for them, each once.
   *
   * @throws PalimpsestException if a layer's shape does not fit the rule for feature maps
   */
  public PreparedLayers prepare(ActivationSet activations) {
    return PreparedLayers.all(activations, featureMaps);
  }

  /**
   * The same without layers whose shapes do not fit the rule for feature maps, such as tokens
   * {@code (n, t, p)} where positions are the samples.
   *
   * @param leftOut is told of each such layer, and what can be done
   * @throws PalimpsestException if none fits
   */
  public PreparedLayers prepareFitting(ActivationSet activations, Consumer<String> leftOut) {
    return PreparedLayers.fitting(activations, featureMaps, leftOut);
  }

  /** Compares two networks. */
  public ComparisonResult compare(ActivationSet a, ActivationSet b) {
    return compare(prepare(a), prepare(b));
  }

  /**
   * Compares two networks of which some layers may have been prepared already.
   *
   * @throws PalimpsestException if they saw different probes, share no layer where only matched
   *     ones are wanted, or a measure cannot tell anything of a layer
   */
  public ComparisonResult compare(PreparedLayers a, PreparedLayers b) {
    requireSameProbes(a.activations(), b.activations());
    PairPlan plan = matchedOnly ? PairPlan.matched(a, b) : PairPlan.all(a, b);
    return new ComparisonRun(measures, featureMaps, a, b, plan).run(progress);
  }

  private static void requireSameProbes(ActivationSet a, ActivationSet b) {
    if (a.probes().conflictsWith(b.probes())) {
      throw new PalimpsestException(
          "%s and %s saw different probes (fingerprints %s and %s). Capture both with the same probes."
              .formatted(a.name(), b.name(), a.probes(), b.probes()));
    }
    long ofA = a.get(a.layers().get(0)).samples();
    long ofB = b.get(b.layers().get(0)).samples();
    if (ofA != ofB) {
      throw new PalimpsestException(
          "%s holds %d samples and %s holds %d. Compare what comes from the same probes in the same order."
              .formatted(a.name(), ofA, b.name(), ofB));
    }
  }
}
