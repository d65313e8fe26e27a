package org.palimpsest.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What is timed: every layer of one network against every layer of another, by one measure; in W3
 * each layer against its namesake, by two.
 */
enum Workload {
  W1(
      "linear CKA, 20×20 layers, n=2000, widths 64 to 2048",
      "linear_cka",
      2000,
      spread(20, 64, 2048)),
  W2(
      "SVCCA 0.99, 12×12 layers, n=5000, widths 64 to 1024",
      "svcca:0.99",
      5000,
      spread(12, 64, 1024)),
  W3(
      "linear CKA and SVCCA of 8 matched conv pairs, 64 images × 64×64 positions, 64 to 512 channels, streamed",
      "linear_cka,svcca:0.99",
      64 * 64 * 64,
      List.of(64, 64, 128, 128, 256, 256, 512, 512)),
  W4(
      "minibatch CKA, 20×20 layers, 10 batches of 256",
      "minibatch_cka:256",
      2560,
      spread(20, 64, 2048)),
  W5("RBF CKA, 10×10 layers, n=2000, widths 64 to 2048", "rbf_cka:0.5", 2000, spread(10, 64, 2048)),
  W6(
      "filter matching, 512 × 512 filters of 2304 weights",
      "hard_correlation_match",
      2304,
      List.of(512));

  private final String title;
  private final String measure;
  private final int samples;
  private final List<Integer> widths;

  Workload(String title, String measure, int samples, List<Integer> widths) {
    this.title = title;
    this.measure = measure;
    this.samples = samples;
    this.widths = widths;
  }

  /** Widths from low to high, each step the same factor, as whole multiples of 32. */
  private static List<Integer> spread(int count, int low, int high) {
    Integer[] widths = new Integer[count];
    for (int i = 0; i < count; i++) {
      double width = low * Math.pow((double) high / low, i / (count - 1.0));
      widths[i] = 32 * (int) Math.round(width / 32);
    }
    return Arrays.asList(widths);
  }

  static Workload named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  String title() {
    return title;
  }

  /** The measure's name, as the catalogue knows it, or several names. */
  String measure() {
    return measure;
  }

  int samples() {
    return samples;
  }

  /** The number of features of each layer, the same in both networks. */
  List<Integer> widths() {
    return widths;
  }

  /**
   * The multiplications and additions of the matrix products that the workload cannot do without,
   * symmetric ones counted once: what the peak of the machine is compared with.
   */
  double productFlops() {
    double n = samples;
    double layers = widths.size();
    double sum = widths.stream().mapToDouble(p -> p).sum();
    double squares = widths.stream().mapToDouble(p -> (double) p * p).sum();
    return switch (this) {
      case W1, W5 -> 2 * sum * n * n + layers * layers * n * n;
      case W2 -> 2 * squares * n + 2 * n * sum * sum / 4;
      case W3 -> 4 * n * squares;
      case W4 -> (2 * sum * 256 * 256 + layers * layers * 256 * 256) * 10;
      case W6 -> 2 * n * squares;
    };
  }
}
