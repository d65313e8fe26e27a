package org.palimpsest.core.internal.random;

import java.util.SplittableRandom;

/** Streams of random numbers that depend on a seed and an index alone, not on who asks first. */
public final class RandomStreams {

  private RandomStreams() {}

  /**
   * The index-th stream of a seed.
   *
   * <p>Seed and index are mixed thoroughly: {@link SplittableRandom} steps by a constant, so that
   * seeds which differ by a multiple of it would give one sequence, shifted.
   */
  public static SplittableRandom of(long seed, long index) {
    return new SplittableRandom(mixed(mixed(seed) + index));
  }

  /** The finaliser of MurmurHash3, in Stafford's variant 13. */
  private static long mixed(long value) {
    long mixed = value ^ 0x6A09E667F3BCC909L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
