package org.palimpsest.similarity.internal.linalg;

import java.util.Optional;

/**
 * Decompositions of small dense matrices: by EJML, or by LAPACK where that is faster and its native
 * library loads.
 */
public final class Decompositions {

  /** From this size on LAPACK on two cores is faster than EJML on two matrices at once. */
  private static final int LAPACK_PAYS = 128;

  private static final Decomposer EJML = new EjmlDecomposer();

  /** Loads the native library when first needed. */
  private static final class Native {
    static final Optional<Decomposer> LAPACK = LapackDecomposer.load();
  }

  private Decompositions() {}

  /** Of a symmetric n × n matrix. */
  public static Eigen symmetric(Dense matrix) {
    return side(matrix).symmetric(matrix);
  }

  /** The min(m, n) singular values of an m × n matrix, descending. */
  public static double[] singularValues(Dense matrix) {
    return side(matrix).singularValues(matrix);
  }

  /** The thin decomposition of an m × n matrix. */
  public static Svd svd(Dense matrix) {
    return side(matrix).svd(matrix);
  }

  /** The sum of the singular values. */
  public static double nuclearNorm(Dense matrix) {
    double sum = 0;
    for (double value : singularValues(matrix)) {
      sum += value;
    }
    return sum;
  }

  private static Decomposer side(Dense matrix) {
    boolean small = Math.min(matrix.rows(), matrix.columns()) < LAPACK_PAYS;
    return small ? EJML : Native.LAPACK.orElse(EJML);
  }
}
