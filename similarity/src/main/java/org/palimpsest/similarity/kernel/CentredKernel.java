package org.palimpsest.similarity.kernel;

import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Resamplable;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.linalg.Rows;
import org.palimpsest.similarity.pairwise.PairStorage;
import org.palimpsest.similarity.pairwise.PairVector;
import org.palimpsest.similarity.pairwise.Triangle;

/**
 * A symmetric n × n matrix over samples whose rows and columns have mean zero, of unit Frobenius
 * norm.
 *
 * <p>Kept as its strict upper triangle and then its diagonal divided by √2, scaled so that the
 * inner product of two such vectors is that of the two matrices. Memory: 4n(n + 1) bytes.
 */
public final class CentredKernel implements Resamplable<CentredKernel> {

  private static final int PARTS = 16;

  private final RepresentationInfo info;
  private final double[] values;
  private final double scale;
  private final boolean repeats;

  private CentredKernel(RepresentationInfo info, double[] values, double scale, boolean repeats) {
    this.info = info;
    this.values = values;
    this.scale = scale;
    this.repeats = repeats;
  }

  /** Room for the triangle and the diagonal of a layer's matrix. */
  static double[] allocate(RepresentationInfo info) {
    return PairStorage.doubles(
        Triangle.size(info.samples()) + info.samples(), info, "one value for each pair of samples");
  }

  /**
   * Centres in place.
   *
   * @param values the strict upper triangle, then n entries that are overwritten
   * @param diagonal the value of every diagonal entry
   * @param repeats whether values stay what they are when samples are drawn several times
   * @throws PalimpsestException if nothing is left after centring
   */
  static CentredKernel centre(
      RepresentationInfo info, double[] values, double diagonal, boolean repeats) {
    int n = (int) info.samples();
    double[] means = rowMeans(values, n, diagonal);
    double grandMean = mean(means);
    double[] squares = new double[n];
    IntStream.range(0, n)
        .parallel()
        .forEach(i -> squares[i] = centreRow(values, n, i, diagonal, means, grandMean));
    double squaredNorm = n * mean(squares);
    if (squaredNorm == 0) {
      throw new PalimpsestException(
          "Layer '%s' (%d samples × %d features) has the same distance between all samples, so there is nothing to compare. Use more samples, or a layer whose samples differ."
              .formatted(info.layer(), info.samples(), info.features()));
    }
    return new CentredKernel(info, values, 1 / Math.sqrt(squaredNorm), repeats);
  }

  /** Centres row i and gives its share of half the squared Frobenius norm. */
  private static double centreRow(
      double[] values, int n, int i, double diagonal, double[] means, double grandMean) {
    int start = Triangle.start(n, i) - i - 1;
    double offset = grandMean - means[i];
    double sum = 0;
    for (int j = i + 1; j < n; j++) {
      double centred = values[start + j] - means[j] + offset;
      values[start + j] = centred;
      sum += centred * centred;
    }
    double onDiagonal = (diagonal - means[i] + offset) * Math.sqrt(0.5);
    values[values.length - n + i] = onDiagonal;
    return sum + onDiagonal * onDiagonal;
  }

  private static double[] rowMeans(double[] values, int n, double diagonal) {
    double[][] partial =
        IntStream.range(0, PARTS)
            .parallel()
            .mapToObj(part -> rowSums(values, n, part))
            .toArray(double[][]::new);
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
  private static double[] rowSums(double[] values, int n, int part) {
    double[] sums = new double[n];
    for (int i = part; i < n; i += PARTS) {
      int start = Triangle.start(n, i) - i - 1;
      double own = 0;
      for (int j = i + 1; j < n; j++) {
        double value = values[start + j];
        own += value;
        sums[j] += value;
      }
      sums[i] += own;
    }
    return sums;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  @Override
  public RepresentationInfo info() {
    return info;
  }

  @Override
  public long bytes() {
    return (long) Double.BYTES * values.length;
  }

  PairVector vector() {
    return PairVector.of(values, 0, scale);
  }

  @Override
  public boolean canDraw(int[] rows) {
    return repeats || Rows.isPermutation(rows);
  }

  /**
   * {@inheritDoc}
   *
   * <p>A centred value is the original one and something of its row and its column, which centring
   * anew takes off: what is kept is enough.
   */
  @Override
  public CentredKernel withRows(int[] rows) {
    int n = rows.length;
    double[] own = new double[n];
    for (int i = 0; i < n; i++) {
      own[i] = values[values.length - n + rows[i]] * Math.sqrt(2) / 2;
    }
    double[] drawn = allocate(info);
    Triangle.draw(values, n, rows, Double.NaN, drawn);
    for (int i = 0, k = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++, k++) {
        drawn[k] = rows[i] == rows[j] ? 0 : drawn[k] - own[i] - own[j];
      }
    }
    return centre(info, drawn, 0, repeats);
  }
}
