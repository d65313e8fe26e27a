package org.palimpsest.similarity.uncertainty;

import java.util.Arrays;

/**
 * The value of all units and those of all but one unit.
 *
 * @param value of all
 * @param without of all but each
 * @see <a href="https://doi.org/10.1214/aoms/1177728652">Arvesen 1969</a>
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Jackknife(double value, double[] without) {

  private static final double NEAREST_TO_ONE = 1 - 1e-12;
  private static final double ROUNDING = 1e-10;

  /**
   * The ends of an interval, and what it is centred on.
   *
   * @param centre between them
   */
  public record Ends(double low, double centre, double high) {

    Ends within(double least, double greatest) {
      return new Ends(
          cut(low, least, greatest), cut(centre, least, greatest), cut(high, least, greatest));
    }

    private static double cut(double value, double least, double greatest) {
      return Math.max(least, Math.min(greatest, value));
    }
  }

  /** s² = (n − 1)/n Σ (v₋ᵢ − mean)². */
  double standardError() {
    double mean = mean();
    double sum = 0;
    for (double one : without) {
      sum += (one - mean) * (one - mean);
    }
    return Math.sqrt(sum * (without.length - 1) / without.length);
  }

  private double mean() {
    return Arrays.stream(without).average().orElseThrow();
  }

  /** n v − (n − 1) mean v₋ᵢ, without the part of the bias that falls with 1/n. */
  double corrected() {
    return without.length * value - (without.length - 1) * mean();
  }

  /** v ± t s. */
  Ends aboutValue(IntervalRequest request) {
    return about(value, request);
  }

  /** The corrected value ± t s. */
  Ends aboutCorrected(IntervalRequest request) {
    return about(corrected(), request);
  }

  private Ends about(double centre, IntervalRequest request) {
    double reach = request.quantile(without.length) * standardError();
    return new Ends(centre - reach, centre, centre + reach);
  }

  /** v ± t s on the artanh scale, within [-1, 1]; always holds v. */
  public Ends aboutValueOnArtanhScale(IntervalRequest request) {
    if (value >= 1 - ROUNDING && Arrays.stream(without).allMatch(v -> v >= 1 - ROUNDING)) {
      return new Ends(1, 1, 1);
    }
    Ends ends = onArtanhScale().aboutValue(request);
    return new Ends(
        Math.min(value, Math.tanh(ends.low)), value, Math.max(value, Math.tanh(ends.high)));
  }

  /** The corrected value ± t s on the artanh scale. */
  Ends aboutCorrectedOnArtanhScale(IntervalRequest request) {
    Ends ends = onArtanhScale().aboutCorrected(request);
    return new Ends(Math.tanh(ends.low), Math.tanh(ends.centre), Math.tanh(ends.high));
  }

  private Jackknife onArtanhScale() {
    return new Jackknife(artanh(value), Arrays.stream(without).map(Jackknife::artanh).toArray());
  }

  private static double artanh(double value) {
    double inside = Math.max(-NEAREST_TO_ONE, Math.min(NEAREST_TO_ONE, value));
    return (Math.log1p(inside) - Math.log1p(-inside)) / 2;
  }
}
