package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.claims.Evidence.Quantity;

/**
 * What about a kernel may tell a trained one from a random one. The scores were chosen before any
 * network was looked at; neither depends on the kernel's norm.
 */
enum KernelScore {
  /** Σ of products of neighbours over Σ of squares: high where weights change slowly. */
  SMOOTHNESS(
      Quantity.KERNEL_SMOOTHNESS,
      Quantity.KERNEL_SMOOTHNESS_AFTER_LONGER,
      "smoothness",
      "weights beside each other are alike") {
    @Override
    double of(double[] kernel, int[][] neighbours) {
      double products = 0;
      for (int[] pair : neighbours) {
        products += kernel[pair[0]] * kernel[pair[1]];
      }
      return products / squares(kernel);
    }
  },
  /** The square of the sum over the sum of squares: high where most weights have one sign. */
  ONE_SIGN(
      Quantity.KERNEL_ONE_SIGN,
      Quantity.KERNEL_ONE_SIGN_AFTER_LONGER,
      "one_sign",
      "weights of a kernel have one sign") {
    @Override
    double of(double[] kernel, int[][] neighbours) {
      double sum = 0;
      for (double weight : kernel) {
        sum += weight;
      }
      return sum * sum / squares(kernel);
    }
  };

  private final Quantity quantity;
  private final Quantity afterLonger;
  private final String label;
  private final String words;

  KernelScore(Quantity quantity, Quantity afterLonger, String label, String words) {
    this.quantity = quantity;
    this.afterLonger = afterLonger;
    this.label = label;
    this.words = words;
  }

  /** The score of a kernel; 0 of one that is all zeros. */
  abstract double of(double[] kernel, int[][] neighbours);

  /** What evidence of it is a value of. */
  Quantity quantity() {
    return quantity;
  }

  /** The same of networks that were trained longer. */
  Quantity afterLonger() {
    return afterLonger;
  }

  /** In the names of measures. */
  String label() {
    return label;
  }

  /** For sentences. */
  String words() {
    return words;
  }

  /** Both positions of each pair of neighbours along an axis, positions in C order. */
  static int[][] neighbours(List<Integer> extents) {
    int size = extents.stream().reduce(1, Math::multiplyExact);
    List<int[]> pairs = new ArrayList<>();
    int stride = size;
    for (int extent : extents) {
      stride /= extent;
      for (int position = 0; position < size; position++) {
        if (position / stride % extent + 1 < extent) {
          pairs.add(new int[] {position, position + stride});
        }
      }
    }
    return pairs.toArray(int[][]::new);
  }

  private static double squares(double[] kernel) {
    double sum = 0;
    for (double weight : kernel) {
      sum += weight * weight;
    }
    return sum == 0 ? 1 : sum;
  }
}
