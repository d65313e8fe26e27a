package org.palimpsest.similarity.linalg;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;

/** The inner products of a few rows of a matrix with those from some row on. */
public final class RowProducts {

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private RowProducts() {}

  /** Receives one row of products. */
  @FunctionalInterface
  public interface Visitor {

    /**
     * @param row i
     * @param first the first row with which it was multiplied
     * @param products entry j - first is the inner product of rows i and j, up to the last row
     */
    void visit(int row, int first, double[] products);
  }

  /** Multiplies the rows [from, to) with the rows from {@code first} on; all on one core. */
  public static void of(INDArray matrix, int from, int to, int first, Visitor visitor) {
    Block whole = Block.of(matrix);
    int width = whole.rows() - first;
    SCRATCH
        .get()
        .lend(
            whole.type(),
            to - from,
            width,
            products -> {
              Blas.timesTranspose(whole.rows(from, to), whole.rows(first, whole.rows()), products);
              TensorReader reader = TensorReader.of(products.tensor());
              for (int i = from; i < to; i++) {
                double[] row = new double[width];
                reader.read((long) (i - from) * width, row);
                visitor.visit(i, first, row);
              }
              return visitor;
            });
  }
}
