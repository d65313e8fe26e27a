package org.palimpsest.similarity.internal.pairwise;

import java.util.Locale;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;

/** Memory that grows with the square of the number of samples: there, or one clear error. */
public final class PairStorage {

  static final String ADVICE = "Draw fewer positions of each probe, or pool feature maps.";

  private static final long LONGEST_ARRAY = Integer.MAX_VALUE - 8L;
  private static final double BYTES_PER_GB = 1L << 30;

  private PairStorage() {}

  /**
   * Room for a float64 number for each pair of samples.
   *
   * @param info whose samples
   * @throws PalimpsestException if the heap has no room for it
   */
  public static double[] ofPairs(Representation.Info info) {
    return doubles(Triangle.size(info.samples()), info, "one value for each pair of samples");
  }

  /**
   * Room for so many float64 numbers.
   *
   * @throws PalimpsestException if the heap has no room for them
   */
  public static double[] doubles(long count, Representation.Info info, String what) {
    requireAddressable(count, Double.BYTES, info, what);
    try {
      return new double[(int) count];
    } catch (OutOfMemoryError full) {
      throw tooLarge(count, Double.BYTES, info, what);
    }
  }

  /**
   * Room for so many float32 numbers.
   *
   * @throws PalimpsestException if the heap has no room for them
   */
  public static float[] floats(long count, Representation.Info info, String what) {
    requireAddressable(count, Float.BYTES, info, what);
    try {
      return new float[(int) count];
    } catch (OutOfMemoryError full) {
      throw tooLarge(count, Float.BYTES, info, what);
    }
  }

  /**
   * Room for so many 32-bit integers.
   *
   * @throws PalimpsestException if the heap has no room for them
   */
  public static int[] ints(long count, Representation.Info info, String what) {
    requireAddressable(count, Integer.BYTES, info, what);
    try {
      return new int[(int) count];
    } catch (OutOfMemoryError full) {
      throw tooLarge(count, Integer.BYTES, info, what);
    }
  }

  private static void requireAddressable(
      long count, int bytesEach, Representation.Info info, String what) {
    if (count > LONGEST_ARRAY) {
      throw tooLarge(count, bytesEach, info, what);
    }
  }

  private static PalimpsestException tooLarge(
      long count, int bytesEach, Representation.Info info, String what) {
    return new PalimpsestException(
        String.format(
            Locale.ROOT,
            "Layer '%s' has %s samples × %s features; this measure keeps %s, %s bytes (%.1f GB), and the Java heap ends at %.1f GB. %s",
            info.layer(),
            info.samples(),
            info.features(),
            what,
            count * bytesEach,
            count * bytesEach / BYTES_PER_GB,
            Runtime.getRuntime().maxMemory() / BYTES_PER_GB,
            ADVICE));
  }
}
