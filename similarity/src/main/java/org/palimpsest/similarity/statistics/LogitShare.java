package org.palimpsest.similarity.statistics;

import org.palimpsest.core.PalimpsestException;

/**
 * A share over networks, each of which counts hits among units of its own, such as filters that are
 * nearest to themselves: p̃ = (x + ½)/(Nm + 1) for x hits among m units of each of N networks; a
 * network's share has variance s² = max(sample variance, p̃(1 − p̃)/m); the interval is that of the
 * logit, logit p̃ ± t(N − 1) √(s²/N) / [p̃(1 − p̃)].
 *
 * <p>The binomial floor keeps an interval from vanishing where all networks tie, and the logit from
 * leaving 0 to 1. Units of a network are not independent: the network is what is drawn. If networks
 * have different numbers of units, m in the floor is their harmonic mean.
 *
 * <pre>{@code
 * Estimate logit = LogitShare.of(new int[] {60, 62, 64}, new int[] {64, 64, 64}); // filters of 3 networks
 * ConfidenceInterval share = logit.interval(0.95).through(LogitShare::share);
 * }</pre>
 */
public final class LogitShare {

  private LogitShare() {}

  /**
   * The logit of the share; {@link #share(double)} turns the ends of its interval into shares.
   *
   * @param hits of each network
   * @param units of each network, as many numbers
   * @throws PalimpsestException if there are more hits than units, or no units
   */
  public static Estimate of(int[] hits, int[] units) {
    requireCounts(hits, units);
    int n = hits.length;
    double[] shares = new double[n];
    double sumOfHits = 0.5;
    double sumOfUnits = 1;
    double sumOfInverses = 0;
    for (int i = 0; i < n; i++) {
      shares[i] = (double) hits[i] / units[i];
      sumOfHits += hits[i];
      sumOfUnits += units[i];
      sumOfInverses += 1.0 / units[i];
    }
    double share = sumOfHits / sumOfUnits;
    if (n < WelchContrast.FEWEST) {
      return WelchContrast.tooFew(n == 0 ? Double.NaN : logit(share), n);
    }
    double floor = share * (1 - share) * sumOfInverses / n;
    double variance = Math.max(Variances.sample(shares), floor);
    return new Estimate.Student(
        logit(share), Math.sqrt(variance / n) / (share * (1 - share)), n - 1.0, n);
  }

  private static void requireCounts(int[] hits, int[] units) {
    if (hits.length != units.length) {
      throw new PalimpsestException(
          "Hits and units are of the same networks; given were %s and %s numbers."
              .formatted(hits.length, units.length));
    }
    for (int i = 0; i < hits.length; i++) {
      if (units[i] < 1 || hits[i] < 0 || hits[i] > units[i]) {
        throw new PalimpsestException(
            "A network hits some of at least one unit; network %s has %s of %s."
                .formatted(i, hits[i], units[i]));
      }
    }
  }

  /** log(p/(1 − p)). */
  public static double logit(double share) {
    return Math.log(share / (1 - share));
  }

  /** 1/(1 + e⁻ˣ). */
  public static double share(double logit) {
    return 1 / (1 + Math.exp(-logit));
  }
}
