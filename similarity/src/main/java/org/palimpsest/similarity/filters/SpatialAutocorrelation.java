package org.palimpsest.similarity.filters;

import java.util.List;

/**
 * Moran's I of the weights of a layer, neighbours being positions of one kernel next to each other
 * along an axis: the correlation of neighbours, −1 / (N − 1) on average if there is none.
 *
 * <p>Its variance is that under random permutations of the weights, which holds for any
 * distribution that they may have (Cliff and Ord 1981, <i>Spatial Processes</i>, chapter 2); the
 * p-value is that of the normal approximation.
 */
final class SpatialAutocorrelation implements RandomnessCheck {

  static final String STATISTIC = "spatial_autocorrelation";

  private static final int LEAST = 20;

  @Override
  public List<RandomnessFigure> test(Sample sample, List<String> notes) {
    KernelGrid grid = KernelGrid.of(sample.layout().kernel());
    if (grid.size() == 1) {
      notes.add("A kernel of one position has no neighbours: no " + STATISTIC + ".");
      return List.of();
    }
    if (RandomnessCheck.tooFew(sample, LEAST, STATISTIC, notes)) {
      return List.of();
    }
    int[][] pairs = grid.neighbours();
    double kernels = (double) sample.count() / grid.size();
    double n = sample.count();
    double s0 = 2 * pairs.length * kernels;
    double observed =
        n / s0 * 2 * productsOfNeighbours(sample, grid, pairs) / sample.sumOfSquares();
    double expected = -1 / (n - 1);
    double sd = Math.sqrt(variance(n, s0, kernels * s2(grid, pairs), sample.kurtosis()));
    return List.of(
        RandomnessCheck.figure(
            RandomnessQuestion.STRUCTURE,
            STATISTIC,
            observed,
            expected - Gaussian.UPPER * sd,
            expected + Gaussian.UPPER * sd,
            Gaussian.twoSidedP((observed - expected) / sd),
            sample.count()));
  }

  private static double productsOfNeighbours(Sample sample, KernelGrid grid, int[][] pairs) {
    double[] values = sample.centred();
    double sum = 0;
    for (int start = 0; start < values.length; start += grid.size()) {
      for (int[] pair : pairs) {
        sum += values[start + pair[0]] * values[start + pair[1]];
      }
    }
    return sum;
  }

  /** Per kernel, the sum over positions of the squared sum of their weights' row and column. */
  private static double s2(KernelGrid grid, int[][] pairs) {
    int[] degrees = new int[grid.size()];
    for (int[] pair : pairs) {
      degrees[pair[0]]++;
      degrees[pair[1]]++;
    }
    double sum = 0;
    for (int degree : degrees) {
      sum += 4.0 * degree * degree;
    }
    return sum;
  }

  private static double variance(double n, double s0, double s2, double kurtosis) {
    double s1 = 2 * s0;
    double first = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0 * s0);
    double second = kurtosis * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0 * s0);
    double square = (first - second) / ((n - 1) * (n - 2) * (n - 3) * s0 * s0);
    return square - 1 / ((n - 1) * (n - 1));
  }
}
