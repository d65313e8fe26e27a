package org.palimpsest.similarity.streaming;

import org.nd4j.linalg.api.buffer.DataType;

/** In which type the products of a batch are computed; they are always summed in float64. */
public enum Precision {
  /**
   * Whatever came: co-moments are exact to about 1e-15 of the largest variance, so that components
   * down to about 1e-7 of the largest are told from rounding.
   */
  FLOAT64(DataType.DOUBLE, Math.sqrt(Math.ulp(1.0))),
  /**
   * Twice as fast, exact to about 1e-7 of the largest variance: enough for CKA, Procrustes and
   * SVCCA up to 0.99; CCA, PWCCA and R² then leave out components below about 1e-3 of the largest.
   */
  FLOAT32(DataType.FLOAT, Math.sqrt(Math.ulp(1.0f)));

  private final DataType type;
  private final double resolution;

  Precision(DataType type, double resolution) {
    this.type = type;
    this.resolution = resolution;
  }

  DataType type() {
    return type;
  }

  /** The least singular value, over the largest, that co-moments of p features resolve. */
  double leastSingularValue(int features) {
    return resolution * Math.sqrt(features);
  }
}
