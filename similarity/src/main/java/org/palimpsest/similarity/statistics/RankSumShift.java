package org.palimpsest.similarity.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.internal.intervals.Variances;
import org.palimpsest.similarity.statistics.Estimate.CensoredValue;
import org.palimpsest.similarity.statistics.Estimate.ConfidenceInterval;

/** See {@link Estimate#ofShift}. */
final class RankSumShift implements Estimate {

  /** With fewer networks in a group hardly any order of the ranks is rare enough. */
  static final int FEWEST = 4;

  private final double[] lows;
  private final double[] highs;
  private final double[] cumulative;
  private final int units;

  private RankSumShift(double[] lows, double[] highs, double[] cumulative, int units) {
    this.lows = lows;
    this.highs = highs;
    this.cumulative = cumulative;
    this.units = units;
  }

  /**
   * The shift of the first group beside the second: positive if its values are larger.
   *
   * @param values one per network
   * @param others one per network of the other group
   * @return refused with fewer than {@value #FEWEST} networks in a group
   */
  static Estimate of(List<CensoredValue> values, List<CensoredValue> others) {
    int units = Math.min(values.size(), others.size());
    if (units < FEWEST) {
      return Estimate.Refused.of(
          Double.NaN,
          units,
          "Some values are known by bounds alone, and ranks need at least %s networks in each group; the smallest has %s. Train more, or longer."
              .formatted(FEWEST, units));
    }
    List<CensoredValue> differences =
        values.stream().flatMap(v -> others.stream().map(v::minus)).toList();
    return new RankSumShift(
        sorted(differences.stream().mapToDouble(CensoredValue::low)),
        sorted(differences.stream().mapToDouble(CensoredValue::high)),
        cumulative(values.size(), others.size()),
        units);
  }

  private static double[] sorted(DoubleStream values) {
    return values.sorted().toArray();
  }

  /** P(U ≤ u) for u from 0 to n·m. */
  private static double[] cumulative(int n, int m) {
    double[][] withFewer = new double[m + 1][];
    Arrays.setAll(withFewer, b -> new double[] {1});
    for (int a = 1; a <= n; a++) {
      double[][] now = new double[m + 1][];
      now[0] = new double[] {1};
      for (int b = 1; b <= m; b++) {
        now[b] = step(withFewer[b], now[b - 1], a, b);
      }
      withFewer = now;
    }
    double[] probabilities = withFewer[m];
    Arrays.parallelPrefix(probabilities, Double::sum);
    return probabilities;
  }

  /** The largest of all a + b values is one of the a with probability a/(a + b); it beats all b. */
  private static double[] step(double[] withoutOneOfA, double[] withoutOneOfB, int a, int b) {
    double[] probabilities = new double[a * b + 1];
    double share = (double) a / (a + b);
    for (int u = 0; u < withoutOneOfA.length; u++) {
      probabilities[u + b] += share * withoutOneOfA[u];
    }
    for (int u = 0; u < withoutOneOfB.length; u++) {
      probabilities[u] += (1 - share) * withoutOneOfB[u];
    }
    return probabilities;
  }

  /** The median of all differences; none if bounds leave it open. */
  @Override
  public OptionalDouble point() {
    double low = median(lows);
    double high = median(highs);
    return low == high && Double.isFinite(low) ? OptionalDouble.of(low) : OptionalDouble.empty();
  }

  private static double median(double[] sorted) {
    int n = sorted.length;
    double one = sorted[(n - 1) / 2];
    double other = sorted[n / 2];
    return one == other ? one : (one + other) / 2;
  }

  @Override
  public int units() {
    return units;
  }

  /**
   * The interval.
   *
   * @throws PalimpsestException if the level is not within (0, 1)
   */
  @Override
  public ConfidenceInterval interval(double level) {
    ConfidenceInterval.requireLevel(level);
    int rare = 0;
    while (rare < cumulative.length && cumulative[rare] <= (1 - level) / 2) {
      rare++;
    }
    return rare == 0
        ? ConfidenceInterval.unbounded(level)
        : new ConfidenceInterval(lows[rare - 1], highs[highs.length - rare], level);
  }

  @Override
  public double pAbove(double threshold) {
    Variances.requireThreshold(threshold);
    long below = Arrays.stream(lows).filter(low -> low <= threshold).count();
    return Math.min(1, cumulative[(int) below]);
  }

  @Override
  public double pBelow(double threshold) {
    Variances.requireThreshold(threshold);
    long above = Arrays.stream(highs).filter(high -> high >= threshold).count();
    return Math.min(1, cumulative[(int) above]);
  }
}
