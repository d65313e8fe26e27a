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

  /** Loads the native library when first needed. */
  private static final class Native {
    static final boolean LOADS = Decompositions.Lapack.load().isPresent();
  }

  /** A matrix in a product, as it is or transposed. */
  record Factor(MatrixBlock block, boolean isTransposed) {

    private static final int PLAIN = 111;
    private static final int TRANSPOSED = 112;

    static Factor plain(MatrixBlock block) {
      return new Factor(block, false);
    }

    static Factor transposed(MatrixBlock block) {
      return new Factor(block, true);
    }

    Factor turned() {
      return new Factor(block, !isTransposed);
    }

    Factor rows(int from, int to) {
      return new Factor(
          isTransposed ? block.columns(from, to) : block.rows(from, to), isTransposed);
    }

    int columns() {
      return isTransposed ? block.rows() : block.columns();
    }

    int form() {
      return isTransposed ? TRANSPOSED : PLAIN;
    }

    int stride() {
      return block.stride();
    }

    INDArray view() {
      return isTransposed ? block.view().transpose() : block.view();
    }
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
    multiply(Factor.transposed(a), Factor.plain(b), result, isFirst);
  }

  /** Puts AB' into the result, m × n for matrices of p columns; all of one type. */
  static void timesTranspose(MatrixBlock a, MatrixBlock b, MatrixBlock result) {
    timesTranspose(a, b, result, true);
  }

  /** Puts AB' into the result or, unless it is the first product there, adds it. */
  static void timesTranspose(MatrixBlock a, MatrixBlock b, MatrixBlock result, boolean isFirst) {
    multiply(Factor.plain(a), Factor.transposed(b), result, isFirst);
  }

  /** Puts AB into the result; all of one type. */
  static void times(MatrixBlock a, MatrixBlock b, MatrixBlock result) {
    multiply(Factor.plain(a), Factor.plain(b), result, true);
  }

  /**
   * Puts AA' into the result, m × m, of which the upper triangle is filled at least: half the work.
   */
  static void gramOfRows(MatrixBlock a, MatrixBlock result) {
    gramOfRows(a, result, true);
  }

  /** The same or, unless it is the first product there, adds it. */
  static void gramOfRows(MatrixBlock a, MatrixBlock result, boolean isFirst) {
    gram(Factor.plain(a), result, isFirst);
  }

  /** Puts A'A into the result, p × p, of which the upper triangle is filled at least. */
  static void gramOfColumns(MatrixBlock a, MatrixBlock result) {
    gramOfColumns(a, result, true);
  }

  /** The same or, unless it is the first product there, adds it. */
  static void gramOfColumns(MatrixBlock a, MatrixBlock result, boolean isFirst) {
    gram(Factor.transposed(a), result, isFirst);
  }

  private static void gram(Factor a, MatrixBlock result, boolean isFirst) {
    Cores.panels(
        result.rows(),
        PANEL,
        (from, to) -> {
          Factor own = a.rows(from, to);
          MatrixBlock rows = result.rows(from, to);
          gramPanel(own, rows.columns(from, to), isFirst);
          if (to < result.rows()) {
            Factor others = a.rows(to, result.rows());
            multiplyPanel(own, others.turned(), rows.columns(to, result.rows()), isFirst);
          }
        });
  }

  private static void gramPanel(Factor a, MatrixBlock result, boolean isFirst) {
    if (!isNative()) {
      multiplyByNd4j(a, a.turned(), result, isFirst);
    } else if (result.type() == DataType.FLOAT) {
      openblas.cblas_ssyrk(
          ROWS_FIRST,
          UPPER,
          a.form(),
          result.rows(),
          a.columns(),
          1,
          floatsAt(a.block()),
          a.stride(),
          isFirst ? 0 : 1,
          floatsAt(result),
          result.stride());
    } else {
      openblas.cblas_dsyrk(
          ROWS_FIRST,
          UPPER,
          a.form(),
          result.rows(),
          a.columns(),
          1,
          doublesAt(a.block()),
          a.stride(),
          isFirst ? 0 : 1,
          doublesAt(result),
          result.stride());
    }
  }

  private static void multiply(Factor a, Factor b, MatrixBlock result, boolean isFirst) {
    Cores.panels(
        result.rows(),
        PANEL,
        (from, to) -> multiplyPanel(a.rows(from, to), b, result.rows(from, to), isFirst));
  }

  private static void multiplyPanel(Factor a, Factor b, MatrixBlock result, boolean isFirst) {
    if (!isNative()) {
      multiplyByNd4j(a, b, result, isFirst);
    } else if (result.type() == DataType.FLOAT) {
      multiplyFloats(a, b, result, isFirst);
    } else {
      multiplyDoubles(a, b, result, isFirst);
    }
  }

  /** The other side, for where there is no native library. */
  static void multiplyByNd4j(Factor a, Factor b, MatrixBlock result, boolean isFirst) {
    INDArray product = a.view().mmul(b.view());
    result.view().assign(isFirst ? product : product.addi(result.view()));
  }

  private static void multiplyFloats(Factor a, Factor b, MatrixBlock result, boolean isFirst) {
    openblas.cblas_sgemm(
        ROWS_FIRST,
        a.form(),
        b.form(),
        result.rows(),
        result.columns(),
        a.columns(),
        1,
        floatsAt(a.block()),
        a.stride(),
        floatsAt(b.block()),
        b.stride(),
        isFirst ? 0 : 1,
        floatsAt(result),
        result.stride());
  }

  private static void multiplyDoubles(Factor a, Factor b, MatrixBlock result, boolean isFirst) {
    openblas.cblas_dgemm(
        ROWS_FIRST,
        a.form(),
        b.form(),
        result.rows(),
        result.columns(),
        a.columns(),
        1,
        doublesAt(a.block()),
        a.stride(),
        doublesAt(b.block()),
        b.stride(),
        isFirst ? 0 : 1,
        doublesAt(result),
        result.stride());
  }

  /** Without the reflection of {@link Pointer#getPointer}, which takes as long as a product. */
  private static FloatPointer floatsAt(MatrixBlock block) {
    Pointer all = block.tensor().data().pointer();
    return new FloatPointer(all).position(all.position() + block.from());
  }

  private static DoublePointer doublesAt(MatrixBlock block) {
    Pointer all = block.tensor().data().pointer();
    return new DoublePointer(all).position(all.position() + block.from());
  }
}
