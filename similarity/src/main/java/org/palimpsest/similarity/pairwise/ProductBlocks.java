package org.palimpsest.similarity.pairwise;

import java.util.stream.IntStream;
import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.bytedeco.javacpp.indexer.Indexer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The inner products of all rows of a matrix with each other, a block of rows at a time, so that no
 * n × n matrix is ever whole.
 *
 * <p>Products come from BLAS, called from one thread; the visitor runs on all cores. Cost: n²p
 * multiplications for the upper triangle, 2n²p for all pairs, and up to 64 MB of native memory.
 */
final class ProductBlocks {

  private static final long BLOCK_BYTES = 64L << 20;
  private static final int LARGEST_BLOCK = 256;
  private static final int SMALLEST_BLOCK = 16;

  private ProductBlocks() {}

  /** Receives one row of products; called from several threads at once. */
  @FunctionalInterface
  interface RowVisitor {

    /**
     * @param row i
     * @param first the first row with which it was multiplied
     * @param products entry j − first is the inner product of rows i and j, up to the last row
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
    for (int from = 0; from < n; from += block) {
      int first = upperOnly ? from : 0;
      multiply(matrix, from, Math.min(n, from + block), first, visitor);
    }
  }

  private static int blockSize(int n, DataType type) {
    long fitting = BLOCK_BYTES / ((long) n * type.width());
    return (int) Math.max(SMALLEST_BLOCK, Math.min(LARGEST_BLOCK, fitting));
  }

  private static void multiply(INDArray matrix, int from, int to, int first, RowVisitor visitor) {
    int n = matrix.rows();
    INDArray left = rows(matrix, first, n);
    INDArray right = rows(matrix, from, to);
    try (INDArray products =
        Nd4j.createUninitialized(matrix.dataType(), new long[] {n - first, to - from}, 'f')) {
      Nd4j.gemm(left, right, products, false, true, 1, 0);
      Indexer elements = products.data().indexer();
      IntStream.range(from, to)
          .parallel()
          .forEach(i -> visitor.visit(i, first, column(elements, i - from, n - first)));
    }
  }

  private static INDArray rows(INDArray matrix, int from, int to) {
    return from == 0 && to == matrix.rows()
        ? matrix
        : matrix.get(NDArrayIndex.interval(from, to), NDArrayIndex.all());
  }

  private static double[] column(Indexer elements, int column, int length) {
    double[] products = new double[length];
    long start = (long) column * length;
    if (elements instanceof FloatIndexer floats) {
      for (int k = 0; k < length; k++) {
        products[k] = floats.get(start + k);
      }
    } else {
      ((DoubleIndexer) elements).get(start, products, 0, length);
    }
    return products;
  }
}
