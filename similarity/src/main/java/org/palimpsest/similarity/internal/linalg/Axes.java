package org.palimpsest.similarity.internal.linalg;

/** Orthonormal directions in sample space that a layer's centred features span, leading first. */
public interface Axes {

  /** Their number, r. */
  int rank();

  /** How far the layer stretches along each. */
  double[] singularValues();

  /** The layer along them, Q'Xc, r × p. */
  Dense coordinates();
}
