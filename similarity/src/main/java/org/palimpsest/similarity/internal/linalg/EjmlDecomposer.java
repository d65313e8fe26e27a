package org.palimpsest.similarity.internal.linalg;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.DecompositionInterface;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.palimpsest.core.PalimpsestException;

/** Decompositions by EJML: in Java alone, on one core, from any number of threads. */
final class EjmlDecomposer implements Decomposer {

  @Override
  public Eigen symmetric(Dense matrix) {
    int n = matrix.rows();
    EigenDecomposition_F64<DMatrixRMaj> solver = DecompositionFactory_DDRM.eig(n, true, true);
    decompose(solver, matrix);
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -solver.getEigenvalue(i).getReal()))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] values = new double[n];
    Dense vectors = Dense.zeros(n, n);
    for (int i = 0; i < n; i++) {
      values[i] = solver.getEigenvalue(order[i]).getReal();
      System.arraycopy(solver.getEigenVector(order[i]).data, 0, vectors.values(), i * n, n);
    }
    return new Eigen(values, vectors);
  }

  @Override
  public double[] singularValues(Dense matrix) {
    SingularValueDecomposition_F64<DMatrixRMaj> solver =
        DecompositionFactory_DDRM.svd(matrix.rows(), matrix.columns(), false, false, true);
    decompose(solver, matrix);
    int count = Math.min(matrix.rows(), matrix.columns());
    double[] values = solver.getSingularValues();
    return IntStream.range(0, values.length)
        .mapToDouble(i -> -Math.abs(values[i]))
        .sorted()
        .limit(count)
        .map(value -> -value)
        .toArray();
  }

  @Override
  public Svd svd(Dense matrix) {
    SingularValueDecomposition_F64<DMatrixRMaj> solver =
        DecompositionFactory_DDRM.svd(matrix.rows(), matrix.columns(), true, true, true);
    decompose(solver, matrix);
    DMatrixRMaj u = solver.getU(null, false);
    DMatrixRMaj vt = solver.getV(null, true);
    double[] values = solver.getSingularValues();
    SingularOps_DDRM.descendingOrder(u, false, values, values.length, vt, true);
    return new Svd(dense(u), values, dense(vt));
  }

  private static void decompose(DecompositionInterface<DMatrixRMaj> solver, Dense matrix) {
    DMatrixRMaj wrapped =
        DMatrixRMaj.wrap(matrix.rows(), matrix.columns(), matrix.values().clone());
    if (!solver.decompose(wrapped)) {
      throw new PalimpsestException(
          "A decomposition of a %d × %d matrix did not converge. Compare fewer features, or report the data."
              .formatted(matrix.rows(), matrix.columns()));
    }
  }

  private static Dense dense(DMatrixRMaj matrix) {
    return new Dense(matrix.numRows, matrix.numCols, matrix.data);
  }
}
