package org.palimpsest.similarity.internal.linalg;

import java.io.IOException;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.similarity.internal.linalg.Decompositions.Eigen;

/**
 * The singular values of a matrix by way of its smaller Gram matrix, in float64.
 *
 * <p>A singular value that is the fraction f of the largest is precise to about 1e-16 / f².
 *
 * @param matrix n × p
 * @param ofSamples whether the vectors are those of the n × n Gram matrix, rather than the p × p
 *     one
 * @param eigen eigenvalues are squared singular values
 * @param reliable the fraction of the largest singular value down to which the components are
 *     orthonormal to 1e-10, or to 1e-5 if the Gram matrix is of float32
 */
record Spectrum(INDArray matrix, boolean ofSamples, Eigen eigen, double reliable) {

  private static final double RELIABLE_64 = 1e-3;
  private static final double RELIABLE_32 = 0.01;

  static Spectrum of(INDArray matrix) {
    boolean ofSamples = matrix.rows() < matrix.columns();
    Dense gram = ofSamples ? Products.gramOfRows(matrix) : Products.gramOfColumns(matrix);
    return new Spectrum(matrix, ofSamples, Decompositions.symmetric(gram), RELIABLE_64);
  }

  /** Of products in float32, which is faster and precise to about 1e-7 / f² only. */
  static Spectrum inSinglePrecision(INDArray matrix) {
    return new Spectrum(
        matrix, false, Decompositions.symmetric(Products.gram(matrix)), RELIABLE_32);
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

  /** Whether the first k components are there and precise enough. */
  boolean isReliable(int k) {
    double[] squares = squares();
    return k <= squares.length && squares[k - 1] > reliable * reliable * squares[0];
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
    return reliable == RELIABLE_32 && type == DataType.FLOAT
        ? Products.timesTransposed(matrix, leading)
        : Products.timesTransposed(matrix, leading, type);
  }

  /** U S of the samples' Gram matrix U S² U', n × n in float64. */
  INDArray scores() {
    Dense scaled = leadingVectors(eigen.values().length);
    double[] squares = squares();
    for (int i = 0; i < scaled.rows(); i++) {
      double size = Math.sqrt(squares[i]);
      for (int j = 0; j < scaled.columns(); j++) {
        scaled.values()[i * scaled.columns() + j] *= size;
      }
    }
    return Products.toTensor(scaled.transpose(), DataType.DOUBLE);
  }

  private Dense leadingVectors(int k) {
    int length = eigen.vectors().columns();
    double[] values = new double[k * length];
    System.arraycopy(eigen.vectors().values(), 0, values, 0, values.length);
    return new Dense(k, length, values);
  }

  /** All but the matrix. */
  void write(PreparedOutput out) throws IOException {
    out.writeBoolean(ofSamples);
    out.writeDoubles(eigen.values());
    out.writeInt(eigen.vectors().rows());
    out.writeInt(eigen.vectors().columns());
    out.writeDoubles(eigen.vectors().values());
    out.writeDouble(reliable);
  }

  static Spectrum read(INDArray matrix, PreparedInput in) throws IOException {
    return new Spectrum(
        matrix,
        in.readBoolean(),
        new Eigen(in.readDoubles(), new Dense(in.readInt(), in.readInt(), in.readDoubles())),
        in.readDouble());
  }
}
