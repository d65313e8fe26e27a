package org.palimpsest.benchmarks.assess;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * How well simulated runs do: Dice p(1 − e^{−t/τ}) at step t.
 *
 * @param doublings by how many doublings transferred runs are faster on average; they vary by 0.3
 * @param gains what transfer adds to the plateau: hard and few, hard and many, easy and few, easy
 *     and many; plateaus vary by 0.03
 * @param frozen the share of the way from the floor to the whole that frozen runs go
 */
record Scores(double doublings, double[] gains, double frozen) {

  static final List<String> CELLS = List.of("hard_few", "hard_many", "easy_few", "easy_many");

  private static final double[] RANDOM = {0.55, 0.65, 0.75, 0.80};
  private static final double FLOOR = 0.29;
  private static final double PLATEAU_SPREAD = 0.03;
  private static final double SPEED_SPREAD = 0.3;
  private static final double TIME = 60;
  private static final double GRID = 1.25;

  /** A whole curve of the cell hard and few. */
  Map<Long, Double> curve(boolean transferred, SplittableRandom random) {
    double plateau = plateau(0, transferred, random);
    double shift = (transferred ? doublings : 0) + SPEED_SPREAD * random.nextGaussian();
    double time = TIME * Math.pow(2, -shift);
    Map<Long, Double> scores = new LinkedHashMap<>();
    double last = 0;
    for (double step = 2; step < 4000; step *= GRID) {
      long at = Math.max(Math.round(step), Math.round(last) + 1);
      scores.put(at, plateau * (1 - Math.exp(-at / time)));
      last = at;
    }
    return scores;
  }

  /** The plateau alone of a cell. */
  double plateau(int cell, boolean transferred, SplittableRandom random) {
    return RANDOM[cell] + (transferred ? gains[cell] : 0) + PLATEAU_SPREAD * random.nextGaussian();
  }

  double floor(SplittableRandom random) {
    return FLOOR + PLATEAU_SPREAD * random.nextGaussian();
  }

  double frozen(SplittableRandom random) {
    return FLOOR + frozen * (RANDOM[0] - FLOOR) + PLATEAU_SPREAD * random.nextGaussian();
  }

  /** The true values of the figures by which claims are judged, by the claim's name. */
  Map<String, double[]> figures() {
    Map<String, double[]> figures = new LinkedHashMap<>();
    figures.put("faster", new double[] {trueDoublings()});
    figures.put(
        "hard-and-few", new double[] {gains[0] - (gains[1] + gains[2] + gains[3]) / 3, gains[0]});
    figures.put("only-hard-and-few", gains.clone());
    figures.put("frozen", new double[] {frozen});
    return figures;
  }

  /** With common goals a better plateau is an earlier goal too. */
  double trueDoublings() {
    List<Double> differences = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 100_000; i++) {
      double r = RANDOM[0] + PLATEAU_SPREAD * random.nextGaussian();
      double t = RANDOM[0] + gains[0] + PLATEAU_SPREAD * random.nextGaussian();
      differences.add(meanLog2(r) - meanLog2(t));
    }
    return doublings + differences.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }

  private static double meanLog2(double plateau) {
    double sum = 0;
    for (double share : new double[] {0.5, 0.75, 0.9}) {
      double reached = Math.min(share * RANDOM[0] / plateau, 0.9999);
      sum += Math.log(-Math.log(1 - reached)) / Math.log(2);
    }
    return sum / 3;
  }
}
