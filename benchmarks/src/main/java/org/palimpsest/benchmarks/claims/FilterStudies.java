package org.palimpsest.benchmarks.claims;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.apache.commons.statistics.distribution.ContinuousDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.palimpsest.similarity.internal.statistics.KernelAuc;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.WelchContrast;

/** Claims about filters: that they change little, and still look random. */
final class FilterStudies {

  private static final int MANY = 200_000;

  private FilterStudies() {}

  static List<SimulatedStudy> all() {
    List<SimulatedStudy> studies = new ArrayList<>();
    studies.add(share(0.99, 0.01, 512));
    studies.add(share(0.99, 0.01, 12));
    studies.add(share(0.417, 0, 12));
    studies.add(share(0.417, 0.05, 64));
    studies.add(
        SimulatedStudy.ofInterval(
            "3 filters",
            "angle of 45°, sd 2°",
            45,
            (n, r) -> WelchContrast.ofMean(SimulatedStudy.normal(n, 45, 2, r)).estimate()));
    studies.add(area("true .55, 16 kernels", 0.55, 0.02, 16));
    studies.add(area("true .55, 64 kernels", 0.55, 0.02, 64));
    studies.add(looksRandom("true .50, 16 kernels", 0.5, 0, 16));
    studies.add(looksRandom("true .50, 64 kernels", 0.5, 0, 64));
    studies.add(looksRandom("at the margin .60, 64 kernels", 0.6, 0.02, 64));
    return studies;
  }

  private static SimulatedStudy share(double share, double correlation, int units) {
    return SimulatedStudy.ofInterval(
        "3 filters",
        "share %s, %s units, correlation %s".formatted(share, units, correlation),
        Estimate.logit(share),
        (n, r) -> {
          int[] hits = new int[n];
          int[] all = new int[n];
          Arrays.fill(all, units);
          for (int i = 0; i < n; i++) {
            double own = ofNetwork(share, correlation, r);
            hits[i] = (int) IntStream.range(0, units).filter(u -> r.nextDouble() < own).count();
          }
          return Estimate.ofLogitShare(hits, all);
        });
  }

  private static double ofNetwork(double share, double correlation, SplittableRandom random) {
    if (correlation == 0) {
      return share;
    }
    double both = 1 / correlation - 1;
    ContinuousDistribution beta = BetaDistribution.of(share * both, (1 - share) * both);
    return beta.createSampler(random::nextLong).sample();
  }

  private static SimulatedStudy area(String name, double area, double sd, int kernels) {
    return SimulatedStudy.ofInterval(
        "4 random look",
        name,
        trueArea(shift(area), 4 * sd),
        (n, r) -> areas(shift(area), 4 * sd, kernels, n, r));
  }

  private static SimulatedStudy looksRandom(String name, double area, double sd, int kernels) {
    return SimulatedStudy.ofVerdict(
        "4 random look",
        name,
        (n, r) -> Judgement.within(areas(shift(area), 4 * sd, kernels, n, r), 0.4, 0.6));
  }

  private static Estimate areas(
      double shift, double sd, int kernels, int networks, SplittableRandom random) {
    return KernelAuc.over(
        IntStream.range(0, networks)
            .mapToObj(
                i ->
                    KernelAuc.of(
                        SimulatedStudy.normal(
                            kernels, shift + sd * random.nextGaussian(), 1, random),
                        SimulatedStudy.normal(kernels * KernelAuc.FRESH_PER_TRAINED, 0, 1, random)))
            .toList());
  }

  private static double shift(double area) {
    return Math.sqrt(2) * NormalDistribution.of(0, 1).inverseCumulativeProbability(area);
  }

  private static double trueArea(double shift, double sd) {
    SplittableRandom random = new SplittableRandom(4);
    NormalDistribution normal = NormalDistribution.of(0, 1);
    double sum = 0;
    for (int i = 0; i < MANY; i++) {
      sum += normal.cumulativeProbability((shift + sd * random.nextGaussian()) / Math.sqrt(2));
    }
    return sum / MANY;
  }
}
