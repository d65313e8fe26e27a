package org.palimpsest.similarity.linalg;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Products of a matrix with its own transpose by the BLAS routine for them, which does half the
 * work of a general product; ND4J does not offer it. Without the native library, general products.
 *
 * <p>BLAS reads columns first, so that rows that lie one after another are its columns.
 */
final class SymmetricProducts {

  private static final int COLUMNS_FIRST = 102;
  private static final int UPPER = 121;
  private static final int PLAIN = 111;
  private static final int TRANSPOSED = 112;

  /** Loads the native library when first needed. */
  private static final class Native {
    static final boolean LOADS = LapackDecomposer.load().isPresent();
  }

  private SymmetricProducts() {}

  /** X'X of the rows [from, to), p × p with its upper triangle (columns first) filled at least. */
  static INDArray ofColumns(INDArray matrix, long from, long to) {
    int width = matrix.columns();
    INDArray product = square(matrix.dataType(), width);
    if (canUse(matrix)) {
      multiply(PLAIN, width, Math.toIntExact(to - from), matrix, from, product);
      return product;
    }
    INDArray rows = Products.rows(matrix, from, to);
    return Nd4j.gemm(rows, rows, product, true, false, 1, 0);
  }

  /** XX' of the rows [from, to), m × m with its upper triangle (columns first) filled at least. */
  static INDArray ofRows(INDArray matrix, long from, long to) {
    int count = Math.toIntExact(to - from);
    INDArray product = square(matrix.dataType(), count);
    if (canUse(matrix)) {
      multiply(TRANSPOSED, count, matrix.columns(), matrix, from, product);
      return product;
    }
    INDArray rows = Products.rows(matrix, from, to);
    return Nd4j.gemm(rows, rows, product, false, true, 1, 0);
  }

  private static INDArray square(DataType type, long size) {
    return Nd4j.createUninitialized(type, new long[] {size, size}, 'f');
  }

  private static boolean canUse(INDArray matrix) {
    return matrix.ordering() == 'c'
        && !matrix.isView()
        && matrix.offset() == 0
        && matrix.stride(0) == matrix.columns()
        && Native.LOADS;
  }

  private static void multiply(
      int transposition, int size, int depth, INDArray matrix, long from, INDArray product) {
    int width = matrix.columns();
    if (matrix.dataType() == DataType.FLOAT) {
      openblas.cblas_ssyrk(
          COLUMNS_FIRST,
          UPPER,
          transposition,
          size,
          depth,
          1,
          matrix.data().pointer().getPointer(FloatPointer.class, from * width),
          width,
          0,
          (FloatPointer) product.data().pointer(),
          size);
    } else {
      openblas.cblas_dsyrk(
          COLUMNS_FIRST,
          UPPER,
          transposition,
          size,
          depth,
          1,
          matrix.data().pointer().getPointer(DoublePointer.class, from * width),
          width,
          0,
          (DoublePointer) product.data().pointer(),
          size);
    }
  }

  /**
   * Copies the upper triangle (columns first) to the other; the matrix is then its own transpose.
   */
  static Dense mirrored(Dense matrix) {
    int size = matrix.rows();
    double[] values = matrix.values();
    for (int column = 0; column < size; column++) {
      for (int row = 0; row < column; row++) {
        values[row * size + column] = values[column * size + row];
      }
    }
    return matrix;
  }
}
