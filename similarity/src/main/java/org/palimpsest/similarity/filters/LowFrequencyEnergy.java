package org.palimpsest.similarity.filters;

import java.util.List;
import org.apache.commons.statistics.distribution.BetaDistribution;

/**
 * The share of the kernels' energy in the lower half of the frequencies of each axis: the energy of
 * the orthonormal discrete cosine transform (DCT-II) of the weights less their mean, at orders
 * below half of the axis's extent on every axis (4 of the 9 orders of a 3×3 kernel, 8 of 27 in
 * 3-D).
 *
 * <p>For M kernels of K positions, q of the K orders being low, and iid Gaussian weights the share
 * is Beta((Mq − 1) / 2, M(K − q) / 2). For other iid weights its variance is that times 1 + κ Σ(aᵢ
 * − q/K)² / (2 q (1 − q/K)), where κ is their excess kurtosis and aᵢ the diagonal of the projection
 * on the low orders; both parameters are divided by this factor, with the κ of the layer, which
 * changes nothing for Gaussians.
 */
final class LowFrequencyEnergy implements RandomnessCheck {

  static final String STATISTIC = "low_frequency_energy";

  private static final int LEAST = 20;
  private static final double LEAST_FACTOR = 0.1;

  @Override
  public List<RandomnessFigure> test(Sample sample, List<String> notes) {
    KernelGrid grid = KernelGrid.of(sample.layout().kernel());
    if (grid.size() == 1) {
      notes.add("A kernel of one position has one frequency: no " + STATISTIC + ".");
      return List.of();
    }
    if (RandomnessCheck.tooFew(sample, LEAST, STATISTIC, notes)) {
      return List.of();
    }
    double[][] basis = lowBasis(grid);
    double share = energy(sample.centred(), basis) / sample.sumOfSquares();
    BetaDistribution chance = chance(sample, grid, basis);
    double below = chance.cumulativeProbability(share);
    double above = chance.survivalProbability(share);
    return List.of(
        RandomnessCheck.figure(
            RandomnessQuestion.STRUCTURE,
            STATISTIC,
            share,
            chance.inverseCumulativeProbability(0.025),
            chance.inverseCumulativeProbability(0.975),
            Math.min(1, 2 * Math.min(below, above)),
            sample.count()));
  }

  private static BetaDistribution chance(Sample sample, KernelGrid grid, double[][] basis) {
    double kernels = (double) sample.count() / grid.size();
    double low = basis.length;
    double factor = varianceFactor(sample.kurtosis() - 3, grid.size(), basis);
    return BetaDistribution.of(
        (kernels * low - 1) / 2 / factor, kernels * (grid.size() - low) / 2 / factor);
  }

  private static double varianceFactor(double excessKurtosis, int size, double[][] basis) {
    double share = (double) basis.length / size;
    double spread = 0;
    for (int position = 0; position < size; position++) {
      double diagonal = -share;
      for (double[] row : basis) {
        diagonal += row[position] * row[position];
      }
      spread += diagonal * diagonal;
    }
    double factor = 1 + excessKurtosis * spread / (2 * basis.length * (1 - share));
    return Math.max(LEAST_FACTOR, factor);
  }

  private static double energy(double[] values, double[][] basis) {
    int size = basis[0].length;
    double sum = 0;
    for (int start = 0; start < values.length; start += size) {
      for (double[] row : basis) {
        double coefficient = 0;
        for (int position = 0; position < size; position++) {
          coefficient += row[position] * values[start + position];
        }
        sum += coefficient * coefficient;
      }
    }
    return sum;
  }

  /** The orthonormal cosine patterns of low order, one per row. */
  static double[][] lowBasis(KernelGrid grid) {
    int[] orders = new int[grid.size()];
    int count = 0;
    for (int order = 0; order < grid.size(); order++) {
      if (isLow(grid, order)) {
        orders[count++] = order;
      }
    }
    double[][] basis = new double[count][grid.size()];
    for (int row = 0; row < count; row++) {
      for (int position = 0; position < grid.size(); position++) {
        basis[row][position] = pattern(grid, orders[row], position);
      }
    }
    return basis;
  }

  private static boolean isLow(KernelGrid grid, int order) {
    for (int axis = 0; axis < grid.axes(); axis++) {
      if (2 * grid.coordinate(order, axis) >= grid.extent(axis)) {
        return false;
      }
    }
    return true;
  }

  private static double pattern(KernelGrid grid, int order, int position) {
    double product = 1;
    for (int axis = 0; axis < grid.axes(); axis++) {
      int u = grid.coordinate(order, axis);
      double extent = grid.extent(axis);
      double phase = Math.PI * (2 * grid.coordinate(position, axis) + 1) * u / (2 * extent);
      product *= Math.sqrt((u == 0 ? 1 : 2) / extent) * Math.cos(phase);
    }
    return product;
  }
}
