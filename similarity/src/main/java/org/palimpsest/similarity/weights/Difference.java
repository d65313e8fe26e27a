package org.palimpsest.similarity.weights;

import java.util.OptionalDouble;

/** Sums over the weights of a stretch of two equally long arrays. */
final class Difference {

  private double squaredDistance;
  private double squaredBefore;
  private double squaredAfter;
  private double product;
  private double absoluteChange;
  private long signFlips;
  private long moved;
  private final long count;

  private Difference(long count) {
    this.count = count;
  }

  static Difference between(double[] before, double[] after, int from, int to, double threshold) {
    Difference sums = new Difference((long) to - from);
    for (int i = from; i < to; i++) {
      sums.add(before[i], after[i], threshold);
    }
    return sums;
  }

  private void add(double before, double after, double threshold) {
    double change = after - before;
    squaredDistance += change * change;
    squaredBefore += before * before;
    squaredAfter += after * after;
    product += before * after;
    absoluteChange += Math.abs(change);
    signFlips += (before < 0 && after > 0) || (before > 0 && after < 0) ? 1 : 0;
    moved += Math.abs(change) > threshold ? 1 : 0;
  }

  double distance() {
    return Math.sqrt(squaredDistance);
  }

  double normBefore() {
    return Math.sqrt(squaredBefore);
  }

  double normAfter() {
    return Math.sqrt(squaredAfter);
  }

  OptionalDouble relativeChange() {
    if (squaredDistance == 0) {
      return OptionalDouble.of(0);
    }
    double change = distance() / normBefore();
    return Double.isFinite(change) ? OptionalDouble.of(change) : OptionalDouble.empty();
  }

  boolean hasAngle() {
    return squaredBefore > 0 && squaredAfter > 0;
  }

  double cosine() {
    return Math.max(-1, Math.min(1, product / (normBefore() * normAfter())));
  }

  double meanAbsoluteChange() {
    return absoluteChange / count;
  }

  double signFlipShare() {
    return (double) signFlips / count;
  }

  double movedShare() {
    return (double) moved / count;
  }
}
