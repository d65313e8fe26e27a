package org.palimpsest.similarity.internal.intervals;

import org.palimpsest.similarity.internal.linalg.Cholesky;
import org.palimpsest.similarity.internal.linalg.Dense;

/**
 * Second moments of two centred layers.
 *
 * @param aa X'X
 * @param bb Y'Y
 * @param ab X'Y
 * @param rows how many rows they are sums over
 */
public record SecondMoments(Dense aa, Dense bb, Dense ab, long rows) {

  /** The trace of a square matrix. */
  public static double trace(Dense matrix) {
    double sum = 0;
    for (int i = 0; i < matrix.rows(); i++) {
      sum += matrix.get(i, i);
    }
    return sum;
  }

  /** L⁻¹ M R⁻ᵀ, where X'X = LL' and Y'Y = RR'. */
  public Dense whitened() {
    return Cholesky.of(bb).solved(Cholesky.of(aa).solved(ab).transpose()).transpose();
  }
}
