package org.palimpsest.similarity.linalg;

import java.io.Serializable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The singular values of a matrix by way of its smaller Gram matrix, in float64.
 *
 * <p>A singular value that is the fraction f of the largest is precise to about 1e-16 / f².
 *
 * @param matrix n × p
 * @param ofSamples whether the vectors are those of the n × n Gram matrix, rather than the p × p
 *     one
 * @param eigen eigenvalues are squared singular values
 */
record Spectrum(INDArray matrix, boolean ofSamples, Eigen eigen) implements Serializable {

  static Spectrum of(INDArray matrix) {
    boolean ofSamples = matrix.rows() < matrix.columns();
    Dense gram = ofSamples ? Products.gramOfRows(matrix) : Products.gramOfColumns(matrix);
    return new Spectrum(matrix, ofSamples, Decompositions.symmetric(gram));
  }

  /** Squared singular values, descending; rounding errors below zero are zero. */
  double[] squares() {
    double[] squares = eigen.values().clone();
    for (int i = 0; i < squares.length; i++) {
      squares[i] = Math.max(0, squares[i]);
    }
    return squares;
  }

  /** How many singular values exceed a bound. */
  int countAbove(double bound) {
    int count = 0;
    while (count < eigen.values().length && eigen.values()[count] > bound * bound) {
      count++;
    }
    return count;
  }

  /** The first k left singular vectors, n × k, in the given type. */
  INDArray left(int k, DataType type) {
    Dense leading = leadingVectors(k);
    if (ofSamples) {
      return Products.toTensor(leading, type).transpose();
    }
    for (int i = 0; i < k; i++) {
      double length = Math.sqrt(eigen.values()[i]);
      for (int j = 0; j < leading.columns(); j++) {
        leading.values()[i * leading.columns() + j] /= length;
      }
    }
    return Products.timesTransposed(matrix, leading, type);
  }

  private Dense leadingVectors(int k) {
    int length = eigen.vectors().columns();
    double[] values = new double[k * length];
    System.arraycopy(eigen.vectors().values(), 0, values, 0, values.length);
    return new Dense(k, length, values);
  }
}
