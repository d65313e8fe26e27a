package org.palimpsest.similarity.internal.intervals;

import java.util.Arrays;
import org.palimpsest.similarity.internal.linalg.Dense;

/**
 * A value, and how much each row moves it.
 *
 * @param value the value
 * @param influences of each row; their mean is zero
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
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
    int rows = a.rows();
    double value = 0;
    double[] influences = new double[rows];
    for (int k = 0; k < weights.length; k++) {
      double weight = weights[k] / whole;
      double correlation = 0;
      for (int r = 0; r < rows; r++) {
        correlation += left.get(r, k) * right.get(r, k) / rows;
      }
      value += weight * correlation;
      for (int r = 0; r < rows; r++) {
        double x = left.get(r, k);
        double y = right.get(r, k);
        influences[r] += weight * (x * y - correlation * (x * x + y * y) / 2);
      }
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
    for (int r = 0; r < products.length; r++) {
      for (int c = 0; c < a.columns(); c++) {
        products[r] += a.get(r, c) * b.get(r, c);
      }
    }
    return products;
  }

  /** Columns less their means. */
  public static Dense centred(Dense matrix) {
    int width = matrix.columns();
    double[] means = new double[width];
    for (int k = 0; k < matrix.values().length; k++) {
      means[k % width] += matrix.values()[k] / matrix.rows();
    }
    Dense centred = Dense.zeros(matrix.rows(), width);
    for (int k = 0; k < matrix.values().length; k++) {
      centred.values()[k] = matrix.values()[k] - means[k % width];
    }
    return centred;
  }

  /** Columns of mean zero and mean square one, or of zeros. */
  public static Dense standardised(Dense matrix) {
    Dense centred = centred(matrix);
    int width = matrix.columns();
    double[] squares = new double[width];
    for (int k = 0; k < centred.values().length; k++) {
      squares[k % width] += centred.values()[k] * centred.values()[k] / matrix.rows();
    }
    double least = NO_VARIANCE * Arrays.stream(squares).max().orElseThrow();
    for (int k = 0; k < centred.values().length; k++) {
      double square = squares[k % width];
      centred.values()[k] = square > least ? centred.values()[k] / Math.sqrt(square) : 0;
    }
    return centred;
  }
}
