package org.palimpsest.similarity.internal.linalg;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Products of blocks by the BLAS in OpenBLAS, called without a detour: ND4J's own way to the same
 * routine costs more than a small product. Without the native library, by ND4J.
 *
 * <p>Callers take turns by {@link Cores}.
 */
final class Blas {

  /** Rows of a result that are computed together, whatever the number of cores. */
  private static final int PANEL = 128;

  private static final int ROWS_FIRST = 101;
  private static final int UPPER = 121;
  private static final int PLAIN = 111;
  private static final int TRANSPOSED = 112;

  /** Loads the native library when first needed. */
  private static final class Native {
    static final boolean LOADS = Decompositions.Lapack.load().isPresent();
  }

  private Blas() {}

  static boolean isNative() {
    return Native.LOADS;
  }

  /** Puts A'B into the result, p × q for matrices of n rows; all of one type. */
  static void transposeTimes(MatrixBlock a, MatrixBlock b, MatrixBlock result) {
    transposeTimes(a, b, result, true);
  }

  /** Puts A'B into the result or, unless it is the first product there, adds it. */
  static void transposeTimes(MatrixBlock a, MatrixBlock b, MatrixBlock result, boolean isFirst) {
    multiply(TRANSPOSED, PLAIN, a, b, result, isFirst);
  }

  /** Puts AB' into the result, m × n for matrices of p columns; all of one type. */
  static void timesTranspose(MatrixBlock a, MatrixBlock b, MatrixBlock result) {
    multiply(PLAIN, TRANSPOSED, a, b, result, true);
  }

  /** Puts AB into the result; all of one type. */
  static void times(MatrixBlock a, MatrixBlock b, MatrixBlock result) {
    multiply(PLAIN, PLAIN, a, b, result, true);
  }

  /**
   * Puts AA' into the result, m × m, of which the upper triangle is filled at least: half the work.
   */
  static void gramOfRows(MatrixBlock a, MatrixBlock result) {
    gram(PLAIN, a, result, true);
  }

  /** Puts A'A into the result, p × p, of which the upper triangle is filled at least. */
  static void gramOfColumns(MatrixBlock a, MatrixBlock result) {
    gramOfColumns(a, result, true);
  }

  /** The same or, unless it is the first product there, adds it. */
  static void gramOfColumns(MatrixBlock a, MatrixBlock result, boolean isFirst) {
    gram(TRANSPOSED, a, result, isFirst);
  }

  private static void gram(int form, MatrixBlock a, MatrixBlock result, boolean isFirst) {
    Cores.panels(
        result.rows(),
        PANEL,
        (from, to) -> {
          MatrixBlock own = part(form, a, from, to);
          MatrixBlock rows = result.rows(from, to);
          gramPanel(form, own, rows.columns(from, to), isFirst);
          if (to < result.rows()) {
            int otherForm = form == PLAIN ? TRANSPOSED : PLAIN;
            MatrixBlock others = part(form, a, to, result.rows());
            multiplyPanel(form, otherForm, own, others, rows.columns(to, result.rows()), isFirst);
          }
        });
  }

  /** What makes the rows [from, to) of a result. */
  private static MatrixBlock part(int form, MatrixBlock a, int from, int to) {
    return form == TRANSPOSED ? a.columns(from, to) : a.rows(from, to);
  }

  private static void gramPanel(int form, MatrixBlock a, MatrixBlock result, boolean isFirst) {
    if (!isNative()) {
      multiplyByNd4j(form == TRANSPOSED, form == PLAIN, a, a, result, isFirst);
      return;
    }
    int depth = depth(form, a);
    if (result.type() == DataType.FLOAT) {
      openblas.cblas_ssyrk(
          ROWS_FIRST,
          UPPER,
          form,
          result.rows(),
          depth,
          1,
          at(a, FloatPointer.class),
          a.stride(),
          isFirst ? 0 : 1,
          at(result, FloatPointer.class),
          result.stride());
    } else {
      openblas.cblas_dsyrk(
          ROWS_FIRST,
          UPPER,
          form,
          result.rows(),
          depth,
          1,
          at(a, DoublePointer.class),
          a.stride(),
          isFirst ? 0 : 1,
          at(result, DoublePointer.class),
          result.stride());
    }
  }

  private static void multiply(
      int formOfA, int formOfB, MatrixBlock a, MatrixBlock b, MatrixBlock result, boolean isFirst) {
    Cores.panels(
        result.rows(),
        PANEL,
        (from, to) ->
            multiplyPanel(
                formOfA, formOfB, part(formOfA, a, from, to), b, result.rows(from, to), isFirst));
  }

  private static void multiplyPanel(
      int formOfA, int formOfB, MatrixBlock a, MatrixBlock b, MatrixBlock result, boolean isFirst) {
    if (!isNative()) {
      multiplyByNd4j(formOfA == TRANSPOSED, formOfB == TRANSPOSED, a, b, result, isFirst);
    } else if (result.type() == DataType.FLOAT) {
      multiplyFloats(formOfA, formOfB, a, b, result, isFirst);
    } else {
      multiplyDoubles(formOfA, formOfB, a, b, result, isFirst);
    }
  }

  /** The other side, for where there is no native library. */
  static void multiplyByNd4j(
      boolean transposeA,
      boolean transposeB,
      MatrixBlock a,
      MatrixBlock b,
      MatrixBlock result,
      boolean isFirst) {
    INDArray left = transposeA ? a.view().transpose() : a.view();
    INDArray right = transposeB ? b.view().transpose() : b.view();
    INDArray product = left.mmul(right);
    result.view().assign(isFirst ? product : product.addi(result.view()));
  }

  private static int depth(int formOfA, MatrixBlock a) {
    return formOfA == TRANSPOSED ? a.rows() : a.columns();
  }

  private static void multiplyFloats(
      int formOfA, int formOfB, MatrixBlock a, MatrixBlock b, MatrixBlock result, boolean isFirst) {
    openblas.cblas_sgemm(
        ROWS_FIRST,
        formOfA,
        formOfB,
        result.rows(),
        result.columns(),
        depth(formOfA, a),
        1,
        at(a, FloatPointer.class),
        a.stride(),
        at(b, FloatPointer.class),
        b.stride(),
        isFirst ? 0 : 1,
        at(result, FloatPointer.class),
        result.stride());
  }

  private static void multiplyDoubles(
      int formOfA, int formOfB, MatrixBlock a, MatrixBlock b, MatrixBlock result, boolean isFirst) {
    openblas.cblas_dgemm(
        ROWS_FIRST,
        formOfA,
        formOfB,
        result.rows(),
        result.columns(),
        depth(formOfA, a),
        1,
        at(a, DoublePointer.class),
        a.stride(),
        at(b, DoublePointer.class),
        b.stride(),
        isFirst ? 0 : 1,
        at(result, DoublePointer.class),
        result.stride());
  }

  private static <P extends Pointer> P at(MatrixBlock block, Class<P> type) {
    return block.tensor().data().pointer().getPointer(type, block.from());
  }
}
