package org.palimpsest.similarity.streaming;

import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.similarity.linalg.Dense;
import org.palimpsest.similarity.linalg.Products;

/**
 * One batch of a layer about its provisional mean.
 *
 * @param values u, n × p
 * @param squares a = |u|² of each row
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record ShiftedBatch(INDArray values, double[] squares) {

  private static final int BLOCK_ELEMENTS = 1 << 16;

  static ShiftedBatch of(INDArray matrix, Origin origin, Precision precision) {
    TensorReader reader = TensorReader.of(matrix);
    int rows = matrix.rows();
    int width = matrix.columns();
    TensorWriter writer = TensorWriter.create(precision.type(), rows, width);
    double[] squares = new double[rows];
    int blockRows = Math.max(1, BLOCK_ELEMENTS / width);
    IntStream.range(0, (rows + blockRows - 1) / blockRows)
        .parallel()
        .forEach(
            index -> {
              int from = index * blockRows;
              double[] block = new double[Math.min(blockRows, rows - from) * width];
              reader.read((long) from * width, block);
              shift(block, origin, squares, from);
              writer.write((long) from * width, block, block.length);
            });
    return new ShiftedBatch(writer.tensor(), squares);
  }

  private static void shift(double[] block, Origin origin, double[] squares, int from) {
    int width = origin.mean().length;
    for (int i = 0; i < block.length; i += width) {
      double square = 0;
      for (int j = 0; j < width; j++) {
        double value = (block[i + j] - origin.mean()[j]) / origin.scale();
        block[i + j] = value;
        square += value * value;
      }
      squares[from + i / width] = square;
    }
  }

  SideMoments moments() {
    double[] ones = new double[squares.length];
    java.util.Arrays.fill(ones, 1);
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return new SideMoments(
        squares.length,
        weighted(ones),
        Products.gram(values),
        sum,
        Vectors.dot(squares, squares),
        weighted(squares));
  }

  CrossMoments with(ShiftedBatch other) {
    return new CrossMoments(
        Products.transposeTimes(values, other.values),
        Vectors.dot(squares, other.squares),
        other.weighted(squares),
        weighted(other.squares));
  }

  /** The sum of the rows, each by its weight. */
  private double[] weighted(double[] weights) {
    return Products.transposeTimes(values, new Dense(weights.length, 1, weights)).values();
  }
}
