package org.palimpsest.similarity.internal.linalg;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.tensor.TensorWriter;

/**
 * Gram matrices of successive rows of a float32 matrix. Where these rows' own mean is taken off, a
 * batch at a time stays in the cache from its reading to its product.
 */
public final class BatchProducts {

  private static final int BLOCK_ELEMENTS = 1 << 14;
  private static final int ROWS_THAT_TELL = 16;

  private static final Scratch DEVIATIONS = new Scratch();
  private static final Scratch PRODUCT = new Scratch();

  private final TensorReader reader;
  private final int width;
  private final int blockRows;
  private final int first;
  private final int end;

  private BatchProducts(INDArray matrix, int first, int end) {
    this.reader = TensorReader.of(matrix);
    this.width = matrix.columns();
    this.blockRows = Math.max(1, BLOCK_ELEMENTS / width);
    this.first = first;
    this.end = end;
  }

  /** Whether a layer is kept in float32. */
  public static boolean suit(Representation layer) {
    return Centring.typeOf(layer) == DataType.FLOAT;
  }

  /**
   * XsXs' of the rows [from, to), Xs their differences from some vector: none, if their mean is
   * small beside their deviations from it, or one within rounding of it; m × m, row after row, its
   * upper triangle filled at least. U-centring, which does not notice that vector, loses no digit.
   */
  public static float[] upperGram(INDArray matrix, int from, int to) {
    return Cores.exclusively(
        () -> {
          BatchProducts batch = new BatchProducts(matrix, from, to);
          return batch.meanIsSmall()
              ? gram(MatrixBlock.of(matrix).rows(from, to))
              : batch.gramOfDeviations(matrix);
        });
  }

  private float[] gramOfDeviations(INDArray matrix) {
    return DEVIATIONS.lend(
        DataType.FLOAT,
        end - first,
        matrix.columns(),
        deviations -> {
          writeTo(TensorWriter.into(deviations.tensor()));
          return gram(deviations);
        });
  }

  private static float[] gram(MatrixBlock rows) {
    return PRODUCT.lend(DataType.FLOAT, rows.rows(), rows.rows(), product -> gram(rows, product));
  }

  /** As far as a few rows tell. */
  private boolean meanIsSmall() {
    int count = Math.min(end - first, ROWS_THAT_TELL);
    double[] sums = new double[width];
    double squares = 0;
    float[] row = new float[width];
    for (int i = 0; i < count; i++) {
      reader.read((first + (long) i * (end - first) / count) * width, row);
      squares += FourSums.ofSquares(row, 0, width);
      for (int j = 0; j < width; j++) {
        sums[j] += row[j];
      }
    }
    double ofMean = FourSums.ofSquares(sums, width) / count;
    return 2 * ofMean <= squares;
  }

  private static float[] gram(MatrixBlock deviations, MatrixBlock product) {
    Blas.gramOfRows(deviations, product);
    float[] gram = new float[product.rows() * product.columns()];
    TensorReader.of(product.tensor()).read(product.from(), gram);
    return gram;
  }

  private void writeTo(TensorWriter writer) {
    float[] mean = mean();
    float[] block = new float[blockRows * width];
    for (int from = first; from < end; from += blockRows) {
      int count = read(block, from);
      for (int row = 0; row < count; row += width) {
        subtract(mean, block, row);
      }
      writer.write((long) (from - first) * width, block, count);
    }
  }

  /** In float32 sums of few rows: what the mean lacks moves all rows alike. */
  private float[] mean() {
    float[] origin = new float[width];
    reader.read((long) first * width, origin);
    double[] sums = new double[width];
    float[] some = new float[width];
    float[] block = new float[blockRows * width];
    for (int from = first; from < end; from += blockRows) {
      int count = read(block, from);
      Arrays.fill(some, 0);
      for (int row = 0; row < count; row += width) {
        addDeviations(origin, block, row, some);
      }
      for (int j = 0; j < width; j++) {
        sums[j] += some[j];
      }
    }
    float[] mean = new float[width];
    for (int j = 0; j < width; j++) {
      mean[j] = (float) (origin[j] + sums[j] / (end - first));
    }
    return mean;
  }

  private int read(float[] block, int from) {
    int count = Math.min(blockRows, end - from) * width;
    reader.read((long) from * width, block, count);
    return count;
  }

  private static void subtract(float[] mean, float[] block, int row) {
    for (int j = 0; j < mean.length; j++) {
      block[row + j] -= mean[j];
    }
  }

  private static void addDeviations(float[] origin, float[] block, int row, float[] sums) {
    for (int j = 0; j < sums.length; j++) {
      sums[j] += block[row + j] - origin[j];
    }
  }
}
