package org.palimpsest.similarity.streaming;

import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.tensor.TensorWriter;
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

  private static final int BLOCK_ELEMENTS = 1 << 14;
  private static final int PARTS = 16;
  private static final int MORE_COLUMNS = 2;

  /** Through small arrays that stay in the cache, one pair for each part of the rows. */
  static ShiftedBatch of(
      INDArray matrix, Origin origin, Precision precision, BatchMemory memory, int layer) {
    TensorReader reader = TensorReader.of(matrix);
    int rows = matrix.rows();
    TensorWriter writer =
        TensorWriter.into(
            memory.of(layer, precision.type(), rows, matrix.columns() + MORE_COLUMNS));
    double[] squares = new double[rows];
    boolean single =
        precision.type() == DataType.FLOAT
            && reader.type() == DataType.FLOAT
            && origin.isModerate();
    IntStream.range(0, PARTS)
        .parallel()
        .forEach(
            part -> {
              int from = (int) ((long) rows * part / PARTS);
              int to = (int) ((long) rows * (part + 1) / PARTS);
              if (single) {
                shiftFloats(reader, origin.inSinglePrecision(), writer, squares, from, to);
              } else {
                shiftDoubles(reader, origin, writer, squares, from, to);
              }
            });
    return new ShiftedBatch(writer.tensor(), squares);
  }

  private static void shiftFloats(
      TensorReader reader,
      SingleShift shift,
      TensorWriter writer,
      double[] squares,
      int first,
      int end) {
    int width = shift.width();
    int blockRows = Math.max(1, BLOCK_ELEMENTS / width);
    float[] samples = new float[blockRows * width];
    float[] shifted = new float[blockRows * (width + MORE_COLUMNS)];
    for (int from = first; from < end; from += blockRows) {
      int count = Math.min(blockRows, end - from);
      reader.read((long) from * width, samples, count * width);
      shift.apply(samples, count, squares, from, shifted);
      long to = (long) from * (width + MORE_COLUMNS);
      writer.write(to, shifted, count * (width + MORE_COLUMNS));
    }
  }

  private static void shiftDoubles(
      TensorReader reader,
      Origin origin,
      TensorWriter writer,
      double[] squares,
      int first,
      int end) {
    int width = origin.mean().length;
    int blockRows = Math.max(1, BLOCK_ELEMENTS / width);
    for (int from = first; from < end; from += blockRows) {
      double[] samples = new double[Math.min(blockRows, end - from) * width];
      reader.read((long) from * width, samples);
      double[] shifted = origin.shifted(samples, squares, from);
      writer.write((long) from * (width + MORE_COLUMNS), shifted, shifted.length);
    }
  }

  private int width() {
    return values.columns() - MORE_COLUMNS;
  }

  double squaresSquared() {
    return Vectors.dot(squares, squares);
  }

  /** Adds its sums to those of earlier batches, which are overwritten. */
  SideMoments addTo(SideMoments known) {
    int p = width();
    double[] gram = known.gram().values();
    Products.gramRows(
        values,
        (i, row) -> {
          if (i < p) {
            known.squaresTimes()[i] += row[p];
            known.sum()[i] += row[p + 1];
            for (int j = i; j < p; j++) {
              gram[i * p + j] += row[j];
            }
          }
        });
    Products.mirrored(known.gram());
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return new SideMoments(
        known.count() + squares.length,
        known.sum(),
        known.gram(),
        known.squares() + sum,
        known.squaresSquared() + squaresSquared(),
        known.squaresTimes());
  }

  /** Adds the sums over both batches to those of earlier ones, which are overwritten. */
  CrossMoments addTo(CrossMoments known, ShiftedBatch other) {
    int p = width();
    int q = other.width();
    double[] products = known.products().values();
    Products.transposeTimesRows(
        values,
        other.values,
        (i, row) -> {
          if (i < p) {
            known.squaresOfB()[i] += row[q];
            add(row, q, products, i * q);
          } else if (i == p) {
            add(row, q, known.squaresOfA(), 0);
          }
        });
    return new CrossMoments(
        known.products(),
        known.squares() + Vectors.dot(squares, other.squares),
        known.squaresOfA(),
        known.squaresOfB());
  }

  private static void add(double[] row, int count, double[] sums, int at) {
    for (int j = 0; j < count; j++) {
      sums[at + j] += row[j];
    }
  }
}
