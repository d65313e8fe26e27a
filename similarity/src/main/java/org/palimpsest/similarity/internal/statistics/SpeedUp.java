package org.palimpsest.similarity.internal.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.FisherExactTest;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.internal.intervals.Variances;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Estimate.CensoredValue;
import org.palimpsest.similarity.statistics.WelchContrast;

/**
 * How many doublings of the number of steps networks of one arm are ahead of those of a reference
 * arm on their way to goals that are common to both: shares of the reference's plateau, which is
 * the mean over its networks of the last three scores.
 *
 * <p>A network's number is the mean over the goals of log₂ of the step at which its curve (isotonic
 * fit) reaches the goal, see {@link LearningCurve#log2StepTo}. If it is known of all networks, the
 * arms are compared by {@link WelchContrast}; if some reach a goal before the first checkpoint or
 * never, by {@link Estimate#ofShift} on bounds; if more than half do, it is told how many do and no
 * more. No estimate is given where the reference ends at 0 or not above where it starts: shares of
 * that are no goals.
 *
 * <p>Goals are common because a goal of a network's own plateau punishes the better network. The
 * goals one by one (at the level 1 − 0.05/goals each) are a supplement and decide nothing.
 *
 * <pre>{@code
 * Estimate ahead = SpeedUp.of(randomCurves, transferredCurves).estimate();
 * double times = Math.pow(2, ahead.point().orElse(Double.NaN)); // as fast; 2 is half of the steps
 * }</pre>
 */
public final class SpeedUp {

  private static final List<Double> SHARES = List.of(0.5, 0.75, 0.9);

  private final List<LearningCurve> reference;
  private final List<LearningCurve> curves;
  private final List<Double> shares;
  private final boolean pairsSeeds;

  private SpeedUp(
      List<LearningCurve> reference,
      List<LearningCurve> curves,
      List<Double> shares,
      boolean pairsSeeds) {
    this.reference = List.copyOf(reference);
    this.curves = List.copyOf(curves);
    this.shares = shares;
    this.pairsSeeds = pairsSeeds;
  }

  /**
   * With goals at 50, 75 and 90 % of the reference's plateau.
   *
   * @param reference the curves of networks that started from random weights
   * @param curves those that are said to learn faster
   * @throws PalimpsestException if an arm is empty
   */
  public static SpeedUp of(List<LearningCurve> reference, List<LearningCurve> curves) {
    if (reference.isEmpty() || curves.isEmpty()) {
      throw new PalimpsestException(
          "A speed-up takes learning curves of two arms; given were %s and %s."
              .formatted(reference.size(), curves.size()));
    }
    return new SpeedUp(reference, curves, SHARES, false);
  }

  /** With other goals, as shares of the reference's plateau. */
  public SpeedUp withGoals(double... sharesOfPlateau) {
    if (sharesOfPlateau.length == 0
        || Arrays.stream(sharesOfPlateau).anyMatch(s -> !(s > 0 && Double.isFinite(s)))) {
      throw new PalimpsestException(
          "Goals are shares of the plateau above 0; given were %s."
              .formatted(Arrays.toString(sharesOfPlateau)));
    }
    return new SpeedUp(
        reference, curves, Arrays.stream(sharesOfPlateau).boxed().toList(), pairsSeeds);
  }

  /**
   * The i-th networks of both arms share a seed, see {@link WelchContrast#inSeed()}. Where some
   * steps are known by bounds alone ranks are used all the same, as of independent arms, which is
   * the wider interval if networks of a seed resemble each other.
   */
  public SpeedUp inSeed() {
    return new SpeedUp(reference, curves, shares, true);
  }

  /** The goals, in the unit of the scores. */
  public List<Double> goals() {
    double plateau = plateau();
    return shares.stream().map(share -> share * plateau).toList();
  }

  private double plateau() {
    return Variances.mean(reference.stream().mapToDouble(LearningCurve::plateau).toArray());
  }

  /** The mean score of the reference at step 0; 0 if no network has one. */
  private double start() {
    return reference.stream()
        .filter(curve -> curve.steps().get(0) == 0)
        .mapToDouble(curve -> curve.scores().get(0))
        .average()
        .orElse(0);
  }

  /** Doublings that the arm is ahead, over all goals; above 0 if it is faster. */
  public Estimate estimate() {
    return estimate(goals());
  }

  /**
   * The same for one goal.
   *
   * @param goal its index among the {@link #goals()}, from 0
   * @throws PalimpsestException if there is no such goal
   */
  public Estimate estimateAt(int goal) {
    if (goal < 0 || goal >= shares.size()) {
      throw new PalimpsestException(
          "There are goals 0 to %s; asked for was %s.".formatted(shares.size() - 1, goal));
    }
    return estimate(List.of(goals().get(goal)));
  }

  /** How many networks of the arm, and of the reference, ever reach all goals. */
  public RunCounts reached() {
    List<CensoredValue> theirs = log2Steps(curves, goals());
    List<CensoredValue> others = log2Steps(reference, goals());
    return new RunCounts(reaching(theirs), theirs.size(), reaching(others), others.size());
  }

  private Estimate estimate(List<Double> goals) {
    if (plateau() <= Math.max(0, start())) {
      return Estimate.Refused.of(
          Double.NaN,
          Math.min(curves.size(), reference.size()),
          String.format(
              Locale.ROOT,
              "The networks of the reference end at a score of %.3g and start at %.3g, so there is no level to reach. Train them longer, or find out why they do not learn.",
              plateau(),
              start()));
    }
    List<CensoredValue> theirs = log2Steps(curves, goals);
    List<CensoredValue> others = log2Steps(reference, goals);
    int runs = theirs.size() + others.size();
    int exact = known(theirs) + known(others);
    if (exact == runs) {
      WelchContrast ahead = WelchContrast.ofDifference(values(others), values(theirs));
      return (pairsSeeds ? ahead.inSeed() : ahead).estimate();
    }
    if (2 * exact < runs) {
      return Estimate.Refused.of(
          Double.NaN,
          Math.min(theirs.size(), others.size()),
          "Only %s of %s runs reach the goals between two checkpoints after step 0: %s of %s and, of the reference, %s of %s. Train longer, or keep more checkpoints early in training."
              .formatted(exact, runs, known(theirs), theirs.size(), known(others), others.size()));
    }
    return Estimate.ofShift(others, theirs);
  }

  private static int known(List<CensoredValue> values) {
    return (int) values.stream().filter(CensoredValue::isExact).count();
  }

  private static int reaching(List<CensoredValue> values) {
    return (int) values.stream().filter(v -> Double.isFinite(v.high())).count();
  }

  private static double[] values(List<CensoredValue> exact) {
    return exact.stream().mapToDouble(CensoredValue::low).toArray();
  }

  /** For each network the mean over the goals, bound by bound. */
  private static List<CensoredValue> log2Steps(List<LearningCurve> curves, List<Double> goals) {
    return curves.stream().map(curve -> log2Steps(curve, goals)).toList();
  }

  private static CensoredValue log2Steps(LearningCurve curve, List<Double> goals) {
    List<CensoredValue> steps = goals.stream().map(curve::log2StepTo).toList();
    double low = Variances.mean(steps.stream().mapToDouble(CensoredValue::low).toArray());
    double high = Variances.mean(steps.stream().mapToDouble(CensoredValue::high).toArray());
    return new CensoredValue(low, high);
  }

  /**
   * How many runs of two arms do something, such as collapse or reach a goal, compared by Fisher's
   * exact test (Fisher 1935, doi:10.2307/2342435).
   *
   * <p>What counts as a collapse is fixed before anything is trained. Means of arms with collapsed
   * runs are not compared by {@link WelchContrast}: count the collapses here and judge the rest,
   * with the words "given that it trains".
   *
   * <pre>{@code
   * RunCounts collapsed = new RunCounts(7, 8, 2, 8); // 7 of 8 random runs, 2 of 8 transferred ones
   * double p = collapsed.p(); // 0.041, two-sided
   * }</pre>
   *
   * @param hits of the first arm
   * @param runs of the first arm
   * @param otherHits of the second arm
   * @param otherRuns of the second arm
   */
  public record RunCounts(int hits, int runs, int otherHits, int otherRuns) {

    /**
     * @throws PalimpsestException if an arm is empty or has more hits than runs
     */
    public RunCounts {
      if (hits < 0
          || hits > runs
          || otherHits < 0
          || otherHits > otherRuns
          || runs == 0
          || otherRuns == 0) {
        throw new PalimpsestException(
            "Counts are of some of at least one run in each arm; given were %s of %s and %s of %s."
                .formatted(hits, runs, otherHits, otherRuns));
      }
    }

    /** The p value of the hypothesis that both arms do it as often, two-sided. */
    public double p() {
      return p(AlternativeHypothesis.TWO_SIDED);
    }

    /** The p value of the hypothesis that the first arm does it at most as often. */
    public double pMore() {
      return p(AlternativeHypothesis.GREATER_THAN);
    }

    /** The p value of the hypothesis that the first arm does it at least as often. */
    public double pLess() {
      return p(AlternativeHypothesis.LESS_THAN);
    }

    /** "7 of 8 against 2 of 8 runs". */
    public String words() {
      return "%s of %s against %s of %s runs".formatted(hits, runs, otherHits, otherRuns);
    }

    private double p(AlternativeHypothesis alternative) {
      if (hits + otherHits == 0 || hits + otherHits == runs + otherRuns) {
        return 1;
      }
      int[][] table = {{hits, runs - hits}, {otherHits, otherRuns - otherHits}};
      return Math.min(1, FisherExactTest.withDefaults().with(alternative).test(table).getPValue());
    }
  }
}
