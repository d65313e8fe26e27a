package org.palimpsest.similarity.internal.linalg;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dgesdd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dsyevd;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;

import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.palimpsest.core.PalimpsestException;

/**
 * Decompositions by the LAPACK in OpenBLAS, which ND4J's CPU backend brings along, one at a time
 * and on one core, since the last digits depend on the number of threads.
 *
 * <p>LAPACK reads columns first, so that a matrix that lies rows first is its transpose to it.
 */
final class LapackDecomposer implements Decomposer {

  private LapackDecomposer() {}

  /** If the native library is on the class path and loads. */
  static Optional<Decomposer> load() {
    try {
      Loader.load(openblas.class);
      return Optional.of(new LapackDecomposer());
    } catch (LinkageError absent) {
      return Optional.empty();
    }
  }

  @Override
  public Eigen symmetric(Dense matrix) {
    int n = matrix.rows();
    double[] vectors = matrix.values().clone();
    double[] ascending = new double[n];
    check(
        Cores.exclusively(
            () ->
                LAPACKE_dsyevd(LAPACK_COL_MAJOR, (byte) 'V', (byte) 'L', n, vectors, n, ascending)),
        matrix);
    double[] values = new double[n];
    double[] descending = new double[n * n];
    for (int i = 0; i < n; i++) {
      values[i] = ascending[n - 1 - i];
      System.arraycopy(vectors, (n - 1 - i) * n, descending, i * n, n);
    }
    return new Eigen(values, new Dense(n, n, descending));
  }

  @Override
  public double[] singularValues(Dense matrix) {
    return decompose(matrix, 'N').values();
  }

  @Override
  public Svd svd(Dense matrix) {
    return decompose(matrix, 'S');
  }

  /** The left vectors of the transpose are the right ones. */
  private static Svd decompose(Dense matrix, char job) {
    int rows = matrix.columns();
    int columns = matrix.rows();
    int k = Math.min(rows, columns);
    double[] values = new double[k];
    Dense vt = Dense.zeros(job == 'S' ? k : 1, rows);
    Dense u = Dense.zeros(columns, job == 'S' ? k : 1);
    double[] work = matrix.values().clone();
    check(
        Cores.exclusively(
            () ->
                LAPACKE_dgesdd(
                    LAPACK_COL_MAJOR,
                    (byte) job,
                    rows,
                    columns,
                    work,
                    rows,
                    values,
                    vt.values(),
                    rows,
                    u.values(),
                    job == 'S' ? k : 1)),
        matrix);
    return new Svd(u, values, vt);
  }

  private static void check(int info, Dense matrix) {
    if (info != 0) {
      throw new PalimpsestException(
          "LAPACK could not decompose a %d × %d matrix (code %d). Compare fewer features, or report the data."
              .formatted(matrix.rows(), matrix.columns(), info));
    }
  }
}
