package org.palimpsest.benchmarks.intervals;

import java.util.SplittableRandom;

/** How the sizes of simulated layers' values differ from image to image. */
enum Spread {
  /** As little as those of rectified normal variables do. */
  EVEN("even"),
  /** One factor exp(0.5 z) for all values of an image, in both layers. */
  CONTRAST_0_5("contrast-0.5"),
  /** One factor exp(z). */
  CONTRAST_1("contrast-1"),
  /** A factor exp(0.5 z) for each layer of its own. */
  OWN_CONTRAST("own-contrast-0.5"),
  /** One image of fifty is three times as large, in both layers. */
  OUTLIERS_3("outliers-3"),
  /** One image of fifty is six times as large. */
  OUTLIERS_6("outliers-6"),
  /** Latent variables of Student's distribution of five degrees. */
  STUDENT_5("student-5"),
  /** Of three degrees. */
  STUDENT_3("student-3"),
  /** Units that are silent unless they are one standard deviation above their mean. */
  SPARSE_16("sparse-16"),
  /** 1.3 standard deviations. */
  SPARSE_10("sparse-10"),
  /** 1.75 standard deviations. */
  SPARSE_4("sparse-4");

  private static final double OF_OUTLIERS = 0.02;

  private final String label;

  Spread(String label) {
    this.label = label;
  }

  /** Its name in logs and tables. */
  String label() {
    return label;
  }

  static Spread of(String label) {
    for (Spread one : values()) {
      if (one.label.equals(label)) {
        return one;
      }
    }
    throw new IllegalArgumentException("no spread is called " + label);
  }

  /** Whether both layers have it in common. */
  boolean isShared() {
    return switch (this) {
      case CONTRAST_0_5, CONTRAST_1, OUTLIERS_3, OUTLIERS_6 -> true;
      default -> false;
    };
  }

  /** How many standard deviations above its mean a unit begins to answer. */
  double threshold() {
    return switch (this) {
      case SPARSE_16 -> 1;
      case SPARSE_10 -> 1.3;
      case SPARSE_4 -> 1.75;
      default -> 0;
    };
  }

  /** A latent variable of variance one, or of three degrees' 3. */
  double latent(SplittableRandom random) {
    return switch (this) {
      case STUDENT_5 -> student(5, random);
      case STUDENT_3 -> student(3, random);
      default -> random.nextGaussian();
    };
  }

  private static double student(int degrees, SplittableRandom random) {
    double squares = 0;
    for (int k = 0; k < degrees; k++) {
      double one = random.nextGaussian();
      squares += one * one;
    }
    return random.nextGaussian() / Math.sqrt(squares / degrees);
  }

  /** What an image's values are multiplied by: those of the first layer and of the second. */
  double[] factors(SplittableRandom random) {
    return switch (this) {
      case CONTRAST_0_5 -> both(Math.exp(0.5 * random.nextGaussian()));
      case CONTRAST_1 -> both(Math.exp(random.nextGaussian()));
      case OWN_CONTRAST ->
          new double[] {
            Math.exp(0.5 * random.nextGaussian()), Math.exp(0.5 * random.nextGaussian())
          };
      case OUTLIERS_3 -> both(random.nextDouble() < OF_OUTLIERS ? 3 : 1);
      case OUTLIERS_6 -> both(random.nextDouble() < OF_OUTLIERS ? 6 : 1);
      default -> both(1);
    };
  }

  private static double[] both(double factor) {
    return new double[] {factor, factor};
  }
}
