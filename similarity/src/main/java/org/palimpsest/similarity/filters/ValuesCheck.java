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
import org.palimpsest.similarity.weights.FilterLayout;

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
  private static Shape shape(FilterLayout layout, ValueForm form) {
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
}
