package org.palimpsest.similarity.filters;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Kolmogorov-Smirnov distance to a Gaussian whose mean and variance are estimated from the same
 * weights, for which the plain p-value would be far too large (Lilliefors 1967, Journal of the
 * American Statistical Association 62, 399–402).
 *
 * <p>The null is simulated. D (√N − 0.01 + 0.85 / √N) hardly depends on N (Stephens 1974, ibid. 69,
 * 730–737), so that from 50 weights on the simulation of the next smaller of 50, 100, 200, 400 and
 * 800 weights serves. Beyond the fiftieth largest simulated value the tail is continued by exp(−x²
 * / 2v), v = 1/4 − 1/(2π) being the largest variance of the limiting Gaussian process, at the mean.
 */
final class LillieforsCheck implements RandomnessCheck {

  static final String STATISTIC = "ks_gaussian";

  private static final int LEAST = 5;
  private static final int[] SIMULATED = {800, 400, 200, 100, 50};
  private static final int SIMULATIONS = 4999;
  private static final int TAIL = 50;
  private static final double TAIL_VARIANCE = 0.25 - 1 / (2 * Math.PI);

  private final long seed;
  private final Map<Integer, double[]> nulls = new ConcurrentHashMap<>();

  LillieforsCheck(long seed) {
    this.seed = seed;
  }

  @Override
  public List<RandomnessFigure> test(Sample sample, List<String> notes) {
    if (RandomnessCheck.tooFew(sample, LEAST, STATISTIC, notes)) {
      return List.of();
    }
    int n = sample.count();
    double distance = distance(sample.centred().clone(), Math.sqrt(sample.variance()));
    double[] chance = nulls.computeIfAbsent(simulatedFor(n), this::simulateModified);
    double critical = chance[(int) (0.95 * chance.length)];
    return List.of(
        RandomnessCheck.figure(
            RandomnessQuestion.VALUES,
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
