package org.palimpsest.similarity.internal.linalg;

/**
 * A thin singular value decomposition, A = U diag(s) V'.
 *
 * @param u m × k, orthonormal columns
 * @param values k = min(m, n) singular values, descending
 * @param vt k × n, orthonormal rows
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Svd(Dense u, double[] values, Dense vt) {

  /** n × k, orthonormal columns. */
  public Dense v() {
    return vt.transpose();
  }
}
