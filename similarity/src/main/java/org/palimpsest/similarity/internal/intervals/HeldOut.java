package org.palimpsest.similarity.internal.intervals;

import java.util.Arrays;
import org.palimpsest.similarity.internal.linalg.Dense;

/**
 * A value, and how much each row moves it.
 *
 * @param value the value
 * @param influences of each row; their mean is zero
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
public record HeldOut(double value, double[] influences) {

  /** A feature whose variance is this small a fraction of the largest never varies. */
  private static final double NO_VARIANCE = 1e-14;

  /** The mean over the rows of each image. */
  double[] ofImages(int images) {
    int each = influences.length / images;
    double[] means = new double[images];
    for (int r = 0; r < influences.length; r++) {
      means[r / each] += influences[r] / each;
    }
    return means;
  }

  /** The mean of two. */
  public HeldOut averagedWith(HeldOut other) {
    double[] both = new double[influences.length];
    for (int r = 0; r < both.length; r++) {
      both[r] = (influences[r] + other.influences[r]) / 2;
    }
    return new HeldOut((value + other.value) / 2, both);
  }

  /** The mean of the correlations of each column of one matrix with the same of another. */
  public static HeldOut ofCorrelations(Dense a, Dense b) {
    double[] ones = new double[a.columns()];
    Arrays.fill(ones, 1);
    return ofCorrelations(a, b, ones);
  }

  /**
   * The weighted mean of the correlations of each column of one matrix with the same of another.
   */
  public static HeldOut ofCorrelations(Dense a, Dense b, double[] weights) {
    Dense left = standardised(a);
    Dense right = standardised(b);
    double whole = Arrays.stream(weights).sum();
    double[] shares = Arrays.stream(weights).map(weight -> weight / whole).toArray();
    double[] correlations = meanProducts(left, right);
    double value = 0;
    for (int k = 0; k < shares.length; k++) {
      value += shares[k] * correlations[k];
    }
    double[] influences = new double[a.rows()];
    for (int r = 0, at = 0; r < influences.length; r++) {
      double sum = 0;
      for (int k = 0; k < shares.length; k++, at++) {
        double x = left.values()[at];
        double y = right.values()[at];
        sum += shares[k] * (x * y - correlations[k] * (x * x + y * y) / 2);
      }
      influences[r] = sum;
    }
    return new HeldOut(value, influences);
  }

  /**
   * The sum of the products of the columns of two matrices over the root of the product of the sums
   * of squares of two others.
   */
  public static HeldOut ofCosine(Dense alongA, Dense alongB, Dense a, Dense b) {
    double[] products = rowProducts(alongA, alongB);
    double[] squaresOfA = rowProducts(a, a);
    double[] squaresOfB = rowProducts(b, b);
    double meanA = Arrays.stream(squaresOfA).average().orElseThrow();
    double meanB = Arrays.stream(squaresOfB).average().orElseThrow();
    double unit = Math.sqrt(meanA * meanB);
    double value = Arrays.stream(products).average().orElseThrow() / unit;
    double[] influences = new double[products.length];
    for (int r = 0; r < influences.length; r++) {
      influences[r] =
          products[r] / unit - value / 2 * (squaresOfA[r] / meanA + squaresOfB[r] / meanB);
    }
    return new HeldOut(value, influences);
  }

  private static double[] rowProducts(Dense a, Dense b) {
    double[] products = new double[a.rows()];
    for (int r = 0, at = 0; r < products.length; r++) {
      for (int c = 0; c < a.columns(); c++, at++) {
        products[r] += a.values()[at] * b.values()[at];
      }
    }
    return products;
  }

  /** Columns less their means. */
  public static Dense centred(Dense matrix) {
    double[] means = new double[matrix.columns()];
    for (int r = 0, at = 0; r < matrix.rows(); r++) {
      for (int k = 0; k < means.length; k++, at++) {
        means[k] += matrix.values()[at];
      }
    }
    divide(means, matrix.rows());
    Dense centred = Dense.zeros(matrix.rows(), means.length);
    for (int r = 0, at = 0; r < matrix.rows(); r++) {
      for (int k = 0; k < means.length; k++, at++) {
        centred.values()[at] = matrix.values()[at] - means[k];
      }
    }
    return centred;
  }

  /** Columns of mean zero and mean square one, or of zeros. */
  public static Dense standardised(Dense matrix) {
    Dense centred = centred(matrix);
    double[] squares = meanProducts(centred, centred);
    double least = NO_VARIANCE * Arrays.stream(squares).max().orElseThrow();
    double[] factors =
        Arrays.stream(squares).map(square -> square > least ? 1 / Math.sqrt(square) : 0).toArray();
    for (int r = 0, at = 0; r < matrix.rows(); r++) {
      for (int k = 0; k < factors.length; k++, at++) {
        centred.values()[at] *= factors[k];
      }
    }
    return centred;
  }

  /** The mean product of each column of one matrix with the same of another. */
  private static double[] meanProducts(Dense a, Dense b) {
    double[] means = new double[a.columns()];
    for (int r = 0, at = 0; r < a.rows(); r++) {
      for (int k = 0; k < means.length; k++, at++) {
        means[k] += a.values()[at] * b.values()[at];
      }
    }
    divide(means, a.rows());
    return means;
  }

  private static void divide(double[] sums, int count) {
    for (int k = 0; k < sums.length; k++) {
      sums[k] /= count;
    }
  }
}
