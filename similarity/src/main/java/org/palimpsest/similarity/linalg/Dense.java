package org.palimpsest.similarity.linalg;

/**
 * A small matrix of float64 in row-major order; what is as long as the samples stays in ND4J.
 *
 * @param rows its number of rows
 * @param columns its number of columns
 * @param values entry (i, j) at {@code i * columns + j}
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Dense(int rows, int columns, double[] values) {

  public Dense {
    if (values.length != Math.multiplyExact(rows, columns)) {
      throw new IllegalArgumentException(
          "%d values for %d × %d".formatted(values.length, rows, columns));
    }
  }

  public static Dense zeros(int rows, int columns) {
    return new Dense(rows, columns, new double[Math.multiplyExact(rows, columns)]);
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
