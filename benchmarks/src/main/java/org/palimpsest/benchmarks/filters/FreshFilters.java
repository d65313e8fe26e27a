package org.palimpsest.benchmarks.filters;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.palimpsest.similarity.weights.FilterBank;

/**
 * Convolutions that no one has trained yet.
 *
 * @param filters how many of them a layer has
 * @param inputs their input channels
 * @param kernel its sides
 */
record FreshFilters(int filters, int inputs, List<Integer> kernel) {

  /** What weights are drawn from. The scale shows in no cosine. */
  enum Start {
    /** PyTorch's and MONAI's default. */
    UNIFORM,
    /** He's, as nnU-Net has it. */
    NORMAL,
    /** Cut at two standard deviations, as Keras and TensorFlow do. */
    TRUNCATED_NORMAL,
    /** A matrix of a row for each filter, whose rows or columns are orthogonal. */
    ORTHOGONAL;

    private static final double CUT = 2;

    private double[] draw(int rows, int columns, SplittableRandom random) {
      return switch (this) {
        case UNIFORM -> weights(rows * columns, random, r -> 2 * r.nextDouble() - 1);
        case NORMAL -> weights(rows * columns, random, SplittableRandom::nextGaussian);
        case TRUNCATED_NORMAL -> weights(rows * columns, random, Start::truncated);
        case ORTHOGONAL -> orthogonal(rows, columns, random);
      };
    }

    private static double[] weights(
        int count, SplittableRandom random, ToDoubleFunction<SplittableRandom> one) {
      return IntStream.range(0, count).mapToDouble(i -> one.applyAsDouble(random)).toArray();
    }

    private static double truncated(SplittableRandom random) {
      double weight = random.nextGaussian();
      return Math.abs(weight) > CUT ? truncated(random) : weight;
    }

    /** By Gram and Schmidt, twice, of the longer side. */
    private static double[] orthogonal(int rows, int columns, SplittableRandom random) {
      int length = Math.max(rows, columns);
      double[][] basis = new double[Math.min(rows, columns)][];
      for (int i = 0; i < basis.length; i++) {
        basis[i] = weights(length, random, SplittableRandom::nextGaussian);
        for (int earlier = 0; earlier < 2 * i; earlier++) {
          subtract(basis[i], basis[earlier % i], product(basis[i], basis[earlier % i]));
        }
        subtract(basis[i], basis[i].clone(), 1 - 1 / Math.sqrt(product(basis[i], basis[i])));
      }
      double[] weights = new double[rows * columns];
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          weights[r * columns + c] = rows <= columns ? basis[r][c] : basis[c][r];
        }
      }
      return weights;
    }

    private static double product(double[] a, double[] b) {
      return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    private static void subtract(double[] from, double[] what, double factor) {
      for (int i = 0; i < from.length; i++) {
        from[i] -= factor * what[i];
      }
    }
  }

  String words() {
    return "%s×%s×%s"
        .formatted(
            filters, inputs, kernel.stream().map(String::valueOf).collect(Collectors.joining("×")));
  }

  FilterBank drawn(Start start, SplittableRandom random) {
    int weights = inputs * kernel.stream().reduce(1, Math::multiplyExact);
    return FilterBank.ofRows("layer", filters, kernel, start.draw(filters, weights, random));
  }
}
