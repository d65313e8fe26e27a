package org.palimpsest.similarity.streaming;

import org.palimpsest.similarity.internal.linalg.Dense;

/** Sums and products of small vectors and matrices. */
final class Vectors {

  private Vectors() {}

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** a + weight * b. */
  static double[] plus(double[] a, double[] b, double weight) {
    double[] sum = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      sum[i] = a[i] + weight * b[i];
    }
    return sum;
  }

  static Dense plus(Dense a, Dense b, double weight) {
    return new Dense(a.rows(), a.columns(), plus(a.values(), b.values(), weight));
  }

  static double[] times(double[] values, double factor) {
    double[] product = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      product[i] = factor * values[i];
    }
    return product;
  }

  static Dense times(Dense matrix, double factor) {
    return new Dense(matrix.rows(), matrix.columns(), times(matrix.values(), factor));
  }

  /** Matrix times vector. */
  static double[] times(Dense matrix, double[] vector) {
    double[] product = new double[matrix.rows()];
    for (int i = 0; i < product.length; i++) {
      for (int j = 0; j < vector.length; j++) {
        product[i] += matrix.get(i, j) * vector[j];
      }
    }
    return product;
  }

  /** The sum of (u - s)(v - t)' from that of uv' and those of u and v. */
  static Dense shifted(
      Dense products, double[] sumU, double[] sumV, double[] s, double[] t, double count) {
    Dense shifted = Dense.zeros(products.rows(), products.columns());
    for (int i = 0; i < s.length; i++) {
      for (int j = 0; j < t.length; j++) {
        shifted.values()[i * t.length + j] =
            products.get(i, j) - s[i] * sumV[j] - t[j] * (sumU[i] - count * s[i]);
      }
    }
    return shifted;
  }
}
