package org.palimpsest.similarity.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.analysis.solvers.BrentSolver;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.internal.intervals.Variances;
import org.palimpsest.similarity.statistics.Estimate.ConfidenceInterval;

/**
 * A weighted sum of means over networks: estimate Σ w·mean, variance V = Σ w² s²/n, degrees of
 * freedom V² / Σ [(w² s²/n)² / (n − 1)], Student's interval (Welch 1947,
 * doi:10.1093/biomet/34.1-2.28; Satterthwaite 1946, doi:10.2307/3002019).
 *
 * <p>If a design pairs seeds (the same training images and order of images in each arm), the
 * contrast is taken inside each seed and its mean has n − 1 degrees of freedom, see {@link
 * #inSeed()}. Whether it does is a matter of the design, never of the result.
 *
 * <p>Values that tie do not give an interval without width: if the resolution q of the values is
 * known, each s² is at least q²/4; if it is not and all values of an arm are equal, the estimate is
 * refused. So it is with fewer than three networks in an arm. One network costs O(1).
 */
public final class WelchContrast {

  /** With fewer networks in an arm there is no interval. */
  public static final int FEWEST = 3;

  private record Arm(double weight, List<Double> given) {

    double[] values() {
      return given.stream().mapToDouble(Double::doubleValue).toArray();
    }

    int size() {
      return given.size();
    }
  }

  private final List<Arm> arms;
  private final double leastVariance;
  private final boolean pairsSeeds;

  private WelchContrast(List<Arm> arms, double leastVariance, boolean pairsSeeds) {
    this.arms = arms;
    this.leastVariance = leastVariance;
    this.pairsSeeds = pairsSeeds;
  }

  /** The mean of one value per network. */
  public static WelchContrast ofMean(double... values) {
    return of(1, values);
  }

  /** The mean of the values minus that of the others. */
  public static WelchContrast ofDifference(double[] values, double[] others) {
    return of(1, values).plus(-1, others);
  }

  /**
   * A first arm.
   *
   * @param weight of its mean in the sum
   * @param values one per network
   */
  public static WelchContrast of(double weight, double... values) {
    return new WelchContrast(List.of(), 0, false).plus(weight, values);
  }

  /**
   * With one more arm. An arm of weight 0 is left out.
   *
   * @throws PalimpsestException if a number is not finite
   */
  public WelchContrast plus(double weight, double... values) {
    Variances.requireFinite("Weights of arms", weight);
    List<Double> checked =
        Arrays.stream(Variances.requireFinite("Values of networks", values)).boxed().toList();
    List<Arm> more = new ArrayList<>(arms);
    if (weight != 0) {
      more.add(new Arm(weight, checked));
    }
    return new WelchContrast(List.copyOf(more), leastVariance, pairsSeeds);
  }

  /**
   * With a known resolution of the values.
   *
   * @param resolution the distance q of neighbouring values, such as 1/12 for shares of 12 layers
   */
  public WelchContrast withResolution(double resolution) {
    if (!(resolution > 0 && Double.isFinite(resolution))) {
      throw new PalimpsestException(
          "A resolution is a distance above 0; it is %s.".formatted(resolution));
    }
    return withLeastVariance(resolution * resolution / 4);
  }

  /**
   * With a least variance of a network's value, such as what a finite number of kernels gives
   * alone.
   *
   * @param variance of one network's value, at least 0
   */
  public WelchContrast withLeastVariance(double variance) {
    if (!(variance >= 0 && Double.isFinite(variance))) {
      throw new PalimpsestException("A variance is at least 0; it is %s.".formatted(variance));
    }
    return new WelchContrast(arms, variance, pairsSeeds);
  }

  /** The i-th values of all arms share a seed: images, their order, or the start. */
  public WelchContrast inSeed() {
    return new WelchContrast(arms, leastVariance, true);
  }

  /**
   * The estimate.
   *
   * @throws PalimpsestException if there is no arm, or seeds are paired and the arms differ in size
   */
  public Estimate estimate() {
    if (arms.isEmpty()) {
      throw new PalimpsestException("A contrast takes an arm whose weight is not 0.");
    }
    return pairsSeeds ? paired() : independent();
  }

  private Estimate independent() {
    int fewest = arms.stream().mapToInt(Arm::size).min().orElse(0);
    double value = arms.stream().mapToDouble(a -> a.weight * Variances.mean(a.values())).sum();
    if (fewest < FEWEST) {
      return tooFew(fewest == 0 ? Double.NaN : value, fewest);
    }
    Variances variances = new Variances();
    for (Arm arm : arms) {
      double[] values = arm.values();
      if (leastVariance == 0 && Variances.areEqual(values)) {
        return tied(value, fewest, values);
      }
      double variance = Math.max(Variances.sample(values), leastVariance);
      variances.add(arm.weight * arm.weight * variance / arm.size(), arm.size() - 1);
    }
    return new Estimate.Student(
        value, variances.standardError(), variances.degreesOfFreedom(), fewest);
  }

  private Estimate paired() {
    int seeds = arms.get(0).size();
    double[] inSeed = new double[seeds];
    double floor = 0;
    double largest = 0;
    for (Arm arm : arms) {
      if (arm.size() != seeds) {
        throw new PalimpsestException(
            "Arms that share seeds have as many networks each; here are %s and %s."
                .formatted(seeds, arm.size()));
      }
      floor += arm.weight * arm.weight * leastVariance;
      double[] values = arm.values();
      for (int i = 0; i < seeds; i++) {
        inSeed[i] += arm.weight * values[i];
        largest = Math.max(largest, Math.abs(arm.weight * values[i]));
      }
    }
    double value = Variances.mean(inSeed);
    if (seeds < FEWEST) {
      return tooFew(seeds == 0 ? Double.NaN : value, seeds);
    }
    double[] besideLargest = Arrays.stream(inSeed).map(v -> v - value).toArray();
    if (floor == 0 && isRounding(besideLargest, largest)) {
      return tied(value, seeds, inSeed);
    }
    Variances variances = new Variances();
    variances.add(Math.max(Variances.sample(inSeed), floor) / seeds, seeds - 1);
    return new Estimate.Student(
        value, variances.standardError(), variances.degreesOfFreedom(), seeds);
  }

  /** Differences of large values keep the rounding of these. */
  private static boolean isRounding(double[] deviations, double largest) {
    double[] beside = Arrays.stream(deviations).map(d -> largest + Math.abs(d)).toArray();
    double[] all = Arrays.copyOf(beside, beside.length + 1);
    all[beside.length] = largest;
    return Variances.areEqual(all);
  }

  /**
   * Refused, since there are fewer networks than {@value #FEWEST}.
   *
   * @param value of the networks at hand; none if it is not finite
   * @param networks of the smallest group
   */
  public static Estimate tooFew(double value, int networks) {
    return Estimate.Refused.of(
        value,
        networks,
        "An interval takes at least %s networks in each group; the smallest has %s. Train more."
            .formatted(FEWEST, networks));
  }

  private static Estimate tied(double value, int fewest, double... values) {
    return new Estimate.Refused(
        OptionalDouble.of(value),
        fewest,
        "All %s networks of a group give %s, so that their spread is not known. Train more, or state the resolution of the figure."
            .formatted(values.length, (float) values[0]));
  }

  /**
   * The share ρ = (F − L)/(W − L) of the way from a floor to the whole that networks with a frozen
   * part go: F the mean score of networks with the frozen part, W that of networks trained as a
   * whole, L that of networks in which nothing but what the others train beside the frozen part
   * could help (the floor).
   *
   * <p>The interval is Fieller's (1954, doi:10.1111/j.2517-6161.1954.tb00159.x): every ρ for which
   * F − ρW − (1 − ρ)L does not differ from 0 by {@link WelchContrast}, its degrees of freedom
   * depending on ρ. W and L are estimates, and their uncertainty is in it. Unless W &gt; L is
   * certain there is no room above the floor, and the share is refused. O(n) for each ρ that the
   * search for the two ends tries.
   */
  public static final class FrozenShare {

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
}
