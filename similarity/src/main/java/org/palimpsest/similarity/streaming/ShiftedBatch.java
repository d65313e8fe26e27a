package org.palimpsest.similarity.streaming;

import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.similarity.linalg.Dense;
import org.palimpsest.similarity.linalg.Products;

/**
 * One batch of a layer about its provisional mean. Beside the deviations u lie their squared norms
 * a = |u|² and a one, so that a single product has all sums that either is a factor of.
 *
 * @param values a row (u, a, 1) for each sample, n × (p + 2)
 * @param squares a of each row, in float64
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record ShiftedBatch(INDArray values, double[] squares) {

  private static final int BLOCK_ELEMENTS = 1 << 16;
  private static final int MORE_COLUMNS = 2;

  static ShiftedBatch of(INDArray matrix, Origin origin, Precision precision) {
    TensorReader reader = TensorReader.of(matrix);
    int rows = matrix.rows();
    int width = matrix.columns();
    TensorWriter writer = TensorWriter.create(precision.type(), rows, width + MORE_COLUMNS);
    double[] squares = new double[rows];
    boolean single =
        precision.type() == DataType.FLOAT
            && reader.type() == DataType.FLOAT
            && origin.isModerate();
    int blockRows = Math.max(1, BLOCK_ELEMENTS / width);
    IntStream.range(0, (rows + blockRows - 1) / blockRows)
        .parallel()
        .forEach(
            index -> {
              int from = index * blockRows;
              int count = Math.min(blockRows, rows - from);
              if (single) {
                float[] block = new float[count * width];
                reader.read((long) from * width, block);
                write(origin.shifted(block, squares, from), writer, from, count);
              } else {
                double[] block = new double[count * width];
                reader.read((long) from * width, block);
                write(origin.shifted(block, squares, from), writer, from, count);
              }
            });
    return new ShiftedBatch(writer.tensor(), squares);
  }

  private static void write(float[] rows, TensorWriter writer, int from, int count) {
    writer.write((long) from * (rows.length / count), rows, rows.length);
  }

  private static void write(double[] rows, TensorWriter writer, int from, int count) {
    writer.write((long) from * (rows.length / count), rows, rows.length);
  }

  private int width() {
    return values.columns() - MORE_COLUMNS;
  }

  SideMoments moments() {
    Dense products = Products.gram(values);
    int p = width();
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return new SideMoments(
        squares.length,
        row(products, p + 1, p),
        part(products, p, p),
        sum,
        Vectors.dot(squares, squares),
        row(products, p, p));
  }

  CrossMoments with(ShiftedBatch other) {
    Dense products = Products.transposeTimes(values, other.values);
    int p = width();
    int q = other.width();
    double[] squaresOfB = new double[p];
    for (int i = 0; i < p; i++) {
      squaresOfB[i] = products.get(i, q);
    }
    return new CrossMoments(
        part(products, p, q), Vectors.dot(squares, other.squares), row(products, p, q), squaresOfB);
  }

  private static Dense part(Dense products, int rows, int columns) {
    Dense part = Dense.zeros(rows, columns);
    for (int i = 0; i < rows; i++) {
      System.arraycopy(
          products.values(), i * products.columns(), part.values(), i * columns, columns);
    }
    return part;
  }

  private static double[] row(Dense products, int row, int columns) {
    double[] values = new double[columns];
    System.arraycopy(products.values(), row * products.columns(), values, 0, columns);
    return values;
  }
}
