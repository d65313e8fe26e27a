package org.palimpsest.similarity.internal.linalg;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.similarity.internal.linalg.TallProducts.RowSink;

/** Reads tall matrices row by row. */
public final class Rows {

  private static final int BLOCK_ELEMENTS = 1 << 16;

  private Rows() {}

  /**
   * Shows the rows [from, to) of a matrix one after the other, as float64.
   *
   * @param sink is told of the first as row 0
   */
  public static void forEach(INDArray matrix, int from, int to, RowSink sink) {
    MatrixBlock.of(matrix).rows(from, to).forEachRow(sink);
  }

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

  /** Whether each index occurs once. */
  public static boolean isPermutation(int[] rows) {
    boolean[] seen = new boolean[rows.length];
    for (int row : rows) {
      if (seen[row]) {
        return false;
      }
      seen[row] = true;
    }
    return true;
  }

  /** These entries, in this order. */
  static double[] gather(double[] values, int[] rows) {
    double[] gathered = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      gathered[i] = values[rows[i]];
    }
    return gathered;
  }

  /** These entries, in this order. */
  public static int[] gather(int[] values, int[] rows) {
    return Arrays.stream(rows).map(row -> values[row]).toArray();
  }

  /** A matrix of these rows, in this order, of the type of the old one. */
  public static INDArray gather(INDArray matrix, int[] rows) {
    return gather(matrix, rows, (index, row) -> {});
  }

  /** Changes a row in place. */
  interface RowChange {
    void apply(int index, double[] row);
  }

  static INDArray gather(INDArray matrix, int[] rows, RowChange change) {
    TensorReader reader = TensorReader.of(matrix);
    int width = matrix.columns();
    TensorWriter writer = TensorWriter.create(reader.type(), rows.length, width);
    double[] row = new double[width];
    for (int i = 0; i < rows.length; i++) {
      reader.read((long) rows[i] * width, row);
      change.apply(i, row);
      writer.write((long) i * width, row, width);
    }
    return writer.tensor();
  }
}
