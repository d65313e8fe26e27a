package org.palimpsest.similarity.cka;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedInput;
import org.palimpsest.core.measure.PreparedOutput;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.BatchProducts;
import org.palimpsest.similarity.internal.linalg.Cores;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.FourSums;
import org.palimpsest.similarity.internal.linalg.Products;

/**
 * The U-centred Gram matrices of a layer's batches as one vector, so weighted that the inner
 * product of two such vectors is the sum over batches of n_b times the unbiased HSIC.
 *
 * @param info of the layer
 * @param entries what lies above the diagonals, batch after batch
 * @param norm the vector's norm, above zero
 * @see <a href="https://doi.org/10.1214/14-AOS1255">Székely and Rizzo 2014, definition 2</a>
 */
record BatchGrams(Representation.Info info, INDArray entries, double norm) implements Prepared {

  @Override
  public long bytes() {
    return entries.length() * entries.dataType().width();
  }

  private static final class Format implements PreparedFormat<BatchGrams> {

    @Override
    public void write(BatchGrams prepared, PreparedOutput out) throws IOException {
      out.writeInfo(prepared.info);
      out.writeTensor(prepared.entries);
      out.writeDouble(prepared.norm);
    }

    @Override
    public BatchGrams read(PreparedInput in) throws IOException {
      return new BatchGrams(in.readInfo(), in.readTensor(), in.readDouble());
    }
  }

  /** Makes them, for batches of this many samples. */
  record Centring(int batchSize) implements Preparation<BatchGrams> {

    @Override
    public Optional<PreparedFormat<BatchGrams>> format() {
      return Optional.of(new Format());
    }

    @Override
    public BatchGrams prepare(Representation representation) {
      Hsic.requireEnough(representation.info());
      int[] bounds = batches(Math.toIntExact(representation.samples()));
      INDArray matrix = representation.matrix();
      if (BatchProducts.suit(representation)) {
        Grams grams =
            Grams.of(
                DataType.FLOAT,
                bounds,
                (from, to) -> Gram.of(to - from, BatchProducts.upperGram(matrix, from, to)));
        if (grams.isModerate()) {
          return grams.of(representation.info());
        }
      }
      INDArray centred =
          org.palimpsest.similarity.internal.linalg.Centring.ofFeatures()
              .prepare(representation)
              .matrix();
      return Grams.of(
              centred.dataType(),
              bounds,
              (from, to) -> Gram.of(Products.upperGramOfRows(centred, from, to)))
          .of(representation.info());
    }

    /** Where each batch begins, and the end. */
    int[] batches(int samples) {
      int whole = samples / batchSize;
      int rest = samples % batchSize;
      int count = Math.max(1, rest < Hsic.FEWEST_SAMPLES ? whole : whole + 1);
      return IntStream.rangeClosed(0, count)
          .map(batch -> batch == count ? samples : batch * batchSize)
          .toArray();
    }
  }

  /**
   * U-centred Gram matrices.
   *
   * @param entries what lies above the diagonals
   * @param square their squared norm
   * @param scale the squared norm of the matrices before
   */
  private record Grams(INDArray entries, double square, double scale) {

    /** Beyond this power of two float32 products of Gram matrices could overflow or vanish. */
    private static final int MODERATE = 80;

    static Grams of(DataType type, int[] bounds, Gram.Source source) {
      long[] places = places(bounds);
      TensorWriter writer = TensorWriter.create(type, places[places.length - 1]);
      double[] squares = new double[bounds.length - 1];
      double[] scales = new double[bounds.length - 1];
      Cores.sideBySide(
          squares.length,
          batch -> {
            Gram gram = source.of(bounds[batch], bounds[batch + 1]);
            scales[batch] = gram.squaredNorm();
            squares[batch] = gram.writeCentred(writer, places[batch]);
          });
      return new Grams(writer.tensor(), Arrays.stream(squares).sum(), Arrays.stream(scales).sum());
    }

    boolean isModerate() {
      return scale > 0 && Math.abs(Math.getExponent(scale)) <= MODERATE;
    }

    BatchGrams of(Representation.Info info) {
      return new BatchGrams(info, entries, Math.sqrt(Hsic.requirePositive(square, scale, info)));
    }
  }

  private static long[] places(int[] bounds) {
    long[] places = new long[bounds.length];
    for (int batch = 1; batch < bounds.length; batch++) {
      long size = bounds[batch] - bounds[batch - 1];
      places[batch] = places[batch - 1] + size * (size - 1) / 2;
    }
    return places;
  }

  /** The Gram matrix of one batch, looked at without its diagonal. */
  sealed interface Gram {

    /** Makes those of the rows [from, to). */
    @FunctionalInterface
    interface Source {
      Gram of(int from, int to);
    }

    /**
     * @param gram m × m, its upper triangle filled at least
     */
    static Gram of(Dense gram) {
      return OfFloat64.of(gram);
    }

    /**
     * @param gram m × m, row after row, its upper triangle filled at least
     */
    static Gram of(int size, float[] gram) {
      return OfFloat32.of(size, gram);
    }

    /** Of the whole matrix, with its diagonal. */
    double squaredNorm();

    /**
     * U-centred, above the diagonal, times sqrt(2 / (m - 3)).
     *
     * @return the squared norm of what was written
     */
    double writeCentred(TensorWriter writer, long place);

    /**
     * What that subtracts from each row and column, of which there is one sum without the diagonal.
     */
    static double[] means(double[] sums) {
      double[] means = new double[sums.length];
      for (int i = 0; i < sums.length; i++) {
        means[i] = sums[i] / (sums.length - 2);
      }
      return means;
    }

    /** What that adds to all entries. */
    static double shift(double[] sums) {
      double total = 0;
      for (double sum : sums) {
        total += sum;
      }
      return total / (sums.length - 1) / (sums.length - 2);
    }

    /** What that multiplies with. */
    static double weight(int size) {
      return Math.sqrt(2.0 / (size - 3));
    }

    /**
     * In float32; sums of rows are float64.
     *
     * @param size m
     * @param gram m × m, its upper triangle filled
     * @param sums of each row, without the diagonal
     * @param squaredNorm of the whole matrix, with its diagonal
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared by value
    record OfFloat32(int size, float[] gram, double[] sums, double squaredNorm) implements Gram {

      /** Of so many rows columns are summed in float32. */
      private static final int ROWS_AT_ONCE = 32;

      static OfFloat32 of(int size, float[] gram) {
        double[] sums = new double[size];
        float[] some = new float[size];
        double squares = 0;
        for (int i = 0; i < size; i++) {
          int row = i * size;
          int count = size - i - 1;
          sums[i] += FourSums.of(gram, row + i + 1, count);
          squares += 2 * FourSums.ofSquares(gram, row + i + 1, count);
          squares += (double) gram[row + i] * gram[row + i];
          for (int j = i + 1; j < size; j++) {
            some[j] += gram[row + j];
          }
          if ((i + 1) % ROWS_AT_ONCE == 0 || i == size - 1) {
            moveTo(sums, some);
          }
        }
        return new OfFloat32(size, gram, sums, squares);
      }

      private static void moveTo(double[] sums, float[] some) {
        for (int j = 0; j < sums.length; j++) {
          sums[j] += some[j];
          some[j] = 0;
        }
      }

      @Override
      public double writeCentred(TensorWriter writer, long place) {
        float weight = (float) Gram.weight(size);
        double shift = Gram.shift(sums);
        double[] means = Gram.means(sums);
        float[] ofColumns = new float[size];
        for (int j = 0; j < size; j++) {
          ofColumns[j] = (float) means[j];
        }
        float[] entries = new float[size * (size - 1) / 2];
        int next = 0;
        for (int i = 0; i < size; i++) {
          int row = i * size + i + 1;
          int count = size - i - 1;
          float ofRow = (float) (shift - means[i]);
          for (int k = 0; k < count; k++) {
            entries[next + k] = weight * (gram[row + k] + ofRow - ofColumns[i + 1 + k]);
          }
          next += count;
        }
        writer.write(place, entries, entries.length);
        return FourSums.ofSquares(entries, 0, entries.length);
      }
    }

    /**
     * In float64.
     *
     * @param gram m × m, its upper triangle filled
     * @param sums of each row, without the diagonal
     * @param squaredNorm of the whole matrix, with its diagonal
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared by value
    record OfFloat64(Dense gram, double[] sums, double squaredNorm) implements Gram {

      static OfFloat64 of(Dense gram) {
        int size = gram.rows();
        double[] values = gram.values();
        double[] sums = new double[size];
        double squares = 0;
        for (int i = 0; i < size; i++) {
          int row = i * size;
          double own = 0;
          double square = 0;
          for (int j = i + 1; j < size; j++) {
            double value = values[row + j];
            own += value;
            square += value * value;
            sums[j] += value;
          }
          sums[i] += own;
          squares += values[row + i] * values[row + i] + 2 * square;
        }
        return new OfFloat64(gram, sums, squares);
      }

      @Override
      public double writeCentred(TensorWriter writer, long place) {
        int size = gram.rows();
        double shift = Gram.shift(sums);
        double weight = Gram.weight(size);
        double[] means = Gram.means(sums);
        double[] entries = new double[size * (size - 1) / 2];
        double square = 0;
        int next = 0;
        for (int i = 0; i < size; i++) {
          int row = i * size;
          double ofRow = shift - means[i];
          for (int j = i + 1; j < size; j++) {
            double entry = weight * (gram.values()[row + j] + ofRow - means[j]);
            entries[next++] = entry;
            square += entry * entry;
          }
        }
        writer.write(place, entries, entries.length);
        return square;
      }
    }
  }
}
