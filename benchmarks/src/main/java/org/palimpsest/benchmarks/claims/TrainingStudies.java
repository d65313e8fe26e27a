package org.palimpsest.benchmarks.claims;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.palimpsest.core.internal.random.RandomStreams;
import org.palimpsest.similarity.internal.statistics.GainInteraction;
import org.palimpsest.similarity.internal.statistics.GainInteraction.Cell;
import org.palimpsest.similarity.internal.statistics.GainInteraction.Scale;
import org.palimpsest.similarity.internal.statistics.LearningCurve;
import org.palimpsest.similarity.internal.statistics.SpeedUp;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Estimate.CensoredValue;
import org.palimpsest.similarity.statistics.WelchContrast;
import org.palimpsest.similarity.statistics.WelchContrast.FrozenShare;

/** Claims about scores: faster, better where hard and few, frozen. */
final class TrainingStudies {

  private static final String HARD_AND_FEW = "2 hard and few";
  private static final int MANY = 20_000;
  private static final double[] GOALS = {0.5, 0.75, 0.9};

  /**
   * Networks whose Dice at a step is plateau/(1 + (half/step)^steepness).
   *
   * @param plateau in the mean
   * @param spread of plateaus
   * @param half the step at which half of the plateau is reached, in the mean of logarithms
   * @param doublings the spread of log2 of that step
   */
  private record Learners(
      double plateau, double spread, double half, double doublings, double noise) {

    private static final double STEEPNESS = 1.6;
    private static final double[] STEPS =
        IntStream.range(0, 21)
            .mapToDouble(i -> i == 0 ? 0 : 5 * Math.pow(1.25, i - 1))
            .filter(step -> step <= 400)
            .toArray();

    LearningCurve draw(SplittableRandom random) {
      double end = plateau + spread * random.nextGaussian();
      double middle = half * Math.pow(2, doublings * random.nextGaussian());
      double[] scores = new double[STEPS.length];
      for (int i = 1; i < STEPS.length; i++) {
        double score = end / (1 + Math.pow(middle / STEPS[i], STEEPNESS));
        scores[i] = Math.max(0, score + noise * random.nextGaussian());
      }
      return LearningCurve.of(STEPS, scores);
    }

    List<LearningCurve> draw(int networks, SplittableRandom random) {
      return IntStream.range(0, networks).mapToObj(i -> draw(random)).toList();
    }

    /** The mean of log2 of the step to a goal. */
    double meanLog2StepTo(double goal, SplittableRandom random) {
      double sum = 0;
      for (int i = 0; i < MANY; i++) {
        double end = plateau + spread * random.nextGaussian();
        double log2 = Math.log(half) / Math.log(2) + doublings * random.nextGaussian();
        sum += log2 - Math.log(end / goal - 1) / Math.log(2) / STEEPNESS;
      }
      return sum / MANY;
    }

    /** The score of the last three checkpoints. */
    double last() {
      return Arrays.stream(STEPS)
          .skip(STEPS.length - 3L)
          .map(step -> plateau / (1 + Math.pow(half / step, STEEPNESS)))
          .average()
          .orElseThrow();
    }
  }

  private TrainingStudies() {}

  static List<SimulatedStudy> all() {
    List<SimulatedStudy> studies = new ArrayList<>();
    studies.addAll(faster());
    studies.addAll(gains());
    studies.addAll(hardAndFew());
    studies.addAll(frozen());
    return studies;
  }

  private static List<SimulatedStudy> faster() {
    Learners random = new Learners(0.75, 0.012, 22, 0.25, 0.01);
    Learners same = new Learners(0.76, 0.012, 22, 0.15, 0.01);
    Learners fast = new Learners(0.75, 0.012, 22 / Math.sqrt(2), 0.15, 0.01);
    return List.of(
        SimulatedStudy.ofInterval(
            "1 faster",
            "all reach, no speed-up",
            trueSpeedUp(random, same),
            (n, r) -> SpeedUp.of(random.draw(n, r), same.draw(n, r)).estimate()),
        SimulatedStudy.ofThreshold(
            "1 faster",
            "0.5 doublings against 0",
            0,
            (n, r) -> SpeedUp.of(random.draw(n, r), fast.draw(n, r)).estimate()),
        censored("same, 45/45 % censored", 0.712, 0.712),
        censored("45/8 % censored", 0.712, 0.75));
  }

  private static double trueSpeedUp(Learners random, Learners other) {
    double sum = 0;
    for (double goal : GOALS) {
      SplittableRandom stream = RandomStreams.of(1, Math.round(100 * goal));
      double at = goal * random.last();
      sum += random.meanLog2StepTo(at, stream) - other.meanLog2StepTo(at, stream);
    }
    return sum / GOALS.length;
  }

  /** A goal of Dice 0.7 that not all networks reach; the true value is that of medians. */
  private static SimulatedStudy censored(String name, double plateau, double others) {
    Learners random = new Learners(plateau, 0.03, 22, 0.25, 0.005);
    Learners other = new Learners(others, 0.03, 22, 0.25, 0.005);
    double truth = median(random) - median(other);
    return SimulatedStudy.ofInterval(
        "1 faster",
        name + ", one goal, rank bounds",
        truth,
        (n, r) -> Estimate.ofShift(steps(random, n, r), steps(other, n, r)));
  }

  private static double median(Learners learners) {
    double[] lows =
        steps(learners, MANY, RandomStreams.of(2, 0)).stream()
            .mapToDouble(CensoredValue::low)
            .sorted()
            .toArray();
    return lows[MANY / 2];
  }

  private static List<CensoredValue> steps(Learners learners, int networks, SplittableRandom r) {
    return learners.draw(networks, r).stream().map(curve -> curve.log2StepTo(0.7)).toList();
  }

  private static List<SimulatedStudy> gains() {
    double[] equal = {0.02, 0.02, 0.02, 0.02};
    return List.of(
        SimulatedStudy.ofInterval(
            HARD_AND_FEW,
            "interaction, independent arms",
            0,
            (n, r) -> design(equal, 0, n, r).interaction(Scale.SCORE)),
        SimulatedStudy.ofInterval(
            HARD_AND_FEW,
            "interaction, paired, r = .5",
            0,
            (n, r) -> design(equal, 0.5, n, r).inSeed().interaction(Scale.SCORE)),
        SimulatedStudy.ofInterval(
            HARD_AND_FEW,
            "contrast, independent arms",
            0,
            (n, r) -> design(equal, 0, n, r).aheadOfOthers(Scale.SCORE)));
  }

  private static List<SimulatedStudy> hardAndFew() {
    double[] more = {0.05, 0.01, 0.01, 0};
    double[] only = {0.05, 0, 0, 0};
    double[] alsoMany = {0.05, 0.02, 0, 0};
    return List.of(
        SimulatedStudy.ofThreshold(
            HARD_AND_FEW,
            "contrast .043 against 0, independent",
            0,
            (n, r) -> design(more, 0, n, r).aheadOfOthers(Scale.SCORE)),
        SimulatedStudy.ofThreshold(
            HARD_AND_FEW,
            "contrast .043 against 0, paired",
            0,
            (n, r) -> design(more, 0.5, n, r).inSeed().aheadOfOthers(Scale.SCORE)),
        SimulatedStudy.ofVerdict(
            HARD_AND_FEW,
            "larger, true gains .05 .01 .01 0",
            (n, r) -> design(more, 0, n, r).isLargerWhenHardAndFew()),
        SimulatedStudy.ofVerdict(
            HARD_AND_FEW,
            "only, true gains .05 0 0 0",
            (n, r) -> design(only, 0, n, r).isOnlyWhenHardAndFew(0.02)),
        SimulatedStudy.ofVerdict(
            HARD_AND_FEW,
            "only, one other at the margin .02",
            (n, r) -> design(alsoMany, 0, n, r).isOnlyWhenHardAndFew(0.02)));
  }

  private static GainInteraction design(
      double[] gains, double correlation, int networks, SplittableRandom random) {
    double[] spreads = {0.025, 0.015, 0.012, 0.006};
    double[] bases = {0.55, 0.70, 0.85, 0.93};
    double shared = Math.sqrt(correlation);
    double own = Math.sqrt(1 - correlation);
    GainInteraction design = GainInteraction.empty();
    Cell[] cells = {Cell.HARD_FEW, Cell.HARD_MANY, Cell.EASY_FEW, Cell.EASY_MANY};
    for (int c = 0; c < cells.length; c++) {
      double[] transferred = new double[networks];
      double[] fresh = new double[networks];
      for (int i = 0; i < networks; i++) {
        double seed = shared * random.nextGaussian();
        transferred[i] = bases[c] + gains[c] + spreads[c] * (seed + own * random.nextGaussian());
        fresh[i] = bases[c] + spreads[c] * (seed + own * random.nextGaussian());
      }
      design = design.with(cells[c], transferred, fresh);
    }
    return design;
  }

  private static List<SimulatedStudy> frozen() {
    String claim = "5 frozen";
    return List.of(
        SimulatedStudy.ofInterval(
            claim,
            "W − L = .26, Fieller",
            0.85,
            (n, r) -> share(0.85, 0.76, 0.50, 0.015, n, r).estimate()),
        SimulatedStudy.ofInterval(
            claim,
            "W − L = .11, Fieller",
            0.85,
            (n, r) -> share(0.85, 0.76, 0.65, 0.015, n, r).estimate()),
        SimulatedStudy.ofInterval(
            claim,
            "W − L = .04, contrast at the true share",
            0,
            (n, r) -> share(0.85, 0.76, 0.72, 0.012, n, r).contrast(0.85)),
        SimulatedStudy.ofInterval(
            claim,
            "W − L = .04, Fieller where there is room",
            0.85,
            (n, r) -> share(0.85, 0.76, 0.72, 0.012, n, r).estimate()),
        SimulatedStudy.ofThreshold(
            claim,
            ".85 against .70, W − L = .26",
            0.7,
            (n, r) -> share(0.85, 0.76, 0.50, 0.015, n, r).estimate()),
        SimulatedStudy.ofThreshold(
            claim,
            ".85 against .70, W − L = .11",
            0.7,
            (n, r) -> share(0.85, 0.76, 0.65, 0.015, n, r).estimate()));
  }

  private static FrozenShare share(
      double share, double whole, double floor, double sd, int networks, SplittableRandom random) {
    return FrozenShare.of(
        SimulatedStudy.normal(networks, floor + share * (whole - floor), sd, random),
        SimulatedStudy.normal(networks, whole, sd, random),
        SimulatedStudy.normal(networks, floor, sd, random));
  }

  /** For the study of pilots: an estimate of a difference of two arms. */
  static Estimate difference(double effect, int networks, SplittableRandom random) {
    return WelchContrast.ofDifference(
            SimulatedStudy.normal(networks, effect, 1, random),
            SimulatedStudy.normal(networks, 0, 1, random))
        .estimate();
  }
}
