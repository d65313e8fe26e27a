package org.palimpsest.similarity.cka;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Prepared.Resamplable;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedInput;
import org.palimpsest.core.measure.PreparedOutput;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.intervals.ImageSide;
import org.palimpsest.similarity.internal.intervals.KernelByImages;
import org.palimpsest.similarity.internal.linalg.FourSums;
import org.palimpsest.similarity.internal.linalg.Rows;
import org.palimpsest.similarity.internal.pairwise.PairVector;
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
}
