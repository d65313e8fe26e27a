package org.palimpsest.benchmarks.claims;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.palimpsest.similarity.internal.statistics.BlockReuse;
import org.palimpsest.similarity.statistics.Judgement;

/** Claims about the reuse of blocks. */
final class ReuseStudies {

  private static final String CLAIM = "8 reuse";
  private static final int MANY = 1_000_000;
  private static final double[] NULL = {0.5, 0.5, 0.45, 0.4, 0.4, 0.45, 0.5};
  private static final int[] EARLY = {0, 1};
  private static final int[] DEEPER = {2, 3, 4, 5, 6};
  private static final int[] SIX = {0, 1, 2, 3, 4, 5};

  private ReuseStudies() {}

  static List<SimulatedStudy> all() {
    return Stream.of(ofOneBlock(), ofSomeBlocks(), ofSources()).flatMap(List::stream).toList();
  }

  private static List<SimulatedStudy> ofOneBlock() {
    return List.of(
        SimulatedStudy.ofInterval(CLAIM, "raw, sd .02/.05", 0.15, (n, r) -> oneBlock(n, r).of(0)),
        SimulatedStudy.ofInterval(
            CLAIM,
            "log ratio, sd .02/.05",
            Math.log(0.4 / 0.55),
            (n, r) -> oneBlock(n, r).logLeft(0)));
  }

  private static List<SimulatedStudy> ofSomeBlocks() {
    return List.of(
        SimulatedStudy.ofVerdict(
            CLAIM,
            "not only early, all six at the margin .05",
            (n, r) -> blocks(filled(0.55), filled(0.5), n, r).isNotOnlyEarly(SIX, 0.05)),
        SimulatedStudy.ofVerdict(
            CLAIM,
            "not only early, one of six .10 over the margin",
            (n, r) -> blocks(one(0.65), filled(0.5), n, r).isNotOnlyEarly(SIX, 0.05)),
        SimulatedStudy.ofVerdict(
            CLAIM,
            "not only early, no reuse",
            (n, r) -> blocks(filled(0.5), filled(0.5), n, r).isNotOnlyEarly(SIX, 0.05)),
        SimulatedStudy.ofVerdict(
            CLAIM,
            "stronger deeper, all equal",
            (n, r) -> stronger(n, r, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2)),
        SimulatedStudy.ofVerdict(
            CLAIM,
            "stronger deeper, by .15 in a block",
            (n, r) -> stronger(n, r, 0.1, 0.15, 0.3, 0.25, 0.1, 0.1, 0.1)),
        SimulatedStudy.ofVerdict(
            CLAIM,
            "stronger deeper, early by .2",
            (n, r) -> stronger(n, r, 0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1)),
        SimulatedStudy.ofInterval(
            CLAIM, "trend, none", 0, (n, r) -> blocks(plus(0.2, 0), NULL, n, r).trend()),
        SimulatedStudy.ofThreshold(
            CLAIM,
            "trend −.10 against 0",
            0,
            (n, r) -> blocks(plus(0.25, -0.1), NULL, n, r).trend()));
  }

  private static List<SimulatedStudy> ofSources() {
    return List.of(
        SimulatedStudy.ofInterval(
            CLAIM,
            "n sources × 3 networks, 6 random, source sd .06",
            0.15,
            (n, r) -> sources(0.15, 0.06, n, r).of(0)),
        SimulatedStudy.ofInterval(
            CLAIM,
            "log ratio, n sources × 3 networks, 6 random, source sd .06",
            trueLogOfSources(0.15, 0.06),
            (n, r) -> sources(0.15, 0.06, n, r).logLeft(0)),
        SimulatedStudy.ofInterval(
            CLAIM,
            "log ratio, n sources × 3 networks, 6 random, little left, source sd .015",
            trueLogOfSources(0.45, 0.015),
            (n, r) -> sources(0.45, 0.015, n, r).logLeft(0)),
        SimulatedStudy.ofThreshold(
            CLAIM,
            "n sources × 3 networks, .15 against .05, source sd .06",
            0.05,
            (n, r) -> sources(0.15, 0.06, n, r).of(0)));
  }

  private static BlockReuse oneBlock(int networks, SplittableRandom random) {
    double[][] transferred = new double[networks][];
    double[][] fresh = new double[networks][];
    for (int i = 0; i < networks; i++) {
      transferred[i] = new double[] {0.6 + 0.02 * random.nextGaussian()};
      fresh[i] = new double[] {0.45 + 0.05 * random.nextGaussian()};
    }
    return BlockReuse.ofSource(transferred, fresh);
  }

  private static double[] filled(double value) {
    double[] blocks = new double[SIX.length];
    Arrays.fill(blocks, value);
    return blocks;
  }

  private static double[] one(double value) {
    double[] blocks = filled(0.5);
    blocks[0] = value;
    return blocks;
  }

  private static double[] plus(double first, double rise) {
    double[] blocks = NULL.clone();
    for (int b = 0; b < blocks.length; b++) {
      blocks[b] += first + rise * b / (blocks.length - 1);
    }
    return blocks;
  }

  private static Judgement stronger(int networks, SplittableRandom random, double... reuse) {
    double[] fresh = new double[reuse.length];
    Arrays.fill(fresh, 0.4);
    double[] means = Arrays.stream(reuse).map(b -> 0.4 + b).toArray();
    return blocks(means, fresh, networks, random).isStrongerDeeper(EARLY, DEEPER);
  }

  private static BlockReuse blocks(
      double[] transferred, double[] fresh, int networks, SplittableRandom random) {
    return BlockReuse.ofSource(rows(transferred, networks, random), rows(fresh, networks, random));
  }

  /** Networks of standard deviation 0.03, of which 0.2 of the variance is common to all blocks. */
  private static double[][] rows(double[] means, int networks, SplittableRandom random) {
    double[][] rows = new double[networks][means.length];
    for (double[] row : rows) {
      double shared = random.nextGaussian();
      for (int b = 0; b < row.length; b++) {
        row[b] =
            means[b] + 0.03 * (Math.sqrt(0.2) * shared + Math.sqrt(0.8) * random.nextGaussian());
      }
    }
    return rows;
  }

  /** The mean over sources, with as many networks as there may be. */
  private static double trueLogOfSources(double reuse, double sd) {
    SplittableRandom random = new SplittableRandom(8);
    double sum = 0;
    for (int i = 0; i < MANY; i++) {
      sum += Math.log((0.55 - reuse - sd * random.nextGaussian()) / 0.55);
    }
    return sum / MANY;
  }

  private static BlockReuse sources(double reuse, double sd, int sources, SplittableRandom random) {
    int networks = 3;
    double[] ofRandom = SimulatedStudy.normal(6, 0.45, 0.02, random);
    double[][][] transferred = new double[sources][networks][1];
    double[][][] fresh = new double[sources][ofRandom.length][1];
    for (int k = 0; k < sources; k++) {
      double ofSource = 0.45 + reuse + sd * random.nextGaussian();
      for (int i = 0; i < networks; i++) {
        transferred[k][i][0] = ofSource + 0.02 * random.nextGaussian();
      }
      for (int j = 0; j < ofRandom.length; j++) {
        fresh[k][j][0] = ofRandom[j] + 0.015 * random.nextGaussian();
      }
    }
    return BlockReuse.ofSources(transferred, fresh);
  }
}
