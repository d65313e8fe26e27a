package org.palimpsest.similarity.internal.linalg;

/** Receives a matrix row by row. */
@FunctionalInterface
public interface RowSink {

  /**
   * One row.
   *
   * @param row its index
   * @param values hold it, until this returns
   * @param at where it begins
   */
  void add(int row, double[] values, int at);
}
