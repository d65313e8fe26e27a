package org.palimpsest.similarity.statistics;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.analysis.solvers.BrentSolver;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.statistics.Estimate.ConfidenceInterval;

/**
 * The share ρ = (F − L)/(W − L) of the way from a floor to the whole that networks with a frozen
 * part go: F the mean score of networks with the frozen part, W that of networks trained as a
 * whole, L that of networks in which nothing but what the others train beside the frozen part could
 * help (the floor).
 *
 * <p>The interval is Fieller's (1954, doi:10.1111/j.2517-6161.1954.tb00159.x): every ρ for which F
 * − ρW − (1 − ρ)L does not differ from 0 by {@link WelchContrast}, its degrees of freedom depending
 * on ρ. W and L are estimates, and their uncertainty is in it. Unless W &gt; L is certain there is
 * no room above the floor, and the share is refused. O(n) for each ρ that the search for the two
 * ends tries.
 */
public final class FrozenShare {

  private final double[] frozen;
  private final double[] whole;
  private final double[] floor;
  private final boolean pairsSeeds;

  private FrozenShare(double[] frozen, double[] whole, double[] floor, boolean pairsSeeds) {
    this.frozen = frozen;
    this.whole = whole;
    this.floor = floor;
    this.pairsSeeds = pairsSeeds;
  }

  /**
   * The share of independent arms.
   *
   * @param frozen a score of each network with a frozen part
   * @param whole a score of each network of which everything is trained
   * @param floor a score of each floor network
   * @throws PalimpsestException if a score is not finite
   */
  public static FrozenShare of(double[] frozen, double[] whole, double[] floor) {
    return new FrozenShare(
        Variances.requireFinite("Scores of frozen networks", frozen),
        Variances.requireFinite("Scores of whole networks", whole),
        Variances.requireFinite("Scores of floor networks", floor),
        false);
  }

  /** The i-th networks of the three arms share a seed, see {@link WelchContrast#inSeed()}. */
  public FrozenShare inSeed() {
    return new FrozenShare(frozen, whole, floor, true);
  }

  /** The contrast F − θW − (1 − θ)L, above 0 if the share lies above θ. */
  public Estimate contrast(double share) {
    return sum(1, -share, share - 1);
  }

  /** The room above the floor, W − L. */
  public Estimate room() {
    return sum(0, 1, -1);
  }

  private Estimate sum(double ofFrozen, double ofWhole, double ofFloor) {
    WelchContrast contrast =
        WelchContrast.of(ofFrozen, frozen).plus(ofWhole, whole).plus(ofFloor, floor);
    return (pairsSeeds ? contrast.inSeed() : contrast).estimate();
  }

  /** The share with its interval. */
  public Estimate estimate() {
    Estimate room = room();
    if (contrast(0.5) instanceof Estimate.Refused refused) {
      return Estimate.Refused.of(Double.NaN, refused.units(), refused.reason());
    }
    if (!(room.pAbove(0) <= (1 - Estimate.LEVEL) / 2)) {
      return Estimate.Refused.of(
          Double.NaN,
          room.units(),
          "There is no certain room above the floor (whole minus floor: %s), so that no share of it can be given. Train more networks, or a floor that can do less."
              .formatted(words(room.interval())));
    }
    return new Ratio(this, ratio(), contrast(0.5).units());
  }

  /** Rounded outward. */
  private static String words(ConfidenceInterval interval) {
    return String.format(
            Locale.ROOT,
            "%.3f to %.3f",
            Math.floor(interval.low() * 1000) / 1000,
            Math.ceil(interval.high() * 1000) / 1000)
        .replace('-', '−');
  }

  private double ratio() {
    double least = Variances.mean(floor);
    return (Variances.mean(frozen) - least) / (Variances.mean(whole) - least);
  }

  /** A share with Fieller's interval. */
  static final class Ratio implements Estimate {

    private static final double ACCURACY = 1e-10;
    private static final int MOST_STEPS = 200;

    private final FrozenShare arms;
    private final double value;
    private final int units;

    private Ratio(FrozenShare arms, double value, int units) {
      this.arms = arms;
      this.value = value;
      this.units = units;
    }

    @Override
    public OptionalDouble point() {
      return OptionalDouble.of(value);
    }

    @Override
    public int units() {
      return units;
    }

    @Override
    public ConfidenceInterval interval(double level) {
      ConfidenceInterval.requireLevel(level);
      double p = (1 - level) / 2;
      if (arms.room().pAbove(0) > p) {
        return ConfidenceInterval.unbounded(level);
      }
      return new ConfidenceInterval(
          end(share -> arms.contrast(share).interval(level).low(), -1),
          end(share -> arms.contrast(share).interval(level).high(), 1),
          level);
    }

    /** Where a bound of the contrast, which the share itself has on the other side of 0, is 0. */
    private double end(DoubleUnaryOperator bound, int direction) {
      double inside = value;
      double step = 0.1;
      for (int i = 0; i < MOST_STEPS; i++) {
        double tried = value + direction * step;
        if (direction * bound.applyAsDouble(tried) <= 0) {
          return new BrentSolver(ACCURACY)
              .solve(
                  MOST_STEPS,
                  bound::applyAsDouble,
                  Math.min(inside, tried),
                  Math.max(inside, tried));
        }
        inside = tried;
        step *= 2;
      }
      return direction * Double.POSITIVE_INFINITY;
    }

    @Override
    public double pAbove(double threshold) {
      return Math.max(arms.room().pAbove(0), arms.contrast(threshold).pAbove(0));
    }

    @Override
    public double pBelow(double threshold) {
      return Math.max(arms.room().pAbove(0), arms.contrast(threshold).pBelow(0));
    }
  }
}
