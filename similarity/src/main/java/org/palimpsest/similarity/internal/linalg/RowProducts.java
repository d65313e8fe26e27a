package org.palimpsest.similarity.internal.linalg;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;

/** The inner products of a few rows of a matrix with those from some row on. */
public final class RowProducts {

  private static final int ELEMENTS_AT_ONCE = 1 << 15;

  private static final Scratch SCRATCH = new Scratch();

  private RowProducts() {}

  /** Receives one row of products. */
  @FunctionalInterface
  public interface Visitor {

    /**
     * @param row i
     * @param first the first row with which it was multiplied
     * @param products entry j - first is the inner product of rows i and j, up to the last row; the
     *     next row overwrites them
     */
    void visit(int row, int first, double[] products);
  }

  /** Multiplies the rows [from, to) with the rows from {@code first} on; all on one core. */
  public static void of(INDArray matrix, int from, int to, int first, Visitor visitor) {
    MatrixBlock whole = MatrixBlock.of(matrix);
    int width = whole.rows() - first;
    SCRATCH.lend(
        whole.type(),
        to - from,
        width,
        products -> {
          Blas.timesTranspose(whole.rows(from, to), whole.rows(first, whole.rows()), products);
          TensorReader reader = TensorReader.of(products.tensor());
          if (whole.type() == DataType.FLOAT) {
            visitFloats(reader, from, to, first, width, visitor);
          } else {
            visitDoubles(reader, from, to, first, width, visitor);
          }
          return visitor;
        });
  }

  private static void visitDoubles(
      TensorReader reader, int from, int to, int first, int width, Visitor visitor) {
    double[] row = new double[width];
    for (int i = from; i < to; i++) {
      reader.read((long) (i - from) * width, row);
      visitor.visit(i, first, row);
    }
  }

  /** Several rows are read at once: the call costs as much as to read hundreds of numbers. */
  private static void visitFloats(
      TensorReader reader, int from, int to, int first, int width, Visitor visitor) {
    int rowsAtOnce = Math.max(1, ELEMENTS_AT_ONCE / width);
    float[] some = new float[Math.min(rowsAtOnce, to - from) * width];
    double[] row = new double[width];
    for (int i = from; i < to; i++) {
      int place = (i - from) % rowsAtOnce;
      if (place == 0) {
        int count = Math.min(rowsAtOnce, to - i) * width;
        reader.read((long) (i - from) * width, some, count);
      }
      for (int j = 0; j < width; j++) {
        row[j] = some[place * width + j];
      }
      visitor.visit(i, first, row);
    }
  }
}
