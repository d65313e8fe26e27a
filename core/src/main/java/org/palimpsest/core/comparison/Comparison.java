package org.palimpsest.core.comparison;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.PartialComparison.StreamedLayers;
import org.palimpsest.core.measure.Interval.ScoreIntervals;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;

/**
 * Compares the layers of one network with those of another, by one measure or several.
 *
 * <pre>{@code
 * ComparisonResult result =
 *     Comparison.by(Cka.linear(), Cca.svcca())
 *         .withFeatureMaps(FeatureMaps.pool())
 *         .matched()
 *         .compare(before, after); // two ActivationSets
 * }</pre>
 *
 * <p>Immutable: each {@code with…} gives a changed copy. With L layers on either side, a comparison
 * prepares 2L representations (more where grids differ) and compares L² prepared ones, on all
 * cores; the result does not depend on their number.
 */
public final class Comparison {

  private final List<Measure<?>> measures;
  private final FeatureMaps featureMaps;
  private final Partners partners;
  private final Optional<ScoreIntervals> intervals;
  private final LayerMemory memory;
  private final Progress progress;

  private Comparison(
      List<Measure<?>> measures,
      FeatureMaps featureMaps,
      Partners partners,
      Optional<ScoreIntervals> intervals,
      LayerMemory memory,
      Progress progress) {
    this.measures = List.copyOf(measures);
    this.featureMaps = featureMaps;
    this.partners = partners;
    this.intervals = intervals;
    this.memory = memory;
    this.progress = progress;
  }

  /**
   * All pairs of layers, positions as samples, by these measures, each of which prepares a layer
   * once; measures of equal preparations share it.
   *
   * @param measures in the order in which results are wanted; a comparison by none is refused when
   *     it begins
   */
  public static Comparison by(List<? extends Measure<?>> measures) {
    return new Comparison(
        List.copyOf(measures),
        FeatureMaps.positions(),
        new Partners.Each(),
        Optional.empty(),
        LayerMemory.unlimited(),
        Progress.silent());
  }

  /** All pairs of layers, positions as samples, by these measures. */
  public static Comparison by(Measure<?>... measures) {
    return by(List.of(measures));
  }

  /**
   * Feature maps become matrices by this rule; by {@link FeatureMaps#positions()} if none is given.
   */
  public Comparison withFeatureMaps(FeatureMaps rule) {
    return new Comparison(measures, rule, partners, intervals, memory, progress);
  }

  /**
   * Only pairs of layers of the same name; in the place of {@linkplain #withPairs pairs} that were
   * named. Views of a pair go by the coarser grid of the two, so that a layer meets its namesake on
   * its own grid where the networks have one architecture.
   */
  public Comparison matched() {
    return new Comparison(
        measures, featureMaps, new Partners.Namesakes(), intervals, memory, progress);
  }

  /** Only these pairs of layers; in the place of those of the {@linkplain #matched same name}. */
  public Comparison withPairs(LayerPairs layers) {
    return new Comparison(
        measures, featureMaps, new Partners.Named(layers), intervals, memory, progress);
  }

  /**
   * Each score with its interval, or with the reason why it has none.
   *
   * @param maker such as {@code Intervals} of the module {@code similarity}
   */
  public Comparison withIntervals(ScoreIntervals maker) {
    return new Comparison(measures, featureMaps, partners, Optional.of(maker), memory, progress);
  }

  /**
   * Prepared layers of both networks take no more memory than this; the others are stored until
   * they are wanted, and layers are compared in groups that fit. Scores are those of a comparison
   * without a bound, but for the last digits of measures that sum over all layers of a table.
   *
   * @param bytes for prepared layers alone, at least 1; two layers that are compared are always
   *     held
   * @param spill where the others go; left open
   * @throws PalimpsestException if that is no byte at all
   */
  public Comparison withMemory(long bytes, Spill spill) {
    if (bytes < 1) {
      throw new PalimpsestException(
          "Prepared layers take 1 byte of memory or more, unlike %s.".formatted(bytes));
    }
    return new Comparison(
        measures, featureMaps, partners, intervals, LayerMemory.of(bytes, spill), progress);
  }

  /** Tells a listener how far the work is. */
  public Comparison withProgress(Progress listener) {
    return new Comparison(measures, featureMaps, partners, intervals, memory, listener);
  }

  /**
   * A network whose layers will be prepared as comparisons ask for them, each once.
   *
   * @throws PalimpsestException if a layer's shape does not fit the rule for feature maps
   */
  public PreparedLayers prepare(ActivationSet activations) {
    return PreparedLayers.all(LayerMatrices.of(activations, featureMaps), memory.store().get());
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
    return PreparedLayers.fitting(matrices, memory.store().get(), leftOut);
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
    return new MatrixRequest(
        layers,
        featureMaps,
        partners.wanted(
            LayerMatrices.grids(featureMaps, own), LayerMatrices.grids(featureMaps, others)));
  }

  /**
   * Compares two networks.
   *
   * @throws PalimpsestException if a layer's shape does not fit the rule for feature maps, or as
   *     {@link #compare(PreparedLayers, PreparedLayers)}
   */
  public ComparisonResult compare(ActivationSet a, ActivationSet b) {
    PreparedLayers rows = prepare(a);
    return compare(rows, a == b ? rows : prepare(b));
  }

  /**
   * Shows two networks the probes, one after the other, and compares them. Where the rule for
   * feature maps makes matrices smaller than activations ({@link FeatureMaps#areReduced()}), a
   * network that can makes them while it runs, so that whole activations are nowhere kept; of other
   * networks they are held in memory. {@link #stream} keeps neither.
   *
   * @param a the first network; left open
   * @param b the second network, or the same; left open
   * @param probes what both are shown
   * @param layers which layers of both are wanted
   * @throws PalimpsestException if a network has no such layer or cannot take these probes, or as
   *     {@link #compare(ActivationSet, ActivationSet)}
   */
  public ComparisonResult compare(
      ActivationSource a, ActivationSource b, Probes probes, LayerSelector layers) {
    Shown first = new Shown(a, probes, layers);
    Shown second = a == b ? first : new Shown(b, probes, layers);
    PreparedLayers rows = PreparedLayers.all(first.matrices(second), memory.store().get());
    return compare(
        rows, a == b ? rows : PreparedLayers.all(second.matrices(first), memory.store().get()));
  }

  /** A network that is shown the probes once. */
  private final class Shown {

    private final ActivationSource network;
    private final Probes probes;
    private final LayerSelector layers;
    private @Nullable ActivationSet whole;
    private @Nullable Map<String, long[]> shapes;

    Shown(ActivationSource network, Probes probes, LayerSelector layers) {
      this.network = network;
      this.probes = probes;
      this.layers = layers;
    }

    LayerMatrices matrices(Shown other) {
      return featureMaps.areReduced() && network instanceof ReducingSource reducing
          ? LayerMatrices.capture(
              reducing, probes, request(layers, shapes(), other.shapes()), shapes(), progress)
          : LayerMatrices.of(whole(), featureMaps);
    }

    private ActivationSet whole() {
      ActivationSet known = whole;
      if (known == null) {
        known = network.capture(probes, layers, progress);
        whole = known;
      }
      return known;
    }

    private Map<String, long[]> shapes() {
      Map<String, long[]> known = shapes;
      if (known == null) {
        known =
            network instanceof ReducingSource reducing
                ? reducing.shapes(probes, layers)
                : shapesOf(whole());
        shapes = known;
      }
      return known;
    }

    private static Map<String, long[]> shapesOf(ActivationSet activations) {
      Map<String, long[]> found = new LinkedHashMap<>();
      activations
          .layers()
          .forEach(layer -> found.put(layer, activations.get(layer).values().shape()));
      return found;
    }
  }

  /**
   * Shows two networks the probes a few at a time, side by side, and keeps sums alone: memory does
   * not grow with the number of probes. The values are those of {@link #compare} but for rounding;
   * a layer that holds a value that is not finite ends the comparison instead of being reported as
   * missing.
   *
   * <p>Held are the activations of {@value StreamedComparison#PROBES_AT_ONCE} probes, of fewer if
   * {@linkplain #withMemory memory is bounded}, and what the sums take; each network runs once over
   * all probes. Where there is room, the networks are shown the next probes, from a thread of their
   * own, while these are added to the sums.
   *
   * @param a the first network; left open
   * @param b the second network; left open
   * @param probes what both are shown
   * @param layers which layers of both are wanted
   * @param kind which sums are kept, such as {@code CoMoments.streaming()} of the module {@code
   *     similarity} for linear measures
   * @throws PalimpsestException if the sums are not enough for a measure, intervals are asked for,
   *     a network has no such layer or cannot take these probes, a layer's shape does not fit the
   *     rule for feature maps or changes from probe to probe, a value is not finite, or there is no
   *     score at all
   */
  public ComparisonResult stream(
      ActivationSource a,
      ActivationSource b,
      Probes probes,
      LayerSelector layers,
      StreamedLayers.Kind kind) {
    return new StreamedComparison(a, layers, b, layers, memory.bytes())
        .compare(probes, partial(probes, kind), progress);
  }

  /**
   * As {@link #stream}, or nothing where only a comparison of all samples at once can tell: if the
   * sums would take more than the {@linkplain #withMemory memory}, or refuse what they get, such as
   * values that are not finite, or a pair has no score.
   *
   * @param layersOfA which of the first network's layers are wanted
   * @param layersOfB which of the second's
   * @throws PalimpsestException if the sums are not enough for a measure, intervals are asked for,
   *     or a network has no such layer or cannot take these probes
   */
  public Optional<ComparisonResult> streamIfSumsServe(
      ActivationSource a,
      LayerSelector layersOfA,
      ActivationSource b,
      LayerSelector layersOfB,
      Probes probes,
      StreamedLayers.Kind kind) {
    return new StreamedComparison(a, layersOfA, b, layersOfB, memory.bytes())
        .compareIfSumsServe(probes, partial(probes, kind), progress);
  }

  /**
   * Begins a comparison of two networks that are shown the probes part by part, be it on several
   * machines: sums alone are kept, and those of different probes merge.
   *
   * @param probes what both will have been shown in the end
   * @param kind which sums are kept, as in {@link #stream}
   * @throws PalimpsestException if the sums are not enough for a measure, or intervals are asked
   *     for
   */
  public PartialComparison partial(Probes probes, StreamedLayers.Kind kind) {
    if (intervals.isPresent()) {
      throw new PalimpsestException(
          "Intervals need all samples at once. Compare without streaming, or without intervals.");
    }
    requireMeasures();
    measures.forEach(kind::requireEnoughFor);
    return new PartialComparison(
        new PartialComparison.Rule(measures, featureMaps, partners, kind), probes);
  }

  /**
   * Compares two networks of which some layers may have been prepared already. Where a measure
   * cannot tell anything of a pair, such as of a layer that is constant, the {@linkplain
   * ComparisonResult#missing() reason} takes the place of its score.
   *
   * @throws PalimpsestException if they saw different probes, were made into matrices by different
   *     rules or narrowed to different regions, share no layer where only matched ones are wanted,
   *     have not the layers of the pairs that are wanted, or no measure can tell anything of any
   *     pair
   */
  public ComparisonResult compare(PreparedLayers a, PreparedLayers b) {
    requireMeasures();
    requireSameProbes(a.matrices(), b.matrices());
    ComparisonResult result = new ComparisonRun(this, a, b).done();
    if (!result.missing().isEmpty()) { // what is no fault of a pair ends the comparison
      a.matrices().requireUnchanged();
      b.matrices().requireUnchanged();
    }
    return result;
  }

  private void requireMeasures() {
    if (measures.isEmpty()) {
      throw new PalimpsestException(
          "Nothing is compared by no measures. Name at least one, such as linear CKA.");
    }
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
          "%s holds %s samples and %s holds %s. Compare what comes from the same probes in the same order."
              .formatted(a.name(), ofA, b.name(), ofB));
    }
    if (!a.featureMaps().equals(b.featureMaps())) {
      throw new PalimpsestException(
          "Of %s there are %s, of %s %s: rows belong together only if one rule made both. Prepare both with the same feature maps."
              .formatted(
                  a.name(), a.featureMaps().describe(), b.name(), b.featureMaps().describe()));
    }
    if (!a.region().equals(b.region())) {
      throw new PalimpsestException(
          "%s and %s are narrowed to different regions, so that their rows are different places. Narrow both to the same one, or neither."
              .formatted(a.name(), b.name()));
    }
  }

  Partners partners() {
    return partners;
  }

  List<Measure<?>> measures() {
    return measures;
  }

  Optional<ScoreIntervals> intervals() {
    return intervals;
  }

  LayerMemory memory() {
    return memory;
  }

  Progress progress() {
    return progress;
  }
}
