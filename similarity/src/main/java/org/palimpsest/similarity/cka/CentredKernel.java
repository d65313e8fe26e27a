package org.palimpsest.similarity.cka;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Prepared.Resamplable;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.intervals.ImageSide;
import org.palimpsest.similarity.internal.intervals.KernelByImages;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Centring;
import org.palimpsest.similarity.internal.linalg.FourSums;
import org.palimpsest.similarity.internal.linalg.Rows;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;
import org.palimpsest.similarity.internal.pairwise.DecayingExponentials;
import org.palimpsest.similarity.internal.pairwise.PairVector;
import org.palimpsest.similarity.internal.pairwise.SampleChecks;
import org.palimpsest.similarity.internal.pairwise.SquaredDistances;
import org.palimpsest.similarity.internal.pairwise.Triangle;
import org.palimpsest.similarity.internal.pairwise.TriangleValues;

/**
 * A symmetric n × n matrix over samples whose rows and columns have mean zero, of unit Frobenius
 * norm.
 *
 * <p>Kept as its strict upper triangle and then its diagonal divided by √2, scaled so that the
 * inner product of two such vectors is that of the two matrices. Memory: 4n(n + 1) bytes, half of
 * it if they are float32.
 */
final class CentredKernel implements Resamplable<CentredKernel> {

  private static final int PARTS = 16;

  private final Representation.Info info;
  private final TriangleValues values;
  private final double scale;

  private CentredKernel(Representation.Info info, TriangleValues values, double scale) {
    this.info = info;
    this.values = values;
    this.scale = scale;
  }

  /** Room for the triangle and the diagonal of a layer's matrix. */
  static TriangleValues allocate(DataType type, Representation.Info info) {
    long count = Triangle.size(info.samples()) + info.samples();
    return TriangleValues.allocate(type, count, info, "one value for each pair of samples");
  }

  /** Changes the first {@code count} of these numbers in place. */
  @FunctionalInterface
  interface RowFunction {
    void apply(double[] row, int count);
  }

  /**
   * Centres a function of what is there, in place.
   *
   * @param values the strict upper triangle, then n entries that are overwritten
   * @param diagonal the function's value for every diagonal entry
   * @throws PalimpsestException if nothing is left after centring
   */
  static CentredKernel centre(
      Representation.Info info, TriangleValues values, RowFunction function, double diagonal) {
    int n = (int) info.samples();
    double[] means = rowMeans(values, n, function, diagonal);
    double grandMean = mean(means);
    double[] squares =
        parts()
            .mapToDouble(part -> centreRows(values, n, part, diagonal, means, grandMean))
            .toArray();
    double squaredNorm = PARTS * mean(squares);
    if (squaredNorm == 0) {
      throw new PalimpsestException(
          "Layer '%s' (%s samples × %s features) has the same distance between all samples, so there is nothing to compare. Use more samples, or a layer whose samples differ."
              .formatted(info.layer(), info.samples(), info.features()));
    }
    return new CentredKernel(info, values, 1 / Math.sqrt(squaredNorm));
  }

  private static IntStream parts() {
    return IntStream.range(0, PARTS).parallel();
  }

  /** Applies the function to all rows, and gives the means of the rows of the matrix. */
  private static double[] rowMeans(
      TriangleValues values, int n, RowFunction function, double diagonal) {
    List<double[]> partial = parts().mapToObj(part -> rowSums(values, n, function, part)).toList();
    double[] means = new double[n];
    for (int i = 0; i < n; i++) {
      double sum = diagonal;
      for (double[] part : partial) {
        sum += part[i];
      }
      means[i] = sum / n;
    }
    return means;
  }

  /** What the rows part, part + PARTS, … of the triangle add to the row sums of the matrix. */
  private static double[] rowSums(TriangleValues values, int n, RowFunction function, int part) {
    double[] sums = new double[n];
    double[] row = new double[n];
    for (int i = part; i < n; i += PARTS) {
      int count = n - i - 1;
      int start = Triangle.start(n, i);
      values.read(start, count, row);
      function.apply(row, count);
      values.write(start, row, 0, count);
      sums[i] += FourSums.of(row, count);
      for (int k = 0; k < count; k++) {
        sums[i + 1 + k] += row[k];
      }
    }
    return sums;
  }

  /** Centres every PARTS-th row, and gives its share of half the squared Frobenius norm. */
  private static double centreRows(
      TriangleValues values, int n, int part, double diagonal, double[] means, double grandMean) {
    double[] row = new double[n];
    double sum = 0;
    for (int i = part; i < n; i += PARTS) {
      int count = n - i - 1;
      int start = Triangle.start(n, i);
      double offset = grandMean - means[i];
      values.read(start, count, row);
      for (int k = 0; k < count; k++) {
        row[k] = row[k] - means[i + 1 + k] + offset;
      }
      values.write(start, row, 0, count);
      row[count] = (diagonal - means[i] + offset) * Math.sqrt(0.5);
      values.write(values.length() - n + i, row, count, 1);
      sum += FourSums.ofSquares(row, count + 1);
    }
    return sum;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  @Override
  public Representation.Info info() {
    return info;
  }

  @Override
  public long bytes() {
    return (long) values.type().width() * values.length();
  }

  /**
   * For intervals, of a function whose values on the diagonal are zero: exp(−d² / b) − 1, where b
   * is a multiple of the median squared distance and changes with the images.
   */
  ImageSide gaussianByImages() {
    int n = (int) info.samples();
    double[] diagonal = new double[n];
    values.read(values.length() - n, n, diagonal);
    return byImages()
        .withMedianBandwidth(
            (row, count, target) -> {
              values.read(Triangle.start(n, row), count, target);
              for (int k = 0; k < count; k++) {
                target[k] -= (diagonal[row] + diagonal[row + 1 + k]) * Math.sqrt(0.5);
              }
            },
            scale);
  }

  /** For intervals; that rows and columns were centred changes nothing there. */
  KernelByImages byImages() {
    int n = (int) info.samples();
    return KernelByImages.of(
        info,
        (row, count, target) -> {
          values.read(Triangle.start(n, row), count, target);
          for (int k = 0; k < count; k++) {
            target[k] *= scale;
          }
        });
  }

  /** The trace over the Frobenius norm. */
  double traceOverNorm() {
    int n = (int) info.samples();
    double[] diagonal = new double[n];
    values.read(values.length() - n, n, diagonal);
    return FourSums.of(diagonal, n) * scale;
  }

  PairVector vector() {
    return PairVector.of(values, scale);
  }

  @Override
  public boolean canDraw(int[] rows) {
    return Rows.isPermutation(rows);
  }

  @Override
  public CentredKernel withRows(int[] rows) {
    int n = rows.length;
    double[] whole = new double[values.length()];
    values.read(0, whole.length, whole);
    double[] drawn = new double[whole.length];
    Triangle.reorder(whole, rows, drawn);
    for (int i = 0; i < n; i++) {
      drawn[drawn.length - n + i] = whole[whole.length - n + rows[i]];
    }
    return new CentredKernel(info, TriangleValues.of(drawn), scale);
  }

  /** As plain numbers. */
  static final class Format implements PreparedFormat<CentredKernel> {

    @Override
    public void write(CentredKernel prepared, PreparedOutput out) throws IOException {
      out.writeInfo(prepared.info);
      prepared.values.write(out);
      out.writeDouble(prepared.scale);
    }

    @Override
    public CentredKernel read(PreparedInput in) throws IOException {
      return new CentredKernel(in.readInfo(), TriangleValues.read(in), in.readDouble());
    }
  }

  /** See {@link Cka#rbf(double)}. */
  record RbfCka(double fraction) implements DelegatingMeasure {

    static final double DEFAULT_FRACTION = 0.5;

    private static final Set<Transformation> NOTICES =
        Set.of(INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE);

    private static final MeasureProperties PROPERTIES =
        MeasureProperties.similarity(
                "Centred kernel alignment with a Gaussian kernel whose bandwidth is a fraction of the"
                    + " median distance.")
            .range(Range.UNIT)
            .noticesOnly(NOTICES)
            .source(
                "Kornblith et al. 2019, Similarity of Neural Network Representations Revisited, section"
                    + " 3")
            .cost("prepare n²p, compare n²; n²/2 numbers kept")
            .build();

    RbfCka {
      if (!(fraction > 0) || Double.isInfinite(fraction)) {
        throw new PalimpsestException(
            "The bandwidth of RBF CKA is a positive fraction of the median distance, such as 0.5, not %s."
                .formatted(fraction));
      }
    }

    /** Half the median distance. */
    static RbfCka withDefaults() {
      return new RbfCka(DEFAULT_FRACTION);
    }

    @Override
    public String name() {
      return fraction == DEFAULT_FRACTION ? "rbf_cka" : "rbf_cka:" + fraction;
    }

    @Override
    public MeasureProperties properties() {
      return PROPERTIES;
    }

    @Override
    public Computation<?> computation() {
      return CentredKernelComputation.ofGaussian(new CentredRbfKernel(fraction), PROPERTIES);
    }

    /**
     * Makes exp(−d² / (2 F² m)), m the median of all n² squared distances, and centres it.
     *
     * <p>Of many samples what is kept is float32 if the layer is, and of large layers the products
     * behind the distances, too; all arithmetic on them is float64. One is taken off the kernel,
     * which its centring does not notice: of a wide kernel, all of whose values are near one,
     * float32 keeps its digits then.
     */
    private record CentredRbfKernel(double fraction) implements Preparation<CentredKernel> {

      private static final int FEWEST_SAMPLES = 3;
      private static final int MANY_PAIRS = 1 << 18;

      /** Below this fraction float32 does not tell the median pair's kernel from zero. */
      private static final double NARROW = 0.25;

      @Override
      public CentredKernel prepare(Representation representation) {
        Representation.Info info = representation.info();
        SampleChecks.requireSamples(info, FEWEST_SAMPLES, "RBF CKA of two samples is always 1");
        CentredLayer centred = Centring.ofFeatures().prepare(representation);
        DataType type = fraction < NARROW ? DataType.DOUBLE : typeFor(representation);
        TriangleValues values = CentredKernel.allocate(type, info);
        int n = (int) info.samples();
        SquaredDistances.upper(
            centred,
            (i, first, squared) ->
                values.write(Triangle.start(n, i), squared, i + 1 - first, n - i - 1));
        double bandwidth = bandwidth(values, info);
        return CentredKernel.centre(
            info, values, (row, count) -> DecayingExponentials.lessOne(row, count, bandwidth), 0);
      }

      /** Float32 only where there are so many pairs that the time to read them counts. */
      private static DataType typeFor(Representation representation) {
        return Triangle.size(representation.samples()) > MANY_PAIRS
            ? TensorReader.readableType(representation.matrix().dataType())
            : DataType.DOUBLE;
      }

      private double bandwidth(TriangleValues squaredDistances, Representation.Info info) {
        double median = squaredDistances.medianOfSymmetricMatrix((int) info.samples());
        if (median == 0) {
          throw new PalimpsestException(
              "In layer '%s' (%s samples × %s features) more than half of all pairs of samples coincide, so their median distance, the unit of the bandwidth, is 0. Leave repeated samples out, or use linear CKA."
                  .formatted(info.layer(), info.samples(), info.features()));
        }
        return 2 * fraction * fraction * median;
      }

      @Override
      public Optional<PreparedFormat<CentredKernel>> format() {
        return Optional.of(new CentredKernel.Format());
      }
    }
  }
}
