package org.palimpsest.similarity.cka;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_BOTH;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.LayerTable;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.intervals.IntervalRequest;
import org.palimpsest.similarity.internal.intervals.JackknifeValues;
import org.palimpsest.similarity.internal.linalg.BatchProducts;
import org.palimpsest.similarity.internal.linalg.Cores;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.FourSums;
import org.palimpsest.similarity.internal.linalg.InnerSums;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/** See {@link Cka#minibatch(int)}. */
record MinibatchCka(int batchSize) implements DelegatingMeasure {

  private static final int USUAL_BATCH = 256;

  private static final Set<Transformation> NOTICES =
      EnumSet.of(INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE);

  private static final Set<Transformation> NOT_IGNORED =
      EnumSet.of(INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE, SAMPLE_REORDERING_IN_BOTH);

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.similarity(
              "Debiased linear CKA from similarities within batches of successive samples alone.")
          .range(new Range(-1, 1))
          .ignoresAllBut(NOT_IGNORED)
          .notices(NOTICES)
          .source("Nguyen et al. 2021")
          .cost("preparation O(n b p) for batches of b, comparison O(n b)")
          .build();

  MinibatchCka {
    if (batchSize < Hsic.FEWEST_SAMPLES) {
      throw new PalimpsestException(
          "Minibatch CKA cannot use batches of %s samples; the unbiased estimator needs %s or more."
              .formatted(batchSize, Hsic.FEWEST_SAMPLES));
    }
  }

  /** Batches of 256 samples. */
  static MinibatchCka withDefaults() {
    return new MinibatchCka(USUAL_BATCH);
  }

  @Override
  public String name() {
    return equals(withDefaults()) ? "minibatch_cka" : "minibatch_cka:" + batchSize;
  }

  @Override
  public MeasureProperties properties() {
    return PROPERTIES;
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private final class Formula implements Computation<BatchGrams>, HasInterval<BatchGrams> {

    @Override
    public Preparation<BatchGrams> preparation() {
      return new BatchGrams.Centring(batchSize);
    }

    @Override
    public IntervalEstimator<BatchGrams, ?> intervalEstimator() {
      return new BatchJackknife(batchSize);
    }

    @Override
    public Score compare(BatchGrams a, BatchGrams b) {
      return compareAll(List.of(a), List.of(b)).get(0).get(0);
    }

    /** One product of all rows' Gram matrices with all columns'. */
    @Override
    public List<List<Score>> compareAll(LayerTable<BatchGrams> layers) {
      List<BatchGrams> rows = layers.rows();
      List<BatchGrams> columns = layers.columns();
      rows.forEach(row -> columns.forEach(column -> row.info().requireSameSamples(column.info())));
      Dense products =
          InnerSums.of(
              InnerSums.Vectors.of(rows.stream().map(BatchGrams::entries).toList()),
              InnerSums.Vectors.of(columns.stream().map(BatchGrams::entries).toList()));
      List<List<Score>> scores = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        int row = i;
        scores.add(
            IntStream.range(0, columns.size())
                .mapToObj(j -> score(rows.get(row), columns.get(j), products.get(row, j)))
                .toList());
      }
      return scores;
    }

    private static Score score(BatchGrams a, BatchGrams b, double product) {
      return Score.of(
          product / a.norm() / b.norm(), PROPERTIES, Diagnostics.of(a.info().samples()));
    }
  }

  /** Intervals of minibatch CKA: whole batches are left out, and they are the units. */
  private record BatchJackknife(int batchSize)
      implements IntervalEstimator<BatchGrams, BatchJackknife.Side> {

    private static final int FEWEST_BATCHES = 3;
    private static final double ROUNDING = 1e-12;

    /**
     * One layer.
     *
     * @param squares of each batch
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared by value
    record Side(BatchGrams grams, double[] squares) {}

    @Override
    public Side side(BatchGrams prepared) {
      return new Side(prepared, products(prepared, prepared));
    }

    /** The inner product of each batch. */
    private double[] products(BatchGrams a, BatchGrams b) {
      int[] bounds =
          new BatchGrams.Centring(batchSize).batches(Math.toIntExact(a.info().samples()));
      double[] products = new double[bounds.length - 1];
      TensorReader ofA = TensorReader.of(a.entries());
      TensorReader ofB = TensorReader.of(b.entries());
      long from = 0;
      for (int batch = 0; batch < products.length; batch++) {
        int size = bounds[batch + 1] - bounds[batch];
        double[] left = new double[Math.toIntExact((long) size * (size - 1) / 2)];
        double[] right = new double[left.length];
        ofA.read(from, left);
        ofB.read(from, right);
        from += left.length;
        for (int k = 0; k < left.length; k++) {
          products[batch] += left[k] * right[k];
        }
      }
      return products;
    }

    @Override
    public Interval interval(Side a, Side b, double value, IntervalRequest request) {
      long batches = a.squares().length;
      if (a.grams().info().rowsPerProbe() > 1) {
        return new Interval.Refused(
            value,
            a.grams().info().probeCount(),
            "Batches of positions cut images, so that they are not independent. Use"
                + " debiased_linear_cka.");
      }
      if (batches < FEWEST_BATCHES) {
        return new Interval.Refused(
            value,
            batches,
            "With %s batches no interval can be given; show more probes, or use smaller batches (minibatch_cka:32)."
                .formatted(batches));
      }
      double[] products = products(a.grams(), b.grams());
      double[] without = new double[products.length];
      for (int i = 0; i < without.length; i++) {
        without[i] = ratio(products, a.squares(), b.squares(), i);
      }
      JackknifeValues jackknife =
          new JackknifeValues(ratio(products, a.squares(), b.squares(), -1), without);
      Optional<String> dependence =
          nothingWithout(a).or(() -> nothingWithout(b)).or(() -> jackknife.dependence("batch"));
      if (dependence.isPresent()) {
        return new Interval.Refused(value, batches, dependence.get());
      }
      JackknifeValues.Ends ends = jackknife.aboutValueOnArtanhScale(request);
      return new Interval.Known(
          value,
          OptionalDouble.empty(),
          Math.min(value, ends.low()),
          Math.max(value, ends.high()),
          request.level(),
          Interval.Method.JACKKNIFE_ARTANH,
          batches,
          OptionalDouble.of(0));
    }

    private static Optional<String> nothingWithout(Side side) {
      double whole = sum(side.squares(), -1);
      return IntStream.range(0, side.squares().length)
          .filter(i -> !(sum(side.squares(), i) > ROUNDING * whole))
          .mapToObj(i -> JackknifeValues.nothingWithout("batch", i, side.grams().info()))
          .findFirst();
    }

    private static double ratio(double[] products, double[] ofA, double[] ofB, int left) {
      double squares = sum(ofA, left) * sum(ofB, left);
      return sum(products, left) / Math.sqrt(Math.max(Double.MIN_NORMAL, squares));
    }

    private static double sum(double[] values, int left) {
      return Arrays.stream(values).sum() - (left < 0 ? 0 : values[left]);
    }
  }

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
        return new Grams(
            writer.tensor(), Arrays.stream(squares).sum(), Arrays.stream(scales).sum());
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
       * What that subtracts from each row and column, of which there is one sum without the
       * diagonal.
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
}
