package org.palimpsest.similarity.internal.linalg;

/** Decompositions of small dense matrices. Implementations leave their arguments as they are. */
interface Decomposer {

  /** Of a symmetric n × n matrix, of which the upper triangle is read. */
  Eigen symmetric(Dense matrix);

  /** The min(m, n) singular values of an m × n matrix, descending. */
  double[] singularValues(Dense matrix);

  /** Of an m × n matrix. */
  Svd svd(Dense matrix);
}
