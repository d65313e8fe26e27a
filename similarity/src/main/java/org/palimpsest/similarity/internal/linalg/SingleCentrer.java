package org.palimpsest.similarity.internal.linalg;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;

/**
 * Centres a float32 layer in float32. Its means are float64 and subtracted in two steps, first what
 * float32 can hold of them, then the rest, so that a large mean costs no digit.
 *
 * <p>Each part of the rows passes through one small array, which stays in the cache: new arrays
 * would cost more than the arithmetic.
 */
final class SingleCentrer {

  private static final int BLOCK_ELEMENTS = 1 << 14;
  private static final int PARTS = 16;

  /** So few rows that what their sums lose is less than what their values have lost already. */
  private static final int SUMMED_IN_FLOAT32 = 32;

  /** Beyond these powers of two the squares of deviations could overflow or vanish in float32. */
  private static final int MODERATE = 50;

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
   * @param mean of each feature, or zero where it was kept
   * @param rowSquares the squared norm of each row
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  record Centred(INDArray matrix, double scale, double[] mean, double[] rowSquares) {}

  /** Centres, unless the layer is constant or so large or small that it takes float64. */
  static Optional<Centred> centre(INDArray matrix, boolean keepsMeans) {
    SingleCentrer centrer = counting(matrix, keepsMeans);
    Deviations all = centrer.deviations();
    double size = Math.sqrt(Arrays.stream(all.squares()).sum() / centrer.samples);
    if (!isModerate(size)) {
      return Optional.empty();
    }
    float scale = Math.scalb(1f, Math.getExponent(size));
    float[] factors = new float[centrer.width];
    Arrays.fill(factors, 1 / scale);
    double[] mean = keepsMeans ? new double[centrer.width] : centrer.mean(all);
    double[] rowSquares = new double[centrer.samples];
    RowVisitor squares =
        (row, values, at) -> rowSquares[row] = FourSums.ofSquares(values, at, centrer.width);
    return Optional.of(new Centred(centrer.write(mean, factors, squares), scale, mean, rowSquares));
  }

  /**
   * Columns without their means and of unit norm, or zero if they are constant; nothing if a column
   * is so large or small that it takes float64.
   */
  static Optional<UnitColumns> standardise(INDArray matrix) {
    SingleCentrer centrer = counting(matrix, false);
    Deviations all = centrer.deviations();
    float[] factors = new float[centrer.width];
    int dead = 0;
    for (int j = 0; j < factors.length; j++) {
      double sum = all.sums()[j];
      double norm = Math.sqrt(all.squares()[j] - sum * (sum / centrer.samples));
      boolean varies = all.sizes()[j] != 0;
      if (varies && !isModerate(norm)) {
        return Optional.empty();
      }
      factors[j] = varies ? (float) (1 / norm) : 0;
      dead += varies ? 0 : 1;
    }
    INDArray unit = centrer.write(centrer.mean(all), factors, (row, values, at) -> {});
    return Optional.of(new UnitColumns(unit, dead));
  }

  private static SingleCentrer counting(INDArray matrix, boolean fromZero) {
    float[] first = new float[matrix.columns()];
    if (!fromZero) {
      TensorReader.of(matrix).read(0, first);
    }
    return new SingleCentrer(matrix, first);
  }

  private static boolean isModerate(double size) {
    return size > 0 && Math.abs(Math.getExponent(size)) <= MODERATE;
  }

  /** The first row of each part of the rows, and the end. */
  private int bound(int part) {
    return (int) ((long) samples * part / PARTS);
  }

  private static IntStream parts() {
    return IntStream.range(0, PARTS).parallel();
  }

  /**
   * Sums of each column's deviations, of their squares, and of their sizes: these are zero only if
   * the column is constant.
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  private record Deviations(double[] sums, double[] squares, float[] sizes) {

    static Deviations none(int width) {
      return new Deviations(new double[width], new double[width], new float[width]);
    }

    void add(Deviations other) {
      for (int j = 0; j < sums.length; j++) {
        sums[j] += other.sums[j];
        squares[j] += other.squares[j];
        sizes[j] += other.sizes[j];
      }
    }

    void add(float[] moreSums, float[] moreSquares) {
      for (int j = 0; j < sums.length; j++) {
        sums[j] += moreSums[j];
        squares[j] += moreSquares[j];
      }
    }
  }

  private Deviations deviations() {
    List<Deviations> parts = parts().mapToObj(this::deviations).toList();
    Deviations all = Deviations.none(width);
    parts.forEach(all::add);
    return all;
  }

  private Deviations deviations(int part) {
    float[] block = new float[blockRows * width];
    Deviations sums = Deviations.none(width);
    float[] some = new float[width];
    float[] squares = new float[width];
    for (int from = bound(part); from < bound(part + 1); from += blockRows) {
      int count = read(block, from, part);
      for (int row = 0; row < count; row += SUMMED_IN_FLOAT32 * width) {
        Arrays.fill(some, 0);
        Arrays.fill(squares, 0);
        int end = Math.min(count, row + SUMMED_IN_FLOAT32 * width);
        addDeviations(block, row, end, some, squares, sums.sizes);
        sums.add(some, squares);
      }
    }
    return sums;
  }

  private void addDeviations(
      float[] block, int from, int end, float[] sums, float[] squares, float[] sizes) {
    for (int row = from; row < end; row += width) {
      for (int j = 0; j < width; j++) {
        float deviation = block[row + j] - first[j];
        sums[j] += deviation;
        squares[j] += deviation * deviation;
        sizes[j] += Math.abs(deviation);
      }
    }
  }

  /** Reads the next rows of a part, as many as fit; gives the number of elements. */
  private int read(float[] block, int from, int part) {
    int count = Math.min(blockRows, bound(part + 1) - from) * width;
    reader.read((long) from * width, block, count);
    return count;
  }

  private double[] mean(Deviations all) {
    double[] mean = new double[width];
    for (int j = 0; j < width; j++) {
      mean[j] = first[j] + all.sums[j] / samples;
    }
    return mean;
  }

  /** Receives a row that was written, from a place in an array on. */
  @FunctionalInterface
  private interface RowVisitor {
    void visit(int row, float[] values, int at);
  }

  /** (X - mean) with each column times its factor. */
  private INDArray write(double[] mean, float[] factors, RowVisitor visitor) {
    float[] near = new float[width];
    float[] rest = new float[width];
    for (int j = 0; j < width; j++) {
      near[j] = (float) mean[j];
      rest[j] = (float) (mean[j] - near[j]);
    }
    TensorWriter writer = TensorWriter.create(DataType.FLOAT, samples, width);
    parts().forEach(part -> write(part, near, rest, factors, writer, visitor));
    return writer.tensor();
  }

  private void write(
      int part,
      float[] near,
      float[] rest,
      float[] factors,
      TensorWriter writer,
      RowVisitor visitor) {
    float[] block = new float[blockRows * width];
    for (int from = bound(part); from < bound(part + 1); from += blockRows) {
      int count = read(block, from, part);
      for (int row = 0; row < count; row += width) {
        for (int j = 0; j < width; j++) {
          block[row + j] = (block[row + j] - near[j] - rest[j]) * factors[j];
        }
        visitor.visit(from + row / width, block, row);
      }
      writer.write((long) from * width, block, count);
    }
  }
}
