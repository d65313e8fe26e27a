package org.palimpsest.similarity.filters;

/**
 * Inner products of rows, on the calling thread and in a fixed order of summation: simulations that
 * run side by side come to the same bits whatever the number of threads.
 */
final class FilterProducts {

  private static final int PANEL = 64;
  private static final int TILE = 512;

  /** Of numbers whose squares, and sums of many of these, are numbers of full precision. */
  private static final int LARGEST_EXPONENT = 400;

  private FilterProducts() {}

  /**
   * AB', row-major m × k.
   *
   * @param a row-major m × d
   * @param b row-major k × d
   */
  static double[] of(double[] a, int m, double[] b, int k, int d) {
    return of(a, m, b, k, d, false);
  }

  /**
   * @param upper whether what is left of the diagonal may stay zero
   */
  private static double[] of(double[] a, int m, double[] b, int k, int d, boolean upper) {
    double[] product = new double[Math.multiplyExact(m, k)];
    double[] panel = new double[PANEL * Math.min(TILE, k)];
    for (int column = 0; column < k; column += TILE) {
      int width = Math.min(TILE, k - column);
      for (int from = 0; from < d; from += PANEL) {
        int depth = Math.min(PANEL, d - from);
        transposePanel(b, d, column, width, from, depth, panel);
        int rows = upper ? Math.min(m, column + width) : m;
        for (int row = 0; row < rows; row++) {
          int first = upper ? Math.max(0, row - column) : 0;
          addRow(a, row * d + from, depth, panel, first, width, product, row * k + column);
        }
      }
    }
    return product;
  }

  /** The products of the rows, or of the columns where those are fewer; side × side. */
  static double[] smallerGram(double[] matrix, int rows, int columns) {
    return rows <= columns ? gram(matrix, rows, columns) : transposedGram(matrix, rows, columns);
  }

  private static double[] transposedGram(double[] matrix, int rows, int columns) {
    double[] transposed = new double[matrix.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        transposed[j * rows + i] = matrix[i * columns + j];
      }
    }
    return gram(transposed, columns, rows);
  }

  /** AA', half of which is computed: the other half comes of the same sums. */
  private static double[] gram(double[] a, int m, int d) {
    double[] product = of(a, m, a, m, d, true);
    for (int row = 1; row < m; row++) {
      for (int column = 0; column < row; column++) {
        product[row * m + column] = product[column * m + row];
      }
    }
    return product;
  }

  private static void transposePanel(
      double[] b, int d, int column, int width, int from, int depth, double[] panel) {
    for (int j = 0; j < width; j++) {
      for (int p = 0; p < depth; p++) {
        panel[p * width + j] = b[(column + j) * d + from + p];
      }
    }
  }

  /**
   * Four rows of the panel at a time, from column {@code first} on, which the compiler turns into
   * vector instructions.
   */
  private static void addRow(
      double[] a, int at, int depth, double[] panel, int first, int width, double[] into, int to) {
    int p = 0;
    for (; p + 3 < depth; p += 4) {
      double a0 = a[at + p];
      double a1 = a[at + p + 1];
      double a2 = a[at + p + 2];
      double a3 = a[at + p + 3];
      int p0 = p * width;
      int p1 = p0 + width;
      int p2 = p1 + width;
      int p3 = p2 + width;
      for (int j = first; j < width; j++) {
        into[to + j] +=
            a0 * panel[p0 + j] + a1 * panel[p1 + j] + a2 * panel[p2 + j] + a3 * panel[p3 + j];
      }
    }
    for (; p < depth; p++) {
      double a0 = a[at + p];
      for (int j = first; j < width; j++) {
        into[to + j] += a0 * panel[p * width + j];
      }
    }
  }

  /** Divides each row by its Euclidean norm; a row of zeros stays. Returns the same array. */
  static double[] normalise(double[] rows, int d) {
    for (int start = 0; start < rows.length; start += d) {
      giveSquaresRoom(rows, start, start + d);
      double squares = 0;
      for (int i = start; i < start + d; i++) {
        squares += rows[i] * rows[i];
      }
      double norm = Math.sqrt(squares);
      for (int i = start; i < start + d && norm > 0; i++) {
        rows[i] /= norm;
      }
    }
    return rows;
  }

  /** Scales values by a power of two where a square would be beyond all numbers. */
  static void giveSquaresRoom(double[] rows, int from, int to) {
    double largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, Math.abs(rows[i]));
    }
    int exponent = Math.getExponent(largest);
    if (largest > 0 && Math.abs(exponent) > LARGEST_EXPONENT) {
      for (int i = from; i < to; i++) {
        rows[i] = Math.scalb(rows[i], -exponent);
      }
    }
  }

  /** Takes each row's mean off. Returns the same array. */
  static double[] centre(double[] rows, int d) {
    for (int start = 0; start < rows.length; start += d) {
      double mean = sum(rows, start, start + d) / d;
      for (int i = start; i < start + d; i++) {
        rows[i] -= mean;
      }
    }
    return rows;
  }

  /** The compensated sum that a stream of these values has, without its calls for each of them. */
  static double sum(double[] values, int from, int to) {
    double sum = 0;
    double excess = 0;
    for (int i = from; i < to; i++) {
      double next = values[i] - excess;
      double more = sum + next;
      excess = more - sum - next;
      sum = more;
    }
    return sum - excess;
  }
}
