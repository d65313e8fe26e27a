package org.palimpsest.similarity.internal.linalg;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dgesdd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dsyevd;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.decomposition.eig.symm.SymmetricQrAlgorithm_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.DecompositionInterface;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.palimpsest.core.PalimpsestException;

/**
 * Decompositions of small dense matrices: by EJML, or by LAPACK where that is faster and its native
 * library loads.
 */
public final class Decompositions {

  /** From this size on LAPACK on two cores is faster than EJML on two matrices at once. */
  private static final int LAPACK_PAYS = 128;

  private static final Decomposer EJML = new Ejml();

  /** Loads the native library when first needed. */
  private static final class Native {
    static final Optional<Decomposer> LAPACK = Lapack.load();
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

  /**
   * The eigenvalues of a positive semi-definite n × n matrix, in no order, rounding below zero cut:
   * by EJML on the calling thread, to the same bits however many are computed side by side.
   */
  public static double[] eigenvalues(Dense matrix) {
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
   * The eigenvalues of a positive semi-definite tridiagonal matrix, likewise.
   *
   * @param diagonal n entries, overwritten
   * @param off the n − 1 entries beside them, overwritten
   */
  public static double[] eigenvaluesOfTridiagonal(double[] diagonal, double[] off) {
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
        "The eigenvalues of a %s × %s matrix did not converge. Report the data."
            .formatted(side, side));
  }

  private static Decomposer side(Dense matrix) {
    boolean small = Math.min(matrix.rows(), matrix.columns()) < LAPACK_PAYS;
    return small ? EJML : Native.LAPACK.orElse(EJML);
  }

  /** Decompositions of small dense matrices. Implementations leave their arguments as they are. */
  interface Decomposer {

    /** Of a symmetric n × n matrix, of which the upper triangle is read. */
    Eigen symmetric(Dense matrix);

    /** The min(m, n) singular values of an m × n matrix, descending. */
    double[] singularValues(Dense matrix);

    /** Of an m × n matrix. */
    Svd svd(Dense matrix);
  }

  /** Decompositions by EJML: in Java alone, on one core, from any number of threads. */
  static final class Ejml implements Decomposer {

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
            "A decomposition of a %s × %s matrix did not converge. Compare fewer features, or report the data."
                .formatted(matrix.rows(), matrix.columns()));
      }
    }

    private static Dense dense(DMatrixRMaj matrix) {
      return new Dense(matrix.numRows, matrix.numCols, matrix.data);
    }
  }

  /**
   * Decompositions by the LAPACK in OpenBLAS, which ND4J's CPU backend brings along, one at a time
   * and on one core, since the last digits depend on the number of threads.
   *
   * <p>LAPACK reads columns first, so that a matrix that lies rows first is its transpose to it.
   */
  static final class Lapack implements Decomposer {

    private Lapack() {}

    /** If the native library is on the class path and loads. */
    static Optional<Decomposer> load() {
      try {
        Loader.load(openblas.class);
        return Optional.of(new Lapack());
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
                  LAPACKE_dsyevd(
                      LAPACK_COL_MAJOR, (byte) 'V', (byte) 'L', n, vectors, n, ascending)),
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
            "LAPACK could not decompose a %s × %s matrix (code %s). Compare fewer features, or report the data."
                .formatted(matrix.rows(), matrix.columns(), info));
      }
    }
  }

  /**
   * The eigenvalues and eigenvectors of a symmetric matrix.
   *
   * @param values descending
   * @param vectors row i is the unit eigenvector of the i-th value
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  public record Eigen(double[] values, Dense vectors) {}

  /**
   * A thin singular value decomposition, A = U diag(s) V'.
   *
   * @param u m × k, orthonormal columns
   * @param values k = min(m, n) singular values, descending
   * @param vt k × n, orthonormal rows
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  public record Svd(Dense u, double[] values, Dense vt) {

    /** n × k, orthonormal columns. */
    public Dense v() {
      return vt.transpose();
    }
  }
}
