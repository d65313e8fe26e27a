package org.palimpsest.similarity.linalg;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.tensor.TensorWriter;

/**
 * Centres a float32 layer in float32. Its means are float64 and taken off in two steps, first what
 * float32 can hold of them, then the rest, so that a large mean costs no digit.
 */
final class SingleCentrer {

  private static final int BLOCK_ELEMENTS = 1 << 16;

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
    double size = Math.sqrt(blocks.stream().mapToDouble(Deviations::squares).sum() / samples);
    if (size == 0 || Math.abs(Math.getExponent(size)) > MODERATE) {
      return Optional.empty();
    }
    double[] mean = keepsMeans ? new double[width] : meanOf(blocks);
    float[] near = new float[width];
    float[] rest = new float[width];
    for (int j = 0; j < width; j++) {
      near[j] = (float) mean[j];
      rest[j] = (float) (mean[j] - near[j]);
    }
    float scale = Math.scalb(1f, Math.getExponent(size));
    TensorWriter writer = TensorWriter.create(DataType.FLOAT, samples, width);
    double[] rowSquares = new double[samples];
    blocks().forEach(block -> write(block * blockRows, near, rest, 1 / scale, writer, rowSquares));
    return Optional.of(new Centred(writer.tensor(), scale, rowSquares));
  }

  private IntStream blocks() {
    return IntStream.range(0, (samples + blockRows - 1) / blockRows).parallel();
  }

  /** Sums of a block's deviations, and of all their squares. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Deviations(double[] sums, double squares) {}

  private Deviations deviations(int fromRow) {
    float[] block = read(fromRow);
    double[] sums = new double[width];
    double[] squares = new double[width];
    for (int row = 0; row < block.length; row += width) {
      for (int j = 0; j < width; j++) {
        double deviation = block[row + j] - (double) first[j];
        sums[j] += deviation;
        squares[j] += deviation * deviation;
      }
    }
    return new Deviations(sums, Arrays.stream(squares).sum());
  }

  private float[] read(int fromRow) {
    float[] block = new float[Math.min(blockRows, samples - fromRow) * width];
    reader.read((long) fromRow * width, block);
    return block;
  }

  private double[] meanOf(List<Deviations> blocks) {
    double[] mean = new double[width];
    for (Deviations block : blocks) {
      for (int j = 0; j < width; j++) {
        mean[j] += block.sums()[j];
      }
    }
    for (int j = 0; j < width; j++) {
      mean[j] = first[j] + mean[j] / samples;
    }
    return mean;
  }

  private void write(
      int fromRow,
      float[] near,
      float[] rest,
      float factor,
      TensorWriter writer,
      double[] rowSquares) {
    float[] block = read(fromRow);
    for (int row = 0; row < block.length; row += width) {
      for (int j = 0; j < width; j++) {
        block[row + j] = (block[row + j] - near[j] - rest[j]) * factor;
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
