package org.palimpsest.similarity.linalg;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;

/** Reads tall matrices row by row. */
public final class Rows {

  private static final int BLOCK_ELEMENTS = 1 << 16;

  private Rows() {}

  /** The inner product of each row of one n × p matrix with the same row of another. */
  public static double[] innerProducts(INDArray a, INDArray b) {
    TensorReader ofA = TensorReader.of(a);
    TensorReader ofB = TensorReader.of(b);
    int width = a.columns();
    double[] products = new double[a.rows()];
    int blockRows = Math.max(1, BLOCK_ELEMENTS / width);
    for (int from = 0; from < products.length; from += blockRows) {
      int rows = Math.min(blockRows, products.length - from);
      double[] blockA = new double[rows * width];
      double[] blockB = new double[rows * width];
      ofA.read((long) from * width, blockA);
      ofB.read((long) from * width, blockB);
      for (int i = 0; i < blockA.length; i++) {
        products[from + i / width] += blockA[i] * blockB[i];
      }
    }
    return products;
  }
}
