package org.palimpsest.similarity.internal.linalg;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.decomposition.eig.symm.SymmetricQrAlgorithm_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.palimpsest.core.PalimpsestException;

/**
 * Eigenvalues of symmetric matrices without the vectors, by EJML on the calling thread, so that
 * many can be had side by side and to the same bits.
 */
public final class SymmetricEigenvalues {

  private SymmetricEigenvalues() {}

  /** Of a positive semi-definite n × n matrix, in no order, rounding below zero cut. */
  public static double[] of(Dense matrix) {
    int side = matrix.rows();
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(side, false, true);
    if (!eigen.decompose(DMatrixRMaj.wrap(side, side, matrix.values().clone()))) {
      throw unsolved(side);
    }
    double[] values = new double[side];
    for (int i = 0; i < side; i++) {
      values[i] = Math.max(0, eigen.getEigenvalue(i).getReal());
    }
    return values;
  }

  /**
   * Of a positive semi-definite tridiagonal matrix, in no order, rounding below zero cut.
   *
   * @param diagonal n entries, overwritten
   * @param off the n − 1 entries beside them, overwritten
   */
  public static double[] ofTridiagonal(double[] diagonal, double[] off) {
    SymmetricQrAlgorithm_DDRM algorithm = new SymmetricQrAlgorithm_DDRM();
    algorithm.setFastEigenvalues(true);
    if (!algorithm.process(diagonal.length, diagonal, off)) {
      throw unsolved(diagonal.length);
    }
    double[] values = new double[diagonal.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(0, algorithm.getEigenvalue(i));
    }
    return values;
  }

  private static PalimpsestException unsolved(int side) {
    return new PalimpsestException(
        "The eigenvalues of a %d × %d matrix did not converge. Report the data."
            .formatted(side, side));
  }
}
