package org.palimpsest.similarity.internal.pairwise;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.similarity.internal.linalg.Cores;
import org.palimpsest.similarity.internal.linalg.RowProducts;

/**
 * The inner products of all rows of a matrix with each other, a block of rows at a time, so that no
 * n × n matrix is ever whole.
 *
 * <p>Blocks are computed and visited on all cores at once. Cost: n²p multiplications for the upper
 * triangle, 2n²p for all pairs, and up to 8 MB of memory for each core.
 */
final class ProductBlocks {

  private static final long BLOCK_BYTES = 8L << 20;
  private static final int LARGEST_BLOCK = 256;
  private static final int SMALLEST_BLOCK = 16;

  private ProductBlocks() {}

  /** Receives one row of products; called from several threads at once. */
  @FunctionalInterface
  interface RowVisitor {

    /**
     * @param row i
     * @param first the first row with which it was multiplied
     * @param products entry j − first is the inner product of rows i and j, up to the last row; the
     *     next row overwrites them
     */
    void visit(int row, int first, double[] products);
  }

  /**
   * Products of each row i with at least the rows from i on.
   *
   * @param matrix n × p in C order
   */
  static void upper(INDArray matrix, RowVisitor visitor) {
    run(matrix, true, visitor);
  }

  /** Products of each row with every row. */
  static void all(INDArray matrix, RowVisitor visitor) {
    run(matrix, false, visitor);
  }

  private static void run(INDArray matrix, boolean upperOnly, RowVisitor visitor) {
    int n = matrix.rows();
    int block = blockSize(n, matrix.dataType());
    Cores.sideBySide(
        (n + block - 1) / block,
        task -> {
          int from = task * block;
          int to = Math.min(n, from + block);
          RowProducts.of(matrix, from, to, upperOnly ? from : 0, visitor::visit);
        });
  }

  private static int blockSize(int n, DataType type) {
    long fitting = BLOCK_BYTES / ((long) n * type.width());
    return (int) Math.max(SMALLEST_BLOCK, Math.min(LARGEST_BLOCK, fitting));
  }
}
