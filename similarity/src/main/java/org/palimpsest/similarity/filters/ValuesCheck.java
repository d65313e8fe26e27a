package org.palimpsest.similarity.filters;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.palimpsest.similarity.filters.NetworkRandomness.Question;
import org.palimpsest.similarity.filters.NetworkRandomness.TestResult;
import org.palimpsest.similarity.weights.FilterBank;

/**
 * Whether a layer's values have the form that its start draws from, of their own mean and variance:
 * the Kolmogorov-Smirnov distance, skewness and kurtosis. For normal starts as {@link
 * NormalValuesCheck} says; for others the null is simulated with layers of the same number of
 * weights, from 800 on with smaller ones, since all three hardly depend on it but for a factor.
 */
final class ValuesCheck {

  private static final int LEAST = 5;
  private static final int LEAST_FOR_SKEWNESS = 8;
  private static final int LEAST_FOR_KURTOSIS = 20;
  private static final int LARGEST_SIMULATED = 800;
  private static final int SIMULATIONS = 1999;
  private static final int TAIL = 20;

  private record Shape(ValueForm form, int filters, int weights) {}

  private record Statistics(double ks, double skewness, double kurtosis) {}

  /** Simulated values of each statistic, standardised for the number of weights, ascending. */
  private record Null(double[] ks, double[] skewness, double[] kurtosis) {}

  private final long seed;
  private final NormalValuesCheck normal;
  private final Map<Shape, Null> nulls = new ConcurrentHashMap<>();

  ValuesCheck(long seed) {
    this.seed = seed;
    this.normal = new NormalValuesCheck(seed);
  }

  List<TestResult> test(Sample sample, ValueForm form, List<String> notes) {
    if (form == ValueForm.NORMAL) {
      return normal.test(sample, notes);
    }
    if (RandomnessCheck.tooFew(sample, LEAST, statistic(form), notes)) {
      return List.of();
    }
    return simulated(sample, form, notes);
  }

  static String statistic(ValueForm form) {
    return "ks_" + form.label();
  }

  private List<TestResult> simulated(Sample sample, ValueForm form, List<String> notes) {
    int n = sample.count();
    Null chance = nulls.computeIfAbsent(shape(sample.layout(), form), this::simulate);
    Statistics own = statistics(sample.centred().clone(), form);
    double unit = modification(n);
    double root = Math.sqrt(n);
    List<TestResult> results = new ArrayList<>();
    results.add(
        result(
            statistic(form),
            own.ks(),
            0,
            quantile(chance.ks(), 0.95) / unit,
            upperP(own.ks() * unit, chance.ks()),
            n));
    if (!RandomnessCheck.tooFew(sample, LEAST_FOR_SKEWNESS, "skewness", notes)) {
      results.add(moment("skewness", own.skewness(), 0, chance.skewness(), root, n));
    }
    if (!RandomnessCheck.tooFew(sample, LEAST_FOR_KURTOSIS, "excess_kurtosis", notes)) {
      double expected = form.kurtosis() - 3;
      results.add(
          moment("excess_kurtosis", own.kurtosis() - 3, expected, chance.kurtosis(), root, n));
    }
    return results;
  }

  private static TestResult moment(
      String statistic, double value, double expected, double[] chance, double root, long n) {
    return result(
        statistic,
        value,
        expected + quantile(chance, 0.025) / root,
        expected + quantile(chance, 0.975) / root,
        twoSidedP((value - expected) * root, chance),
        n);
  }

  private static TestResult result(
      String statistic, double value, double low, double high, double p, long n) {
    return RandomnessCheck.result(Question.VALUES, statistic, value, low, high, p, n);
  }

  /** Weights that depend on each other do so by the proportions of their matrix. */
  private static Shape shape(FilterBank.Layout layout, ValueForm form) {
    double count = layout.weights();
    if (form != ValueForm.ORTHOGONAL) {
      return new Shape(form, 1, (int) Math.min(count, LARGEST_SIMULATED));
    }
    double scale = Math.min(1, Math.sqrt(LARGEST_SIMULATED / count));
    DrawnMatrix drawn = DrawnMatrix.of(layout);
    return new Shape(
        form,
        (int) Math.max(1, Math.round(scale * drawn.rows())),
        (int) Math.max(1, Math.round(scale * drawn.columns())));
  }

  private Null simulate(Shape shape) {
    int n = Math.multiplyExact(shape.filters(), shape.weights());
    List<Statistics> drawn =
        IntStream.range(0, SIMULATIONS)
            .parallel()
            .mapToObj(i -> statistics(draw(shape, i), shape.form()))
            .toList();
    double root = Math.sqrt(n);
    return new Null(
        sorted(drawn, s -> s.ks() * modification(n)),
        sorted(drawn, s -> s.skewness() * root),
        sorted(drawn, s -> (s.kurtosis() - shape.form().kurtosis()) * root));
  }

  private double[] draw(Shape shape, int index) {
    double[] values =
        shape
            .form()
            .draw(
                shape.filters(),
                shape.weights(),
                Seeds.random(seed, shape.filters(), shape.weights(), index));
    return FilterProducts.centre(values, values.length);
  }

  private static double[] sorted(List<Statistics> drawn, ToDoubleFunction<Statistics> of) {
    return drawn.stream().mapToDouble(of).sorted().toArray();
  }

  /** Sorts the values, whose mean is 0. */
  private static Statistics statistics(double[] centred, ValueForm form) {
    Arrays.sort(centred);
    double n = centred.length;
    double second = 0;
    double third = 0;
    double fourth = 0;
    for (double value : centred) {
      double square = value * value;
      second += square;
      third += square * value;
      fourth += square * square;
    }
    double sd = Math.sqrt(second / (n - 1));
    double distance = 0;
    for (int i = 0; i < centred.length; i++) {
      double expected = form.standardCdf(centred[i] / sd);
      distance = Math.max(distance, Math.max((i + 1) / n - expected, expected - i / n));
    }
    double variance = second / n;
    return new Statistics(
        distance, third / n / (variance * Math.sqrt(variance)), fourth / n / (variance * variance));
  }

  private static double modification(int n) {
    return Math.sqrt(n) - 0.01 + 0.85 / Math.sqrt(n);
  }

  private static double quantile(double[] ascending, double probability) {
    return ascending[(int) (probability * ascending.length)];
  }

  /** Beyond the simulated values the tail goes on as it falls among them, as exp(−a x²). */
  private static double upperP(double value, double[] chance) {
    int atLeast = atLeast(value, chance);
    if (atLeast >= TAIL) {
      return (atLeast + 1.0) / (chance.length + 1);
    }
    double tenth = chance[chance.length - chance.length / 10];
    double start = chance[chance.length - TAIL];
    double decay = Math.log(chance.length / 10.0 / TAIL) / (start * start - tenth * tenth);
    return (TAIL + 1.0) / (chance.length + 1) * Math.exp(-decay * (value * value - start * start));
  }

  private static double twoSidedP(double value, double[] chance) {
    int atLeast = atLeast(value, chance);
    int nearer = Math.min(atLeast, chance.length - atLeast);
    double counted = Math.min(1, 2 * (Math.max(nearer, TAIL) + 1.0) / (chance.length + 1));
    if (nearer >= TAIL) {
      return counted;
    }
    double mean = Arrays.stream(chance).average().orElseThrow();
    double squares = Arrays.stream(chance).map(v -> (v - mean) * (v - mean)).sum();
    double z = (value - mean) / Math.sqrt(squares / (chance.length - 1));
    return Math.min(counted, Gaussian.twoSidedP(z));
  }

  private static int atLeast(double value, double[] ascending) {
    int found = Arrays.binarySearch(ascending, value);
    return ascending.length - (found < 0 ? -found - 1 : found);
  }

  /**
   * Whether values are distributed as normal ones of their own mean and variance: the
   * Kolmogorov-Smirnov distance, skewness and kurtosis, each by a null of its own.
   */
  private static final class NormalValuesCheck implements RandomnessCheck {

    private final Lilliefors lilliefors;
    private final Moments moments = new Moments();

    NormalValuesCheck(long seed) {
      this.lilliefors = new Lilliefors(seed);
    }

    @Override
    public List<TestResult> test(Sample sample, List<String> notes) {
      List<TestResult> results = new ArrayList<>(lilliefors.test(sample, notes));
      results.addAll(moments.test(sample, notes));
      return results;
    }

    /**
     * Kolmogorov-Smirnov distance to a Gaussian whose mean and variance are estimated from the same
     * weights, for which the plain p-value would be far too large (Lilliefors 1967, Journal of the
     * American Statistical Association 62, 399–402).
     *
     * <p>The null is simulated. D (√N − 0.01 + 0.85 / √N) hardly depends on N (Stephens 1974, ibid.
     * 69, 730–737), so that from 50 weights on the simulation of the next smaller of 50, 100, 200,
     * 400 and 800 weights serves. Beyond the fiftieth largest simulated value the tail is continued
     * by exp(−x² / 2v), v = 1/4 − 1/(2π) being the largest variance of the limiting Gaussian
     * process, at the mean.
     */
    private static final class Lilliefors implements RandomnessCheck {

      static final String STATISTIC = "ks_gaussian";

      private static final int LEAST = 5;
      private static final int[] SIMULATED = {800, 400, 200, 100, 50};
      private static final int SIMULATIONS = 4999;
      private static final int TAIL = 50;
      private static final double TAIL_VARIANCE = 0.25 - 1 / (2 * Math.PI);

      private final long seed;
      private final Map<Integer, double[]> nulls = new ConcurrentHashMap<>();

      Lilliefors(long seed) {
        this.seed = seed;
      }

      @Override
      public List<TestResult> test(Sample sample, List<String> notes) {
        if (RandomnessCheck.tooFew(sample, LEAST, STATISTIC, notes)) {
          return List.of();
        }
        int n = sample.count();
        double distance = distance(sample.centred().clone(), Math.sqrt(sample.variance()));
        double[] chance = nulls.computeIfAbsent(simulatedFor(n), this::simulateModified);
        double critical = chance[(int) (0.95 * chance.length)];
        return List.of(
            RandomnessCheck.result(
                Question.VALUES,
                STATISTIC,
                distance,
                0,
                critical / modification(n),
                p(distance * modification(n), chance),
                n));
      }

      private static int simulatedFor(int n) {
        return Arrays.stream(SIMULATED).filter(size -> size <= n).findFirst().orElse(n);
      }

      private static double modification(int n) {
        return Math.sqrt(n) - 0.01 + 0.85 / Math.sqrt(n);
      }

      private static double p(double modified, double[] chance) {
        int below = Arrays.binarySearch(chance, modified);
        int atLeast = chance.length - (below < 0 ? -below - 1 : below);
        if (atLeast >= TAIL) {
          return (atLeast + 1.0) / (chance.length + 1);
        }
        double start = chance[chance.length - TAIL];
        double decay = (modified * modified - start * start) / (2 * TAIL_VARIANCE);
        return (TAIL + 1.0) / (chance.length + 1) * Math.exp(-decay);
      }

      private double[] simulateModified(int n) {
        return IntStream.range(0, SIMULATIONS)
            .parallel()
            .mapToDouble(i -> modification(n) * simulate(n, i))
            .sorted()
            .toArray();
      }

      private double simulate(int n, int index) {
        double[] values = Seeds.gaussians(Seeds.random(seed, n, index), n);
        double mean = Arrays.stream(values).sum() / n;
        double squares = 0;
        for (int i = 0; i < n; i++) {
          values[i] -= mean;
          squares += values[i] * values[i];
        }
        return distance(values, Math.sqrt(squares / (n - 1)));
      }

      /** Sorts the values, whose mean is 0. */
      static double distance(double[] centred, double sd) {
        Arrays.sort(centred);
        double n = centred.length;
        double largest = 0;
        for (int i = 0; i < centred.length; i++) {
          double expected = Gaussian.cdf(centred[i] / sd);
          largest = Math.max(largest, Math.max((i + 1) / n - expected, expected - i / n));
        }
        return largest;
      }
    }

    /**
     * Skewness and kurtosis against a Gaussian's: D'Agostino's transformation of the skewness
     * (1970, Biometrika 57, 679–681) and that of Anscombe and Glynn of the kurtosis (1983,
     * Biometrika 70, 227–234), each to a standard normal.
     */
    private static final class Moments implements RandomnessCheck {

      private static final int LEAST_FOR_SKEWNESS = 8;
      private static final int LEAST_FOR_KURTOSIS = 20;

      @Override
      public List<TestResult> test(Sample sample, List<String> notes) {
        List<TestResult> results = new ArrayList<>();
        if (!RandomnessCheck.tooFew(sample, LEAST_FOR_SKEWNESS, "skewness", notes)) {
          SkewnessNull chance = new SkewnessNull(sample.count());
          results.add(
              result(
                  "skewness",
                  sample.skewness(),
                  chance.quantile(-Gaussian.UPPER),
                  chance.quantile(Gaussian.UPPER),
                  chance.z(sample.skewness()),
                  sample));
        }
        if (!RandomnessCheck.tooFew(sample, LEAST_FOR_KURTOSIS, "excess_kurtosis", notes)) {
          KurtosisNull chance = new KurtosisNull(sample.count());
          results.add(
              result(
                  "excess_kurtosis",
                  sample.kurtosis() - 3,
                  chance.quantile(-Gaussian.UPPER) - 3,
                  chance.quantile(Gaussian.UPPER) - 3,
                  chance.z(sample.kurtosis()),
                  sample));
        }
        return results;
      }

      private static TestResult result(
          String statistic, double value, double low, double high, double z, Sample sample) {
        return RandomnessCheck.result(
            Question.VALUES, statistic, value, low, high, Gaussian.twoSidedP(z), sample.count());
      }

      /** The skewness of n Gaussian values. */
      static final class SkewnessNull {

        private final double scale;
        private final double delta;
        private final double alpha;

        SkewnessNull(double n) {
          scale = Math.sqrt((n + 1) * (n + 3) / (6 * (n - 2)));
          double beta =
              3
                  * (n * n + 27 * n - 70)
                  * (n + 1)
                  * (n + 3)
                  / ((n - 2) * (n + 5) * (n + 7) * (n + 9));
          double w2 = -1 + Math.sqrt(2 * (beta - 1));
          delta = 1 / Math.sqrt(0.5 * Math.log(w2));
          alpha = Math.sqrt(2 / (w2 - 1));
        }

        double z(double skewness) {
          double y = Math.abs(skewness) * scale / alpha;
          return Math.copySign(delta * Math.log(y + Math.sqrt(y * y + 1)), skewness);
        }

        double quantile(double z) {
          return alpha * Math.sinh(z / delta) / scale;
        }
      }

      /** The kurtosis of n Gaussian values. */
      static final class KurtosisNull {

        private final double mean;
        private final double sd;
        private final double a;

        KurtosisNull(double n) {
          mean = 3 * (n - 1) / (n + 1);
          sd = Math.sqrt(24 * n * (n - 2) * (n - 3) / ((n + 1) * (n + 1) * (n + 3) * (n + 5)));
          double rootBeta =
              6
                  * (n * n - 5 * n + 2)
                  / ((n + 7) * (n + 9))
                  * Math.sqrt(6 * (n + 3) * (n + 5) / (n * (n - 2) * (n - 3)));
          a = 6 + 8 / rootBeta * (2 / rootBeta + Math.sqrt(1 + 4 / (rootBeta * rootBeta)));
        }

        double z(double kurtosis) {
          double x = (kurtosis - mean) / sd;
          double denominator = 1 + x * Math.sqrt(2 / (a - 4));
          return (1 - 2 / (9 * a) - Math.cbrt((1 - 2 / a) / denominator)) / Math.sqrt(2 / (9 * a));
        }

        double quantile(double z) {
          double root = 1 - 2 / (9 * a) - z * Math.sqrt(2 / (9 * a));
          double denominator = (1 - 2 / a) / (root * root * root);
          return mean + sd * (denominator - 1) / Math.sqrt(2 / (a - 4));
        }
      }
    }
  }
}
