package org.palimpsest.similarity.filters;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.decomposition.eig.symm.SymmetricQrAlgorithm_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** Eigenvalues of symmetric matrices, without the vectors. */
final class Eigenvalues {

  private Eigenvalues() {}

  /** Of a symmetric positive semi-definite matrix, in no order, rounding below zero cut. */
  static double[] ofSymmetric(double[] rowMajor, int side) {
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(side, false, true);
    if (!eigen.decompose(DMatrixRMaj.wrap(side, side, rowMajor))) {
      throw new IllegalStateException("no eigenvalues of a " + side + " × " + side + " matrix");
    }
    double[] values = new double[side];
    for (int i = 0; i < side; i++) {
      values[i] = Math.max(0, eigen.getEigenvalue(i).getReal());
    }
    return values;
  }

  /** Of a tridiagonal one, whose arrays are used as work space. */
  static double[] ofTridiagonal(double[] diagonal, double[] off) {
    SymmetricQrAlgorithm_DDRM algorithm = new SymmetricQrAlgorithm_DDRM();
    algorithm.setFastEigenvalues(true);
    if (!algorithm.process(diagonal.length, diagonal, off)) {
      throw new IllegalStateException("no eigenvalues of a tridiagonal matrix");
    }
    double[] values = new double[diagonal.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(0, algorithm.getEigenvalue(i));
    }
    return values;
  }
}
