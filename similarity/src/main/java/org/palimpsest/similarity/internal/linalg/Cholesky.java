package org.palimpsest.similarity.internal.linalg;

/**
 * A lower triangle L with LL' = M for a positive semidefinite M; what depends on the rows before is
 * passed over, so that L spans what M does.
 */
public final class Cholesky {

  /** A pivot below this fraction of its diagonal entry is rounding. */
  private static final double ROUNDING = 1e-10;

  private final Dense lower;
  private int rank;

  private Cholesky(int size) {
    this.lower = Dense.zeros(size, size);
  }

  public static Cholesky of(Dense matrix) {
    Cholesky cholesky = new Cholesky(matrix.rows());
    for (int i = 0; i < matrix.rows(); i++) {
      cholesky.addRow(matrix, i);
    }
    return cholesky;
  }

  private void addRow(Dense matrix, int i) {
    int size = matrix.rows();
    double[] values = lower.values();
    for (int j = 0; j < i; j++) {
      double pivot = values[j * size + j];
      values[i * size + j] =
          pivot == 0 ? 0 : (matrix.get(i, j) - dot(i * size, j * size, j)) / pivot;
    }
    double left = matrix.get(i, i) - dot(i * size, i * size, i);
    boolean isNew = left > ROUNDING * matrix.get(i, i);
    values[i * size + i] = isNew ? Math.sqrt(left) : 0;
    rank += isNew ? 1 : 0;
  }

  private double dot(int a, int b, int count) {
    double sum = 0;
    for (int k = 0; k < count; k++) {
      sum += lower.values()[a + k] * lower.values()[b + k];
    }
    return sum;
  }

  public int rank() {
    return rank;
  }

  /** L⁻¹ M, rows of what was passed over being zero. */
  public Dense solved(Dense matrix) {
    int width = matrix.columns();
    Dense solved = Dense.zeros(matrix.rows(), width);
    double[] values = solved.values();
    for (int i = 0; i < matrix.rows(); i++) {
      double pivot = lower.get(i, i);
      if (pivot == 0) {
        continue;
      }
      System.arraycopy(matrix.values(), i * width, values, i * width, width);
      for (int k = 0; k < i; k++) {
        double factor = lower.get(i, k);
        for (int j = 0; j < width; j++) {
          values[i * width + j] -= factor * values[k * width + j];
        }
      }
      for (int j = 0; j < width; j++) {
        values[i * width + j] /= pivot;
      }
    }
    return solved;
  }
}
