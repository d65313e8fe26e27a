package org.palimpsest.similarity.internal.linalg;

import java.util.Locale;
import org.palimpsest.core.PalimpsestException;

/**
 * A small matrix of float64 in row-major order; what is as long as the samples stays in ND4J.
 *
 * @param rows its number of rows
 * @param columns its number of columns
 * @param values entry (i, j) at {@code i * columns + j}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
public record Dense(int rows, int columns, double[] values) {

  private static final long LONGEST_ARRAY = Integer.MAX_VALUE - 8L;
  private static final double BYTES_PER_GB = 1L << 30;

  public Dense {
    if (values.length != Math.multiplyExact(rows, columns)) {
      throw new IllegalArgumentException(
          "%s values for %s × %s".formatted(values.length, rows, columns));
    }
  }

  public static Dense zeros(int rows, int columns) {
    long count = (long) rows * columns;
    if (count > LONGEST_ARRAY) {
      throw tooLarge(rows, columns);
    }
    try {
      return new Dense(rows, columns, new double[(int) count]);
    } catch (OutOfMemoryError full) {
      throw tooLarge(rows, columns);
    }
  }

  /**
   * Makes sure that some matrices of this shape fit into the heap at once.
   *
   * @throws PalimpsestException if they do not
   */
  public static void requireRoom(long rows, long columns, int copies) {
    long bytes = Runtime.getRuntime().maxMemory();
    if (rows * columns > LONGEST_ARRAY || rows * columns > bytes / Double.BYTES / copies) {
      throw tooLarge(Math.toIntExact(rows), Math.toIntExact(columns));
    }
  }

  private static PalimpsestException tooLarge(int rows, int columns) {
    return new PalimpsestException(
        String.format(
            Locale.ROOT,
            "A measure of layers of %s and %s features keeps one number for each pair of them, %.1f GB, and the Java heap ends at %.1f GB. Pool feature maps, compare narrower layers, or choose a measure such as linear_cka, which needs none of these.",
            rows,
            columns,
            (double) rows * columns * Double.BYTES / BYTES_PER_GB,
            Runtime.getRuntime().maxMemory() / BYTES_PER_GB));
  }

  public double get(int row, int column) {
    return values[row * columns + column];
  }

  /** The sum of squares of all entries. */
  public double squaredNorm() {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return sum;
  }

  /** The sum of squares, that of entry (i, j) weighted by {@code ofRows[i] * ofColumns[j]}. */
  public double squaredNorm(double[] ofRows, double[] ofColumns) {
    double sum = 0;
    for (int i = 0; i < rows; i++) {
      double ofRow = 0;
      for (int j = 0; j < columns; j++) {
        double value = get(i, j);
        ofRow += ofColumns[j] * value * value;
      }
      sum += ofRows[i] * ofRow;
    }
    return sum;
  }

  public Dense transpose() {
    Dense transpose = zeros(columns, rows);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        transpose.values[j * rows + i] = get(i, j);
      }
    }
    return transpose;
  }
}
