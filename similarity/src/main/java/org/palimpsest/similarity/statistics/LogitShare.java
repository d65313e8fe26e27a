package org.palimpsest.similarity.statistics;

import org.palimpsest.core.PalimpsestException;

/** See {@link Estimate#ofLogitShare}. */
final class LogitShare {

  private LogitShare() {}

  /**
   * The logit of the share; {@link Estimate#fromLogit} turns the ends of its interval into shares.
   *
   * @param hits of each network
   * @param units of each network, as many numbers
   * @throws PalimpsestException if there are more hits than units, or no units
   */
  static Estimate of(int[] hits, int[] units) {
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
      return WelchContrast.tooFew(n == 0 ? Double.NaN : Estimate.logit(share), n);
    }
    double floor = share * (1 - share) * sumOfInverses / n;
    double variance = Math.max(Variances.sample(shares), floor);
    return new Estimate.Student(
        Estimate.logit(share), Math.sqrt(variance / n) / (share * (1 - share)), n - 1.0, n);
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
}
