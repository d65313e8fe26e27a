package org.palimpsest.similarity.filters;

import java.util.SplittableRandom;

/** One generator per piece of work, so that a result does not depend on which thread did it. */
final class Seeds {

  private Seeds() {}

  static SplittableRandom random(long seed, long... parts) {
    long mixed = new SplittableRandom(seed).nextLong();
    for (long part : parts) {
      mixed = new SplittableRandom(mixed ^ part).nextLong();
    }
    return new SplittableRandom(mixed);
  }

  static double[] gaussians(SplittableRandom random, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }

  /** Puts {@code length} values from {@code start} on in random places. Returns the same array. */
  static double[] shuffle(double[] values, int start, int length, SplittableRandom random) {
    for (int i = length - 1; i > 0; i--) {
      int j = start + random.nextInt(i + 1);
      double kept = values[start + i];
      values[start + i] = values[j];
      values[j] = kept;
    }
    return values;
  }
}
