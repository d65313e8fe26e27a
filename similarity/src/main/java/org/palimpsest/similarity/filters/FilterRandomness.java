package org.palimpsest.similarity.filters;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.similarity.weights.FilterBank;
import org.palimpsest.similarity.weights.FilterLayout;
import org.palimpsest.similarity.weights.LeftOut;
import org.palimpsest.similarity.weights.NetworkFilters;

/**
 * Asks whether filters still look random: whether their values are distributed as those they were
 * drawn from, or as a Gaussian's, and whether they are arranged as if independent.
 *
 * <p>Immutable: each {@code with…} gives a changed copy. What was simulated is kept, also in copies
 * made by {@code drawnFrom}, so use one instance for many networks. Figures depend on the weights,
 * the settings and the seed alone, not on the number of threads. Cost per layer of m filters × d
 * weights, the smaller being s: s m d for the singular values, S s² for their null (S s m d if
 * shuffled), N log N for the distributions. For wide layers, whose spectra hardly vary, S falls
 * from 999 to 199 at 1000 filters (to 49 if shuffled).
 */
public final class FilterRandomness {

  private static final int SIMULATIONS = 999;
  private static final int LEAST_SIMULATIONS = 19;

  private final @Nullable RandomnessCheck drawnFrom;
  private final String start;
  private final NullModel model;
  private final int simulations;
  private final long seed;
  private final List<RandomnessCheck> ofTheLayerAlone;
  private final List<RandomnessCheck> tests;

  private FilterRandomness(
      @Nullable RandomnessCheck drawnFrom,
      String start,
      NullModel model,
      int simulations,
      long seed) {
    this(drawnFrom, start, model, simulations, seed, ofTheLayerAlone(model, simulations, seed));
  }

  private FilterRandomness(
      @Nullable RandomnessCheck drawnFrom,
      String start,
      NullModel model,
      int simulations,
      long seed,
      List<RandomnessCheck> ofTheLayerAlone) {
    this.drawnFrom = drawnFrom;
    this.start = start;
    this.model = model;
    this.simulations = simulations;
    this.seed = seed;
    this.ofTheLayerAlone = ofTheLayerAlone;
    this.tests = new ArrayList<>();
    if (drawnFrom != null) {
      tests.add(drawnFrom);
    }
    tests.addAll(ofTheLayerAlone);
  }

  /** These keep what they simulate. */
  private static List<RandomnessCheck> ofTheLayerAlone(
      NullModel model, int simulations, long seed) {
    if (simulations < LEAST_SIMULATIONS) {
      throw new PalimpsestException(
          "%d simulations are too few: take at least %d."
              .formatted(simulations, LEAST_SIMULATIONS));
    }
    return List.of(
        new LillieforsCheck(seed),
        new MomentCheck(),
        new SpatialAutocorrelation(),
        new LowFrequencyEnergy(),
        new SpectrumCheck(model, simulations, seed));
  }

  /** Against Gaussians, 999 simulations, seed 0, no distribution that they were drawn from. */
  public static FilterRandomness withDefaults() {
    return new FilterRandomness(null, "unknown start", NullModel.GAUSSIAN, SIMULATIONS, 0);
  }

  /** Tests too whether the weights are distributed as a named initialisation draws them. */
  public FilterRandomness drawnFrom(Initialisation initialisation) {
    return new FilterRandomness(
        new InitialisationCheck(initialisation),
        initialisation.name(),
        model,
        simulations,
        seed,
        ofTheLayerAlone);
  }

  /**
   * Tests too whether the weights are distributed as other weights are, layers paired by name.
   * Weights and the very start that they grew from are not independent: then the p-values are too
   * large, and a small one says all the more.
   */
  public FilterRandomness drawnFrom(Weights initial) {
    NetworkFilters filters = NetworkFilters.of(initial);
    return new FilterRandomness(
        new StartingWeightsCheck(filters),
        initial.name(),
        model,
        simulations,
        seed,
        ofTheLayerAlone);
  }

  /** What the singular values are held against. */
  public FilterRandomness withNullModel(NullModel nullModel) {
    return new FilterRandomness(drawnFrom, start, nullModel, simulations, seed);
  }

  /**
   * How many random matrices the null of singular values is simulated with, at most; at least 19.
   */
  public FilterRandomness withSimulations(int count) {
    return new FilterRandomness(drawnFrom, start, model, count, seed);
  }

  public FilterRandomness withSeed(long newSeed) {
    return new FilterRandomness(drawnFrom, start, model, simulations, newSeed);
  }

  /** Tests every layer of a network that has filters. */
  public NetworkRandomness test(Weights weights) {
    return test(weights, Progress.silent());
  }

  /**
   * Tests every layer of a network that has filters.
   *
   * @param weights the network's; layers whose weights are all one value are listed as left out
   * @param progress hears of each layer done
   * @throws PalimpsestException if a weight is not finite, or no layer has filters
   */
  public NetworkRandomness test(Weights weights, Progress progress) {
    NetworkFilters filters = NetworkFilters.of(weights);
    List<LayerRandomness> layers = new ArrayList<>();
    List<LeftOut> leftOut = new ArrayList<>(filters.leftOut());
    try (Progress.Task task = progress.begin("randomness of filters", filters.layouts().size())) {
      for (FilterLayout layout : filters.layouts()) {
        Sample sample = Sample.of(filters.bank(layout.layer()));
        if (sample.isConstant()) {
          leftOut.add(new LeftOut(layout.layer(), constant(sample)));
        } else {
          layers.add(testAlone(sample));
        }
        task.advance(1);
      }
    }
    if (filters.layouts().isEmpty()) {
      throw new PalimpsestException(
          "'%s' has no filters to test. Left out: %s.".formatted(filters.network(), leftOut));
    }
    return new NetworkRandomness(
        filters.provenance(), LayerCorrection.apply(layers), leftOut, setting());
  }

  /**
   * Tests one layer alone, so that corrected p-values are the plain ones.
   *
   * @throws PalimpsestException if all its weights are one value
   */
  public LayerRandomness test(FilterBank bank) {
    Sample sample = Sample.of(bank);
    if (sample.isConstant()) {
      throw new PalimpsestException(
          "Layer '%s': %s Leave it out.".formatted(bank.layer(), constant(sample)));
    }
    return testAlone(sample);
  }

  private LayerRandomness testAlone(Sample sample) {
    List<RandomnessFigure> figures = new ArrayList<>();
    List<String> notes = new ArrayList<>(sample.layout().notes());
    for (RandomnessCheck test : tests) {
      figures.addAll(test.test(sample, notes));
    }
    return new LayerRandomness(sample.layout(), figures, notes);
  }

  private static String constant(Sample sample) {
    return "All %d weights are %s: nothing varies.".formatted(sample.count(), sample.mean());
  }

  private String setting() {
    return "drawn from: %s; singular values against: %s; simulations: %d; seed: %d; p-values corrected over layers by Holm"
        .formatted(start, model, simulations, seed);
  }
}
