package org.palimpsest.similarity.cca;

import java.util.Arrays;
import org.palimpsest.core.PalimpsestException;

/** How many principal components SVCCA keeps of a layer. */
public sealed interface Truncation {

  /** How it is written after {@code svcca:}. */
  String parameter();

  /**
   * How many to keep.
   *
   * @param squares the layer's squared singular values, descending
   */
  int keep(double[] squares);

  /** The fewest whose squared singular values reach a fraction of their sum: the variance. */
  static Truncation ofVariance(double fraction) {
    return new OfVariance(requireFraction(fraction));
  }

  /** The fewest whose singular values reach a fraction of their sum. */
  static Truncation ofSingularValues(double fraction) {
    return new OfSingularValues(requireFraction(fraction));
  }

  /** A number of them, or all if there are fewer. */
  static Truncation ofCount(int components) {
    if (components < 1) {
      throw new PalimpsestException(
          "%d components cannot be kept; keep one or more.".formatted(components));
    }
    return new OfCount(components);
  }

  private static double requireFraction(double fraction) {
    if (!(fraction > 0 && fraction <= 1)) {
      throw new PalimpsestException(
          "%s is no fraction of the variance; choose one above 0 and up to 1.".formatted(fraction));
    }
    return fraction;
  }

  /** See {@link #ofVariance}. */
  record OfVariance(double fraction) implements Truncation {

    @Override
    public String parameter() {
      return String.valueOf(fraction);
    }

    @Override
    public int keep(double[] squares) {
      return fewestReaching(fraction, squares);
    }
  }

  /** See {@link #ofSingularValues}. */
  record OfSingularValues(double fraction) implements Truncation {

    @Override
    public String parameter() {
      return "plain=" + fraction;
    }

    @Override
    public int keep(double[] squares) {
      return fewestReaching(fraction, Arrays.stream(squares).map(Math::sqrt).toArray());
    }
  }

  /** See {@link #ofCount}. */
  record OfCount(int components) implements Truncation {

    @Override
    public String parameter() {
      return "k=" + components;
    }

    @Override
    public int keep(double[] squares) {
      return components;
    }
  }

  private static int fewestReaching(double fraction, double[] weights) {
    double wanted = fraction * Arrays.stream(weights).sum();
    double reached = 0;
    int kept = 0;
    while (kept < weights.length && (kept == 0 || reached < wanted)) {
      reached += weights[kept++];
    }
    return kept;
  }
}
