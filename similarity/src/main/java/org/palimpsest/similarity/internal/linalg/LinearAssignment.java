package org.palimpsest.similarity.internal.linalg;

import org.palimpsest.core.PalimpsestException;

/**
 * An optimal one-to-one assignment of rows to columns: min(rows, columns) pairs of least total
 * cost.
 *
 * <p>Cost: O(n³) at worst; about 0.02 s for 512 × 512 and 0.6 s for 2048 × 2048.
 *
 * @see <a href="https://doi.org/10.1007/BF02278710">Jonker and Volgenant 1987</a>
 */
public final class LinearAssignment {

  /** In place of a partner: the row or column has none. */
  public static final int NONE = -1;

  private final int[] columnOfRow;
  private final int[] rowOfColumn;
  private final double total;

  private LinearAssignment(int[] columnOfRow, int[] rowOfColumn, double total) {
    this.columnOfRow = columnOfRow;
    this.rowOfColumn = rowOfColumn;
    this.total = total;
  }

  /**
   * The assignment of least total cost.
   *
   * @param costs entry (i, j) at {@code i * columns + j}, finite
   */
  public static LinearAssignment minimise(int rows, int columns, double[] costs) {
    return solve(rows, columns, costs, 1);
  }

  /**
   * The assignment of greatest total gain.
   *
   * @param gains entry (i, j) at {@code i * columns + j}, finite
   */
  public static LinearAssignment maximise(int rows, int columns, double[] gains) {
    return solve(rows, columns, gains, -1);
  }

  private static LinearAssignment solve(int rows, int columns, double[] values, int sign) {
    require(rows, columns, values);
    boolean transposed = rows > columns;
    double[] costs =
        sign > 0 && !transposed ? values : oriented(rows, columns, values, sign, transposed);
    ShortestAugmentingPaths paths =
        new ShortestAugmentingPaths(Math.min(rows, columns), Math.max(rows, columns), costs);
    paths.solve();
    int[] columnOfRow = transposed ? paths.rowOfColumn() : paths.columnOfRow();
    int[] rowOfColumn = transposed ? paths.columnOfRow() : paths.rowOfColumn();
    double total = 0;
    for (int i = 0; i < rows; i++) {
      total += columnOfRow[i] == NONE ? 0 : values[i * columns + columnOfRow[i]];
    }
    return new LinearAssignment(columnOfRow, rowOfColumn, total);
  }

  private static void require(int rows, int columns, double[] values) {
    if (rows < 1 || columns < 1 || values.length != (long) rows * columns) {
      throw new PalimpsestException(
          "An assignment of %d rows to %d columns needs %d values, not %d."
              .formatted(rows, columns, (long) rows * columns, values.length));
    }
    for (int k = 0; k < values.length; k++) {
      if (!Double.isFinite(values[k])) {
        throw new PalimpsestException(
            "The value of row %d and column %d is %s; an assignment needs finite values."
                .formatted(k / columns, k % columns, values[k]));
      }
    }
  }

  private static double[] oriented(
      int rows, int columns, double[] values, int sign, boolean transposed) {
    double[] costs = new double[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        costs[transposed ? j * rows + i : i * columns + j] = sign * values[i * columns + j];
      }
    }
    return costs;
  }

  /** The column of a row, {@link #NONE} if there are more rows than columns and it got none. */
  public int columnOf(int row) {
    return columnOfRow[row];
  }

  /** The row of a column, {@link #NONE} if there are more columns than rows and it got none. */
  public int rowOf(int column) {
    return rowOfColumn[column];
  }

  /** The number of pairs. */
  public int pairs() {
    return Math.min(columnOfRow.length, rowOfColumn.length);
  }

  /** The sum of the values of all pairs, as they were given. */
  public double total() {
    return total;
  }
}
