package org.palimpsest.similarity.filters;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.statistics.distribution.GammaDistribution;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.similarity.filters.NetworkRandomness.Question;
import org.palimpsest.similarity.filters.NetworkRandomness.TestResult;
import org.palimpsest.similarity.weights.FilterBank;
import org.palimpsest.similarity.weights.NetworkFilters;
import org.palimpsest.similarity.weights.NetworkFilters.LeftOut;

/**
 * Asks whether filters still look random: whether their values are distributed as those they were
 * drawn from, or have at least the form that such draws have, and whether they are arranged as if
 * independent.
 *
 * <p>Immutable: each {@code with…} gives a changed copy. What was simulated is kept, also in copies
 * made by {@code drawnFrom} and {@code assuming}, so use one instance for many networks. Results
 * depend on the weights, the settings and the seed alone, not on the number of threads. Cost per
 * layer of m filters × d weights, the smaller being s: s m d for the singular values, S s² for
 * their null (S s m d if shuffled), N log N for the distributions. For wide layers, whose spectra
 * hardly vary, S falls from 999 to 199 at 1000 filters (to 49 if shuffled).
 */
public final class FilterRandomness {

  private static final int SIMULATIONS = 999;
  private static final int LEAST_SIMULATIONS = 19;

  /** What is simulated, and kept. */
  private record Simulated(ValuesCheck values, SpectrumCheck spectrum) {

    static Simulated with(NullModel model, int simulations, long seed) {
      if (simulations < LEAST_SIMULATIONS) {
        throw new PalimpsestException(
            "%s simulations are too few: take at least %s."
                .formatted(simulations, LEAST_SIMULATIONS));
      }
      return new Simulated(new ValuesCheck(seed), new SpectrumCheck(model, simulations, seed));
    }
  }

  private final @Nullable RandomnessCheck drawnFrom;
  private final String origin;
  private final AssumedStart assumed;
  private final NullModel model;
  private final int simulations;
  private final long seed;
  private final Simulated simulated;

  private FilterRandomness(
      @Nullable RandomnessCheck drawnFrom,
      String origin,
      AssumedStart assumed,
      NullModel model,
      int simulations,
      long seed,
      Simulated simulated) {
    this.drawnFrom = drawnFrom;
    this.origin = origin;
    this.assumed = assumed;
    this.model = model;
    this.simulations = simulations;
    this.seed = seed;
    this.simulated = simulated;
  }

  private FilterRandomness simulating(NullModel nullModel, int count, long newSeed) {
    return new FilterRandomness(
        drawnFrom,
        origin,
        assumed,
        nullModel,
        count,
        newSeed,
        Simulated.with(nullModel, count, newSeed));
  }

  private FilterRandomness drawnFrom(RandomnessCheck check, String name) {
    return new FilterRandomness(check, name, assumed, model, simulations, seed, simulated);
  }

  private FilterRandomness assuming(AssumedStart start) {
    return new FilterRandomness(drawnFrom, origin, start, model, simulations, seed, simulated);
  }

  /** Normal values assumed, 999 simulations, seed 0, no distribution that they were drawn from. */
  public static FilterRandomness withDefaults() {
    return new FilterRandomness(
        null,
        "unknown start",
        AssumedStart.gaussian(),
        NullModel.START,
        SIMULATIONS,
        0,
        Simulated.with(NullModel.START, SIMULATIONS, 0));
  }

  /**
   * Assumes that values start as a named initialisation draws them, at whatever scale: uniform for
   * PyTorch's default.
   */
  public FilterRandomness assuming(Initialisation start) {
    return assuming(AssumedStart.of(start));
  }

  /**
   * Assumes for each layer the start that its weights in this network look like: normal, uniform,
   * truncated normal or orthogonal. Layers that fit none of these are taken for normal ones.
   */
  public FilterRandomness assumingStartOf(Weights fresh) {
    return assuming(AssumedStart.testedOn(fresh, simulated.values()));
  }

  /** Tests too whether the weights are distributed as a named initialisation draws them. */
  public FilterRandomness drawnFrom(Initialisation initialisation) {
    return drawnFrom(DrawnFromCheck.of(initialisation), initialisation.name());
  }

  /**
   * Tests too whether the weights are distributed as other weights are, layers paired by name.
   * Weights and the very start that they grew from are not independent: then the p-values are too
   * large, and a small one says all the more.
   */
  public FilterRandomness drawnFrom(Weights initial) {
    return drawnFrom(DrawnFromCheck.of(NetworkFilters.of(initial)), initial.name());
  }

  /** What the singular values are held against. */
  public FilterRandomness withNullModel(NullModel nullModel) {
    return simulating(nullModel, simulations, seed);
  }

  /**
   * How many random matrices the null of singular values is simulated with, at most; at least 19.
   */
  public FilterRandomness withSimulations(int count) {
    return simulating(model, count, seed);
  }

  /** Decides the random matrices of the null, and the values that forms are simulated with. */
  public FilterRandomness withSeed(long newSeed) {
    return simulating(model, simulations, newSeed);
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
    NetworkFilters filters = NetworkFilters.of(weights).requireLayers();
    List<NetworkRandomness.Layer> layers = new ArrayList<>();
    List<LeftOut> leftOut = new ArrayList<>(filters.leftOut());
    try (Progress.Task task = progress.begin("randomness of filters", filters.layouts().size())) {
      for (FilterBank.Layout layout : filters.layouts()) {
        Sample sample = Sample.of(filters.bank(layout.layer()));
        if (sample.isConstant()) {
          String why = "In %s: %s".formatted(filters.network(), constant(sample));
          leftOut.add(new LeftOut(layout.layer(), why));
        } else {
          layers.add(testAlone(sample));
        }
        task.advance(1);
      }
    }
    return NetworkRandomness.corrected(
        filters.provenance(), layers, leftOut, assumed.words(), setting());
  }

  /**
   * Tests one layer alone, so that corrected p-values are the plain ones.
   *
   * @throws PalimpsestException if all its weights are one value
   */
  public NetworkRandomness.Layer test(FilterBank bank) {
    Sample sample = Sample.of(bank);
    if (sample.isConstant()) {
      throw new PalimpsestException(
          "Layer '%s': %s Leave it out.".formatted(bank.layer(), constant(sample)));
    }
    return testAlone(sample);
  }

  private NetworkRandomness.Layer testAlone(Sample sample) {
    ValueForm form = assumed.form(sample.layout());
    List<TestResult> results = new ArrayList<>();
    List<String> notes = new ArrayList<>(sample.layout().notes());
    if (drawnFrom != null) {
      results.addAll(drawnFrom.test(sample, notes));
    }
    results.addAll(simulated.values().test(sample, form, notes));
    results.addAll(new SmoothnessCheck().test(sample, notes));
    results.addAll(simulated.spectrum().test(sample, form, notes));
    return new NetworkRandomness.Layer(sample.layout(), results, notes);
  }

  private static String constant(Sample sample) {
    return "All %s weights are %s: nothing varies.".formatted(sample.count(), sample.mean());
  }

  private String setting() {
    return "assumed start: %s; drawn from: %s; singular values against: %s; simulations: %s; seed: %s; p-values corrected over layers by Holm"
        .formatted(assumed.words(), origin, model, simulations, seed);
  }

  /** What the singular values of a layer are held against. */
  public enum NullModel {
    /**
     * Random matrices as the assumed start makes them (normal ones if none is), of the layer's
     * size.
     */
    START,
    /**
     * The layer's own weights in random places: keeps their distribution, so that only how they are
     * arranged is judged.
     */
    SHUFFLED
  }

  /** What form of values the layers of a network are taken to have started from. */
  private static final class AssumedStart {

    /** Of all layers of a fresh network together, one in a thousand fails its own form. */
    private static final double LEVEL = 0.001;

    private final ValueForm usual;
    private final Map<String, ValueForm> byLayer;
    private final String words;

    private AssumedStart(ValueForm usual, Map<String, ValueForm> byLayer, String words) {
      this.usual = usual;
      this.byLayer = byLayer;
      this.words = words;
    }

    /** Normal, if nothing else is said. */
    static AssumedStart gaussian() {
      return new AssumedStart(ValueForm.NORMAL, Map.of(), "normal values");
    }

    static AssumedStart of(Initialisation named) {
      return new AssumedStart(
          named.form(),
          Map.of(),
          "%s values, as %s draws them".formatted(named.form().words(), named.name()));
    }

    /**
     * For each layer the form that its weights in a network fit, as they do where that is fresh.
     * Layers that fit none, as after some training, are taken for normal ones.
     */
    static AssumedStart testedOn(Weights start, ValuesCheck check) {
      NetworkFilters filters = NetworkFilters.of(start);
      Map<String, ValueForm> fitting = new HashMap<>();
      Map<ValueForm, Integer> counts = new EnumMap<>(ValueForm.class);
      double level = LEVEL / Math.max(1, filters.layouts().size());
      int layers = 0;
      for (FilterBank.Layout layout : filters.layouts()) {
        Sample sample = Sample.of(filters.bank(layout.layer()));
        if (!sample.isConstant()) {
          layers++;
          ValueForm form = form(sample);
          if (fits(sample, form, check, level)) {
            fitting.put(layout.layer(), form);
            counts.merge(form, 1, Integer::sum);
          }
        }
      }
      ValueForm usual =
          counts.entrySet().stream()
              .max(Map.Entry.comparingByValue())
              .map(Map.Entry::getKey)
              .orElse(ValueForm.NORMAL);
      for (FilterBank.Layout layout : filters.layouts()) {
        fitting.putIfAbsent(layout.layer(), ValueForm.NORMAL);
      }
      return new AssumedStart(usual, fitting, describe(start.name(), counts, layers));
    }

    private static ValueForm form(Sample sample) {
      return DrawnMatrix.of(sample.layout()).isOrthogonal(sample.weights())
          ? ValueForm.ORTHOGONAL
          : ValueForm.likeliest(sample.weights());
    }

    private static boolean fits(Sample sample, ValueForm form, ValuesCheck check, double level) {
      return check.test(sample, form, new ArrayList<>()).stream()
          .allMatch(result -> result.p() >= level);
    }

    private static String describe(String start, Map<ValueForm, Integer> counts, int layers) {
      List<String> parts =
          counts.entrySet().stream()
              .map(count -> "%s values in %s".formatted(count.getKey().words(), count.getValue()))
              .collect(Collectors.toCollection(ArrayList::new));
      int others = layers - counts.values().stream().mapToInt(Integer::intValue).sum();
      if (others > 0) {
        parts.add("normal values in %s that fit no usual start".formatted(others));
      }
      return "%s of %s layers, by a test of %s".formatted(String.join(", ", parts), layers, start);
    }

    ValueForm form(FilterBank.Layout layout) {
      return byLayer.getOrDefault(layout.layer(), usual);
    }

    /** For people: {@code uniform values in 13 of 13 layers, by a test of start.pt}. */
    String words() {
      return words;
    }
  }

  /** The weights against what they were drawn from: their distribution, mean and variance. */
  private static final class DrawnFromCheck {

    private static final String KS = "ks_drawn_from";
    private static final String VARIANCE = "variance_ratio";

    private static final double KOLMOGOROV_95 = 1.3580986393225507;

    private DrawnFromCheck() {}

    /** Against the distribution that a named initialisation draws from. */
    static RandomnessCheck of(Initialisation initialisation) {
      return new OfInitialisation(initialisation);
    }

    /** Against the weights of the same layers in another network. */
    static RandomnessCheck of(NetworkFilters start) {
      return new OfStartingWeights(start);
    }

    /** The upper end is Stephens's approximation (1970, JRSS B 32, 115–122). */
    private static TestResult ks(double statistic, double p, double effective, long n) {
      double root = Math.sqrt(effective);
      return RandomnessCheck.result(
          Question.DRAWN_FROM, KS, statistic, 0, KOLMOGOROV_95 / (root + 0.12 + 0.11 / root), p, n);
    }

    private static TestResult mean(double difference, double standardError, long n) {
      return RandomnessCheck.result(
          Question.DRAWN_FROM,
          "mean_shift",
          difference,
          -Gaussian.UPPER * standardError,
          Gaussian.UPPER * standardError,
          Gaussian.twoSidedP(difference / standardError),
          n);
    }

    /** Of a ratio whose logarithm is about normal. */
    private static TestResult variance(double ratio, double standardErrorOfLog, long n) {
      return RandomnessCheck.result(
          Question.DRAWN_FROM,
          VARIANCE,
          ratio,
          Math.exp(-Gaussian.UPPER * standardErrorOfLog),
          Math.exp(Gaussian.UPPER * standardErrorOfLog),
          Gaussian.twoSidedP(Math.log(ratio) / standardErrorOfLog),
          n);
    }

    /**
     * The weights against the distribution that a named initialisation draws from:
     * Kolmogorov-Smirnov with nothing estimated, the mean, and the variance.
     */
    private static final class OfInitialisation implements RandomnessCheck {

      private static final int LEAST = 5;

      private final Initialisation initialisation;

      OfInitialisation(Initialisation initialisation) {
        this.initialisation = initialisation;
      }

      @Override
      public List<TestResult> test(Sample sample, List<String> notes) {
        if (RandomnessCheck.tooFew(sample, LEAST, KS, notes)) {
          return List.of();
        }
        double sd = initialisation.standardDeviation(sample.layout());
        if (Double.isNaN(sd)) {
          return List.of();
        }
        double[] standardised = sample.weights();
        for (int i = 0; i < standardised.length; i++) {
          standardised[i] /= sd;
        }
        KolmogorovSmirnovTest.OneResult ks =
            KolmogorovSmirnovTest.withDefaults()
                .test(standardised, initialisation.form()::standardCdf);
        int n = sample.count();
        return List.of(
            ks(ks.getStatistic(), ks.getPValue(), n, n),
            mean(sample.mean(), sd / Math.sqrt(n), n),
            variance(sample, sd));
      }

      /**
       * For Gaussian weights exactly chi-squared over n; for others of the right mean and variance.
       */
      private TestResult variance(Sample sample, double sd) {
        int n = sample.count();
        double ratio = (sample.sumOfSquares() / n + sample.mean() * sample.mean()) / (sd * sd);
        double spread = (initialisation.form().kurtosis() - 1) / n;
        GammaDistribution chance = GammaDistribution.of(1 / spread, spread);
        double below = chance.cumulativeProbability(ratio);
        double above = chance.survivalProbability(ratio);
        return RandomnessCheck.result(
            Question.DRAWN_FROM,
            VARIANCE,
            ratio,
            chance.inverseCumulativeProbability(0.025),
            chance.inverseCumulativeProbability(0.975),
            Math.min(1, 2 * Math.min(below, above)),
            n);
      }
    }

    /**
     * The weights against a sample of what they were drawn from: the same layer of another set of
     * weights. Two-sample Kolmogorov-Smirnov, the difference of means, the ratio of variances.
     */
    private static final class OfStartingWeights implements RandomnessCheck {

      private static final int LEAST = 5;
      private static final double ROUNDING = 1e-9;

      private final NetworkFilters start;

      OfStartingWeights(NetworkFilters start) {
        this.start = start;
      }

      @Override
      public List<TestResult> test(Sample sample, List<String> notes) {
        FilterBank.Layout layout = sample.layout();
        if (start.layout(layout.layer()).isEmpty()) {
          notes.add(
              "%s has no layer '%s' to compare with.".formatted(start.network(), layout.layer()));
          return List.of();
        }
        Sample drawn = Sample.of(start.bank(layout.layer()));
        if (drawn.isConstant()) {
          notes.add("Layer '%s' is constant in %s.".formatted(layout.layer(), start.network()));
          return List.of();
        }
        return RandomnessCheck.tooFew(sample, LEAST, KS, notes)
                || RandomnessCheck.tooFew(drawn, LEAST, KS, notes)
            ? List.of()
            : results(sample, drawn, notes);
      }

      private static List<TestResult> results(Sample sample, Sample drawn, List<String> notes) {
        double n = sample.count();
        double m = drawn.count();
        KolmogorovSmirnovTest.TwoResult ks =
            KolmogorovSmirnovTest.withDefaults().test(sample.weights(), drawn.weights());
        double standardError = Math.sqrt(sample.variance() / n + drawn.variance() / m);
        List<TestResult> results = new ArrayList<>();
        results.add(ks(ks.getStatistic(), ks.getPValue(), n * m / (n + m), sample.count()));
        results.add(mean(sample.mean() - drawn.mean(), standardError, sample.count()));
        if (isOfTwoValues(sample) && isOfTwoValues(drawn)) {
          notes.add(
              "Layer '%s' has two values in both networks, each as often: no spread of their variances is known to hold %s against."
                  .formatted(sample.layout().layer(), VARIANCE));
        } else {
          double ofLog = Math.sqrt((sample.kurtosis() - 1) / n + (drawn.kurtosis() - 1) / m);
          results.add(variance(sample.variance() / drawn.variance(), ofLog, sample.count()));
        }
        return results;
      }

      /** Binary weights, of which each value stands as often: the least kurtosis that there is. */
      private static boolean isOfTwoValues(Sample sample) {
        return sample.kurtosis() - 1 < ROUNDING;
      }
    }
  }
}
