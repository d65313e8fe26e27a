package org.palimpsest.similarity.internal.pairwise;

/**
 * Numbers that agree to 40 binary digits count as equal, so that the rounding of a product neither
 * breaks a tie nor makes its order depend on the machine.
 */
public final class Ties {

  private static final double RELATIVE = 0x1p-40;

  /** Two rows of unit norm that are nearer to each other than this, squared, are the same. */
  private static final double SAME_DIRECTION = 1e-28;

  private Ties() {}

  /** Whether the rounding of products may have parted two non-negative numbers that are equal. */
  public static boolean tie(double smaller, double larger) {
    return larger - smaller <= RELATIVE * larger;
  }

  /** The squared distance of two rows of unit norm, without what rounding made of zero. */
  public static double betweenDirections(double squared) {
    return squared < SAME_DIRECTION ? 0 : squared;
  }
}
