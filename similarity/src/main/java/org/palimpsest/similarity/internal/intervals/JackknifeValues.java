package org.palimpsest.similarity.internal.intervals;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.palimpsest.core.representation.Representation;

/**
 * The value of all units and those of all but one unit.
 *
 * @param value of all
 * @param without of all but each
 * @see <a href="https://doi.org/10.1214/aoms/1177728652">Arvesen 1969</a>
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
public record JackknifeValues(double value, double[] without) {

  private static final double NEAREST_TO_ONE = 1 - 1e-12;
  private static final double ROUNDING = 1e-10;

  /** Part of a score that nothing but rounding moves. */
  private static final double NO_MOVE = 1e-13;

  /** A distance from equal layers that is so much smaller than another is none, or little. */
  private static final double NOTHING_BESIDE = 1e-4;

  private static final double LITTLE_BESIDE = 0.05;
  private static final double NEARLY_ALL = 0.99;

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
    double reach = request.quantile(degreesOfFreedom()) * standardError();
    return new Ends(centre - reach, centre, centre + reach);
  }

  /**
   * How well the standard error is known. With d = v₋ᵢ − mean and m = (Σd²)² / Σd⁴, the variance of
   * s² is that of 2m / (1 − m/n) normal values, which are n for d that are normal and fewer where a
   * few units move the value most.
   *
   * @see <a href="https://doi.org/10.2307/3002019">Satterthwaite 1946</a>
   */
  double degreesOfFreedom() {
    int n = without.length;
    double mean = mean();
    double m =
        EffectiveImages.count(
            Arrays.stream(without).map(one -> (one - mean) * (one - mean)).toArray());
    return m < n ? Math.max(1, Math.min(n - 1.0, 2 * m / (1 - m / n))) : n - 1.0;
  }

  /**
   * Why there is no interval: without one unit the score is 1 or -1, where the artanh scale has no
   * end, so that this unit alone would decide.
   *
   * @param unit what one is called
   */
  public Optional<String> dependence(String unit) {
    double distance = 1 - Math.abs(value);
    if (distance <= ROUNDING) {
      return Optional.empty();
    }
    return copies(unit).or(() -> oneThatDecides(unit, distance));
  }

  /** Why there is no interval where the score does not move whichever unit is left out. */
  Optional<String> copies(String unit) {
    double most = Arrays.stream(without).map(one -> Math.abs(one - without[0])).max().orElse(0);
    double size = Math.max(Math.abs(value), Math.abs(without[0]));
    return most <= NO_MOVE * size && size > 0 ? Optional.of(areCopies(unit)) : Optional.empty();
  }

  static String areCopies(String unit) {
    return "Whichever %s is left out, the score stays the same to the last digits, so that nothing tells how much others would move it: copies of each other, or a few kinds in equal numbers. Show different ones."
        .formatted(unit);
  }

  private Optional<String> oneThatDecides(String unit, double distance) {
    return IntStream.range(0, without.length)
        .filter(i -> 1 - Math.abs(without[i]) < LITTLE_BESIDE * distance)
        .filter(i -> isNothing(i) || decides(i))
        .mapToObj(
            i ->
                String.format(
                    Locale.ROOT,
                    "Without %s %s the score is %.6f, with it %.6f, so that an interval would hang on that %s alone. Look at it, leave it out, or show more.",
                    unit,
                    i,
                    without[i],
                    value,
                    unit))
        .findFirst();
  }

  private boolean isNothing(int unit) {
    return 1 - Math.abs(without[unit]) < NOTHING_BESIDE * (1 - Math.abs(value));
  }

  /** Whether nearly all that the value moves on the artanh scale is this unit's. */
  private boolean decides(int unit) {
    JackknifeValues z = onArtanhScale();
    double all = Arrays.stream(z.without).map(one -> (one - z.value) * (one - z.value)).sum();
    double own = (z.without[unit] - z.value) * (z.without[unit] - z.value);
    return own > NEARLY_ALL * all;
  }

  /** Why there is no interval where all that a layer tells is one unit's. */
  public static String nothingWithout(String unit, int index, Representation.Info info) {
    return "Without %s %s nothing is left in layer '%s' that could be compared, so that an interval would hang on that %s alone. Look at it, or leave it out."
        .formatted(unit, index, info.layer(), unit);
  }

  private boolean isAlwaysOne() {
    return value >= 1 - ROUNDING && Arrays.stream(without).allMatch(v -> v >= 1 - ROUNDING);
  }

  /** v ± t s on the artanh scale, within [-1, 1]; always holds v. */
  public Ends aboutValueOnArtanhScale(IntervalRequest request) {
    if (isAlwaysOne()) {
      return new Ends(1, 1, 1);
    }
    Ends ends = onArtanhScale().aboutValue(request);
    return new Ends(
        Math.min(value, Math.tanh(ends.low)), value, Math.max(value, Math.tanh(ends.high)));
  }

  /** The corrected value ± t s on the artanh scale. */
  Ends aboutCorrectedOnArtanhScale(IntervalRequest request) {
    if (isAlwaysOne()) {
      return new Ends(1, 1, 1);
    }
    Ends ends = onArtanhScale().aboutCorrected(request);
    return new Ends(Math.tanh(ends.low), Math.tanh(ends.centre), Math.tanh(ends.high));
  }

  private JackknifeValues onArtanhScale() {
    return new JackknifeValues(
        artanh(value), Arrays.stream(without).map(JackknifeValues::artanh).toArray());
  }

  private static double artanh(double value) {
    double inside = Math.max(-NEAREST_TO_ONE, Math.min(NEAREST_TO_ONE, value));
    return (Math.log1p(inside) - Math.log1p(-inside)) / 2;
  }
}
