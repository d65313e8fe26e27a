package org.palimpsest.similarity.linalg;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.tensor.TensorWriter;

/**
 * Centres a float32 layer without widening it: deviations from the first sample are float32, sums
 * of a few of them are summed in float64, so that a large mean costs no digit.
 */
final class SingleCentrer {

  private static final int BLOCK_ELEMENTS = 1 << 16;
  private static final int ROWS_PER_SUM = 32;

  /** Beyond these powers of two float32 deviations or their scale could overflow or vanish. */
  private static final int MODERATE = 100;

  private final TensorReader reader;
  private final int samples;
  private final int width;
  private final int blockRows;
  private final float[] first;

  /**
   * @param first what deviations are counted from
   */
  private SingleCentrer(INDArray matrix, float[] first) {
    this.reader = TensorReader.of(matrix);
    this.samples = matrix.rows();
    this.width = matrix.columns();
    this.blockRows = Math.max(1, BLOCK_ELEMENTS / width);
    this.first = first;
  }

  /**
   * A centred matrix.
   *
   * @param matrix (X - mean) / scale
   * @param scale a power of two
   * @param rowSquares the squared norm of each row
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Centred(INDArray matrix, double scale, double[] rowSquares) {}

  /** Centres, unless the layer is constant or so large or small that it takes float64. */
  static Optional<Centred> centre(INDArray matrix, boolean keepsMeans) {
    float[] first = new float[matrix.columns()];
    if (!keepsMeans) {
      TensorReader.of(matrix).read(0, first);
    }
    return new SingleCentrer(matrix, first).centre(keepsMeans);
  }

  private Optional<Centred> centre(boolean keepsMeans) {
    List<Deviations> blocks = blocks().mapToObj(block -> deviations(block * blockRows)).toList();
    float largest = 0;
    for (Deviations block : blocks) {
      largest = Math.max(largest, block.largest());
    }
    if (largest == 0 || Math.abs(Math.getExponent(largest)) > MODERATE) {
      return Optional.empty();
    }
    float[] shift = keepsMeans ? new float[width] : meanOf(blocks);
    float scale = Math.scalb(1f, Math.getExponent(largest));
    TensorWriter writer = TensorWriter.create(DataType.FLOAT, samples, width);
    double[] rowSquares = new double[samples];
    blocks().forEach(block -> write(block * blockRows, shift, 1 / scale, writer, rowSquares));
    return Optional.of(new Centred(writer.tensor(), scale, rowSquares));
  }

  private IntStream blocks() {
    return IntStream.range(0, (samples + blockRows - 1) / blockRows).parallel();
  }

  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Deviations(double[] sums, float largest) {}

  private Deviations deviations(int fromRow) {
    float[] block = read(fromRow);
    double[] sums = new double[width];
    float[] largest = new float[width];
    int step = ROWS_PER_SUM * width;
    for (int from = 0; from < block.length; from += step) {
      float[] part = new float[width];
      for (int row = from; row < Math.min(block.length, from + step); row += width) {
        accumulate(block, row, part, largest);
      }
      for (int j = 0; j < width; j++) {
        sums[j] += part[j];
      }
    }
    float most = 0;
    for (float value : largest) {
      most = Math.max(most, value);
    }
    return new Deviations(sums, most);
  }

  /** Two plain loops, which the virtual machine turns into vector instructions. */
  private void accumulate(float[] block, int row, float[] sums, float[] largest) {
    for (int j = 0; j < sums.length; j++) {
      sums[j] += block[row + j] - first[j];
    }
    for (int j = 0; j < largest.length; j++) {
      largest[j] = Math.max(largest[j], Math.abs(block[row + j] - first[j]));
    }
  }

  private float[] read(int fromRow) {
    float[] block = new float[Math.min(blockRows, samples - fromRow) * width];
    reader.read((long) fromRow * width, block);
    return block;
  }

  private float[] meanOf(List<Deviations> blocks) {
    double[] sums = new double[width];
    for (Deviations block : blocks) {
      for (int j = 0; j < width; j++) {
        sums[j] += block.sums()[j];
      }
    }
    float[] mean = new float[width];
    for (int j = 0; j < width; j++) {
      mean[j] = (float) (sums[j] / samples);
    }
    return mean;
  }

  private void write(
      int fromRow, float[] shift, float factor, TensorWriter writer, double[] rowSquares) {
    float[] block = read(fromRow);
    for (int row = 0; row < block.length; row += width) {
      for (int j = 0; j < width; j++) {
        block[row + j] = (block[row + j] - first[j] - shift[j]) * factor;
      }
      rowSquares[fromRow + row / width] = square(block, row, width);
    }
    writer.write((long) fromRow * width, block, block.length);
  }

  /** In four sums, so that one addition need not wait for another. */
  private static double square(float[] values, int from, int count) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int even = from + (count & -4);
    for (int i = from; i < even; i += 4) {
      a += (double) values[i] * values[i];
      b += (double) values[i + 1] * values[i + 1];
      c += (double) values[i + 2] * values[i + 2];
      d += (double) values[i + 3] * values[i + 3];
    }
    for (int i = even; i < from + count; i++) {
      a += (double) values[i] * values[i];
    }
    return a + b + (c + d);
  }
}
