package org.palimpsest.similarity.filters;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.palimpsest.similarity.filters.NetworkRandomness.Question;
import org.palimpsest.similarity.filters.NetworkRandomness.TestResult;

/**
 * Whether the weights of a kernel vary smoothly with their place in it: the correlation of
 * neighbouring positions, and the share of low frequencies.
 */
final class SmoothnessCheck implements RandomnessCheck {

  @Override
  public List<TestResult> test(Sample sample, List<String> notes) {
    List<TestResult> results = new ArrayList<>(new SpatialAutocorrelation().test(sample, notes));
    results.addAll(new LowFrequencyEnergy().test(sample, notes));
    return results;
  }

  /**
   * Moran's I of the weights of a layer, neighbours being positions of one kernel next to each
   * other along an axis: the correlation of neighbours, −1 / (N − 1) on average if there is none.
   *
   * <p>Its variance is that under random permutations of the weights, which holds for any
   * distribution that they may have (Cliff and Ord 1981, <i>Spatial Processes</i>, chapter 2); the
   * p-value is that of the normal approximation.
   */
  private static final class SpatialAutocorrelation implements RandomnessCheck {

    static final String STATISTIC = "spatial_autocorrelation";

    private static final int LEAST = 20;

    @Override
    public List<TestResult> test(Sample sample, List<String> notes) {
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
          RandomnessCheck.result(
              Question.STRUCTURE,
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

  /**
   * The share of the kernels' energy in the lower half of the frequencies of each axis: the energy
   * of the orthonormal discrete cosine transform (DCT-II) of the weights less their mean, at orders
   * below half of the axis's extent on every axis (4 of the 9 orders of a 3×3 kernel, 8 of 27 in
   * 3-D).
   *
   * <p>For M kernels of K positions, q of the K orders being low, and iid Gaussian weights the
   * share is Beta((Mq − 1) / 2, M(K − q) / 2). For other iid weights its variance is that times 1 +
   * κ Σ(aᵢ − q/K)² / (2 q (1 − q/K)), where κ is their excess kurtosis and aᵢ the diagonal of the
   * projection on the low orders; both parameters are divided by this factor, with the κ of the
   * layer, which changes nothing for Gaussians.
   */
  private static final class LowFrequencyEnergy implements RandomnessCheck {

    static final String STATISTIC = "low_frequency_energy";

    private static final int LEAST = 20;
    private static final double LEAST_FACTOR = 0.1;

    @Override
    public List<TestResult> test(Sample sample, List<String> notes) {
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
          RandomnessCheck.result(
              Question.STRUCTURE,
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

  /** The positions of a kernel, in C order, and which of them are neighbours. */
  private static final class KernelGrid {

    private final int[] extents;
    private final int size;

    private KernelGrid(int[] extents, int size) {
      this.extents = extents;
      this.size = size;
    }

    static KernelGrid of(List<Integer> kernel) {
      return new KernelGrid(
          kernel.stream().mapToInt(Integer::intValue).toArray(),
          kernel.stream().reduce(1, Math::multiplyExact));
    }

    int size() {
      return size;
    }

    int axes() {
      return extents.length;
    }

    int extent(int axis) {
      return extents[axis];
    }

    int stride(int axis) {
      int stride = 1;
      for (int a = axis + 1; a < extents.length; a++) {
        stride *= extents[a];
      }
      return stride;
    }

    /** Where a position lies along an axis. */
    int coordinate(int position, int axis) {
      return position / stride(axis) % extents[axis];
    }

    /** For each pair of neighbours along an axis, the two positions. */
    int[][] neighbours() {
      List<int[]> pairs = new ArrayList<>();
      for (int position = 0; position < size; position++) {
        for (int axis = 0; axis < extents.length; axis++) {
          if (coordinate(position, axis) + 1 < extents[axis]) {
            pairs.add(new int[] {position, position + stride(axis)});
          }
        }
      }
      return pairs.toArray(int[][]::new);
    }
  }
}
