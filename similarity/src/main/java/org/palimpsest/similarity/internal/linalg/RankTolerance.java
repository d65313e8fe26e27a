package org.palimpsest.similarity.internal.linalg;

import java.util.OptionalDouble;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.PalimpsestException;

/**
 * Below which fraction of the largest singular value another one counts as zero.
 *
 * <p>By default that is {@code max(n, p) * 2.2e-16} for layers that came in float64. Rounding to
 * float32 leaves noise of about {@code sqrt(max(n, p)) * 1.2e-7}, which is the default for those.
 *
 * @param fraction the fraction, or empty for the default
 */
public record RankTolerance(OptionalDouble fraction) {

  private static final String NAME = "tolerance";
  private static final double EPSILON_64 = Math.ulp(1.0);
  private static final double EPSILON_32 = Math.ulp(1.0f);

  /**
   * @throws PalimpsestException if the fraction is not within [0, 1]
   */
  public RankTolerance {
    check(fraction);
  }

  /**
   * @throws PalimpsestException if the fraction is not within [0, 1]
   */
  public static void check(OptionalDouble fraction) {
    if (fraction.isPresent() && !(fraction.getAsDouble() >= 0 && fraction.getAsDouble() <= 1)) {
      throw new PalimpsestException(
          "The tolerance of a rank is a fraction of the largest singular value, from 0 to 1, such as 1e-6; it is %s."
              .formatted(fraction.getAsDouble()));
    }
  }

  /** The default for the layer's shape and type. */
  public static RankTolerance automatic() {
    return new RankTolerance(OptionalDouble.empty());
  }

  /** The same fraction for every layer. */
  public static RankTolerance relative(double fraction) {
    return new RankTolerance(OptionalDouble.of(fraction));
  }

  /** As it is written after a measure's name, or empty if it is the default. */
  public String suffix() {
    return fraction.isPresent() ? NAME + "=" + fraction.getAsDouble() : "";
  }

  /** The fraction for a layer of this shape that came in this type. */
  public double of(long samples, long features, DataType cameAs) {
    long longest = Math.max(samples, features);
    double usual =
        cameAs == DataType.FLOAT ? Math.sqrt(longest) * EPSILON_32 : longest * EPSILON_64;
    return fraction.orElse(usual);
  }
}
