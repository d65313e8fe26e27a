package org.palimpsest.similarity.internal.intervals;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Orders of images. */
public final class ImageOrder {

  private ImageOrder() {}

  /** By the sum of two numbers of each, so that it does not matter in which order they came. */
  static int[] bySums(double[] a, double[] b) {
    return IntStream.range(0, a.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> a[i] + b[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Another order, each as probable as any other. */
  public static int[] shuffled(int[] order, SplittableRandom random) {
    int[] shuffled = order.clone();
    for (int i = shuffled.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int swapped = shuffled[i];
      shuffled[i] = shuffled[other];
      shuffled[other] = swapped;
    }
    return shuffled;
  }
}
