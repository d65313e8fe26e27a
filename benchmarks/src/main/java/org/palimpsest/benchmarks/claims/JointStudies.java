package org.palimpsest.benchmarks.claims;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.palimpsest.similarity.internal.statistics.SpeedUp.RunCounts;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Judgement.Verdict;
import org.palimpsest.similarity.statistics.WelchContrast;

/** Verdicts on several claims together, plans from pilots, resolutions and counts. */
final class JointStudies {

  private static final int CLAIMS = 10;

  private JointStudies() {}

  static List<SimulatedStudy> all() {
    String together = "ten claims";
    String ties = "ties";
    return List.of(
        SimulatedStudy.ofVerdict(
            together,
            "all at their thresholds, any verdict, each alone",
            (n, r) -> told(ten(0, n, r).stream().map(Judgement::verdict).toList())),
        SimulatedStudy.ofVerdict(
            together,
            "all at their thresholds, any verdict, Holm",
            (n, r) -> told(Judgement.together(ten(0, n, r), 0.05))),
        SimulatedStudy.ofVerdict(
            together,
            "6 effects of 2 sd, 4 at thresholds: one effect, Holm",
            (n, r) -> told(Judgement.together(ten(2, n, r), 0.05).subList(CLAIMS - 1, CLAIMS))),
        SimulatedStudy.ofVerdict(
            "plan",
            "power of the n asked for after a pilot of n, effect 1.2 sd",
            JointStudies::planned),
        SimulatedStudy.ofInterval(
            ties,
            "rounded to q, sd .15 q, difference 0, q known",
            0,
            (n, r) -> rounded(0.15, 0, n, r)),
        SimulatedStudy.ofInterval(
            ties,
            "rounded to q, sd .30 q, difference .37 q, q known",
            0.37,
            (n, r) -> rounded(0.3, 0.37, n, r)),
        SimulatedStudy.ofVerdict(
            "collapses", "15 % against 15 %, Fisher", (n, r) -> collapses(0.15, n, r)));
  }

  private static Judgement told(List<Verdict> verdicts) {
    boolean any = verdicts.stream().anyMatch(verdict -> verdict != Verdict.CANNOT_BE_TOLD);
    return any ? new Judgement(0, 1, List.of()) : Judgement.undecided("");
  }

  /** Claims that share their networks, with a correlation of 0.36; the last six may be true. */
  private static List<Judgement> ten(double effect, int networks, SplittableRandom random) {
    double[][] first = new double[CLAIMS][networks];
    double[][] second = new double[CLAIMS][networks];
    for (double[][] arm : List.of(first, second)) {
      for (int i = 0; i < networks; i++) {
        double shared = random.nextGaussian();
        for (int c = 0; c < CLAIMS; c++) {
          arm[c][i] = 0.6 * shared + 0.8 * random.nextGaussian();
          arm[c][i] += arm == first && c >= 4 ? effect : 0;
        }
      }
    }
    List<Judgement> judgements = new ArrayList<>();
    for (int c = 0; c < CLAIMS; c++) {
      judgements.add(
          Judgement.above(WelchContrast.ofDifference(first[c], second[c]).estimate(), 0));
    }
    return judgements;
  }

  private static Judgement planned(int networks, SplittableRandom random) {
    double effect = 1.2;
    Estimate pilot = TrainingStudies.difference(effect, networks, random);
    int needed =
        ((Estimate.Student) pilot)
            .networksToPass(effect, 0.8)
            .orElse(Estimate.Student.MOST_NETWORKS);
    return Judgement.above(TrainingStudies.difference(effect, needed, random), 0);
  }

  private static Estimate rounded(
      double spread, double difference, int networks, SplittableRandom random) {
    double offset = random.nextDouble();
    double[] first = new double[networks];
    double[] second = new double[networks];
    for (int i = 0; i < networks; i++) {
      first[i] = Math.rint(offset + difference + spread * random.nextGaussian());
      second[i] = Math.rint(offset + spread * random.nextGaussian());
    }
    return WelchContrast.ofDifference(first, second).withResolution(1).estimate();
  }

  private static Judgement collapses(double rate, int networks, SplittableRandom random) {
    int first = 0;
    int second = 0;
    for (int i = 0; i < networks; i++) {
      first += random.nextDouble() < rate ? 1 : 0;
      second += random.nextDouble() < rate ? 1 : 0;
    }
    RunCounts counts = new RunCounts(first, networks, second, networks);
    return new Judgement(counts.pMore(), counts.pLess(), List.of());
  }
}
