package org.palimpsest.similarity.pairwise;

/**
 * Numbers that agree to 40 binary digits count as equal, so that the rounding of a product neither
 * breaks a tie nor makes its order depend on the machine.
 */
public final class Ties {

  private static final double RELATIVE = 0x1p-40;
  private static final int DROPPED_BITS = 12;
  private static final long HALF = 1L << (DROPPED_BITS - 1);
  private static final long KEPT = -(1L << DROPPED_BITS);

  /** Two rows of unit norm that are nearer to each other than this, squared, are the same. */
  private static final double SAME_DIRECTION = 1e-28;

  private Ties() {}

  /** Whether the rounding of products may have parted two non-negative numbers that are equal. */
  public static boolean tie(double smaller, double larger) {
    return larger - smaller <= RELATIVE * larger;
  }

  /** A whole number that orders as non-negative values do, and is equal for those that tie. */
  private static long key(double nonNegative) {
    return (Double.doubleToRawLongBits(nonNegative + 0.0) + HALF) & KEPT;
  }

  /** The value that stands for all non-negative values that tie with this one. */
  public static double rounded(double nonNegative) {
    return Double.longBitsToDouble(key(nonNegative));
  }

  /** The squared distance of two rows of unit norm, without what rounding made of zero. */
  public static double betweenDirections(double squared) {
    return squared < SAME_DIRECTION ? 0 : squared;
  }
}
