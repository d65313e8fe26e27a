package org.palimpsest.similarity.streaming;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.TallProducts;
import org.palimpsest.similarity.streaming.CoMoments.Precision;
import org.palimpsest.similarity.streaming.StackedBatch.MomentSinks;

/**
 * One batch of a layer about its provisional mean. Beside the deviations u lie their squared norms
 * a = |u|² and a one, so that a single product has all sums that either is a factor of.
 *
 * @param values a row (u, a, 1) for each sample, n × (p + 2)
 * @param squares a of each row, in float64
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
record ShiftedBatch(INDArray values, double[] squares) {

  private static final int BLOCK_ELEMENTS = 1 << 14;
  private static final int MORE_COLUMNS = 2;

  /** The rows [first, end) of a matrix. */
  record Rows(INDArray matrix, int first, int end) {}

  /** Through small arrays that stay in the cache, one pair for each part of the rows. */
  static ShiftedBatch of(Rows some, Origin origin, Precision precision, Memory memory, int layer) {
    TensorReader reader = TensorReader.of(some.matrix);
    int columns = some.matrix.columns();
    long start = (long) some.first * columns;
    int rows = some.end - some.first;
    TensorWriter writer =
        TensorWriter.into(memory.of(layer, precision.type(), rows, columns + MORE_COLUMNS));
    double[] squares = new double[rows];
    int blockRows = Math.max(1, Math.min(rows, BLOCK_ELEMENTS / columns));
    boolean single =
        precision.type() == DataType.FLOAT
            && reader.type() == DataType.FLOAT
            && origin.isModerate();
    RowRange shift;
    if (single) {
      Origin.InFloat32 floats = memory.inFloat32(layer, origin, blockRows);
      shift = (first, end) -> shiftFloats(reader, start, floats, writer, squares, first, end);
    } else {
      shift = (first, end) -> shiftDoubles(reader, start, origin, writer, squares, first, end);
    }
    IntStream.range(0, (rows + blockRows - 1) / blockRows)
        .parallel()
        .forEach(i -> shift.apply(i * blockRows, Math.min(rows, (i + 1) * blockRows)));
    return new ShiftedBatch(writer.tensor(), squares);
  }

  /** Does something with the rows [first, end). */
  @FunctionalInterface
  private interface RowRange {
    void apply(int first, int end);
  }

  private static void shiftFloats(
      TensorReader reader,
      long start,
      Origin.InFloat32 shift,
      TensorWriter writer,
      double[] squares,
      int first,
      int end) {
    int width = shift.width();
    float[] samples = new float[(end - first) * width];
    float[] shifted = new float[(end - first) * (width + MORE_COLUMNS)];
    reader.read(start + (long) first * width, samples);
    shift.apply(samples, end - first, squares, first, shifted);
    writer.write((long) first * (width + MORE_COLUMNS), shifted, shifted.length);
  }

  private static void shiftDoubles(
      TensorReader reader,
      long start,
      Origin origin,
      TensorWriter writer,
      double[] squares,
      int first,
      int end) {
    int width = origin.mean().length;
    double[] samples = new double[(end - first) * width];
    reader.read(start + (long) first * width, samples);
    double[] shifted = origin.shifted(samples, squares, first);
    writer.write((long) first * (width + MORE_COLUMNS), shifted, shifted.length);
  }

  double squaresSquared() {
    return Vectors.dot(squares, squares);
  }

  /** The product that has this batch's sums; they are added to those of earlier batches. */
  TallProducts.Product into(SideMoments known) {
    return new TallProducts.Product(values, values, MomentSinks.of(known));
  }

  /** Moments whose sums have this batch's already, with its number of samples and their norms. */
  SideMoments countedWith(SideMoments sums) {
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return sums.counting(squares.length, sum, squaresSquared());
  }

  /** The product that has the sums over this batch and another; they are added likewise. */
  TallProducts.Product into(CrossMoments known, ShiftedBatch other) {
    return new TallProducts.Product(values, other.values, MomentSinks.of(known));
  }

  /** The sum of a b over the samples. */
  double productOfSquares(ShiftedBatch other) {
    return Vectors.dot(squares, other.squares);
  }

  /** The same of each of some layers with each of others, as one product. */
  static Dense productsOfSquares(List<ShiftedBatch> layers, List<ShiftedBatch> others) {
    Dense products = Dense.zeros(layers.size(), others.size());
    TallProducts.Product product =
        new TallProducts.Product(
            sideBySide(layers),
            sideBySide(others),
            (i, row, at) ->
                MomentSinks.add(row, at, products.values(), i * others.size(), others.size()));
    TallProducts.of(List.of(List.of(product)));
    product.a().close();
    product.b().close();
    return products;
  }

  /** A column for each layer. */
  private static INDArray sideBySide(List<ShiftedBatch> layers) {
    int rows = layers.get(0).squares.length;
    double[] values = new double[rows * layers.size()];
    for (int layer = 0; layer < layers.size(); layer++) {
      double[] squares = layers.get(layer).squares;
      for (int i = 0, at = layer; i < rows; i++, at += layers.size()) {
        values[at] = squares[i];
      }
    }
    TensorWriter writer = TensorWriter.create(DataType.DOUBLE, rows, layers.size());
    writer.write(0, values, values.length);
    return writer.tensor();
  }

  /**
   * Tensors kept from one batch to the next: to make new ones costs as much as half the products.
   */
  static final class Memory {

    private final List<INDArray> tensors = new ArrayList<>();
    private final Map<Integer, Origin.InFloat32> shifts = new HashMap<>();

    /** How one layer is shifted to an origin, at least so many rows at a time. */
    Origin.InFloat32 inFloat32(int layer, Origin origin, int rows) {
      Origin.InFloat32 known = shifts.get(layer);
      if (known == null || !known.isOf(origin) || known.rows() < rows) {
        known = origin.inSinglePrecision(rows);
        shifts.put(layer, known);
      }
      return known;
    }

    /** The tensor for one layer, its values left over from another batch. */
    INDArray of(int layer, DataType type, int rows, int columns) {
      while (tensors.size() <= layer) {
        tensors.add(TensorWriter.create(type, rows, columns).tensor());
      }
      INDArray known = tensors.get(layer);
      if (known.rows() != rows || known.columns() != columns) {
        known.close();
        tensors.set(layer, TensorWriter.create(type, rows, columns).tensor());
      }
      return tensors.get(layer);
    }
  }
}
