package org.palimpsest.similarity.rsa;

import java.io.IOException;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Prepared.Resamplable;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedInput;
import org.palimpsest.core.measure.PreparedOutput;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.Rows;
import org.palimpsest.similarity.internal.pairwise.PairVector;
import org.palimpsest.similarity.internal.pairwise.Triangle;

/**
 * A representational dissimilarity matrix: the distances between all pairs of samples of one layer,
 * as the strict upper triangle row after row.
 *
 * <p>Ranks are made when first asked for and then kept. Memory: 4n² bytes, 2n² more for ranks.
 */
final class Rdm implements Resamplable<Rdm> {

  private static final double NO_SPREAD = 1e-12;

  private final Representation.Info info;
  private final double[] distances;
  private final double unit;
  private @Nullable DistanceRanks ranks;

  /**
   * @param distances of all pairs, in units of {@code unit}
   * @param unit what a distance of 1 stands for
   */
  Rdm(Representation.Info info, double[] distances, double unit) {
    this.info = info;
    this.distances = distances;
    this.unit = unit;
  }

  @Override
  public Representation.Info info() {
    return info;
  }

  @Override
  public long bytes() {
    return 2L * Double.BYTES * distances.length;
  }

  @Override
  public boolean canDraw(int[] rows) {
    return Rows.isPermutation(rows);
  }

  @Override
  public Rdm withRows(int[] rows) {
    double[] drawn = new double[distances.length];
    Triangle.reorder(distances, rows, drawn);
    return new Rdm(info, drawn, unit);
  }

  int pairs() {
    return distances.length;
  }

  /** The distance of pair k, in the layer's own units. */
  double distance(int k) {
    return distances[k] * unit;
  }

  /** The ranks of the distances, which are not all tied. */
  synchronized DistanceRanks rankedDistances() {
    DistanceRanks known = ranks;
    if (known == null) {
      known = DistanceRanks.of(distances, info);
      if (known.allTied()) {
        throw equalDistances(mean());
      }
      ranks = known;
    }
    return known;
  }

  /** The distances less their mean, of unit norm. */
  PairVector centred() {
    double mean = mean();
    double squares = sumOfSquares(mean);
    return unitVector(mean, squares, () -> mean);
  }

  /** The distances divided by their norm. */
  PairVector normalised() {
    return unitVector(0, sumOfSquares(0), this::mean);
  }

  /** The ranks less their mean, of unit norm. */
  PairVector centredRanks() {
    return rankedDistances().centred();
  }

  /** The mean distance over the root of their mean square. */
  double meanOverNorm() {
    return mean() / Math.sqrt(sumOfSquares(0) / pairs());
  }

  private PairVector unitVector(double shift, double squares, Supplier<Double> typical) {
    double spread = Math.sqrt(squares / pairs());
    if (!(spread > NO_SPREAD * Math.abs(shift))) {
      throw equalDistances(typical.get());
    }
    return PairVector.of(distances, shift, 1 / Math.sqrt(squares));
  }

  private PalimpsestException equalDistances(double distance) {
    return new PalimpsestException(
        String.format(
            Locale.ROOT,
            "In layer '%s' (%s samples × %s features) all samples are equally far from each other (%.6g), so its distances cannot be compared. Use another distance or more samples.",
            info.layer(),
            info.samples(),
            info.features(),
            distance * unit));
  }

  private double mean() {
    double sum = 0;
    for (double distance : distances) {
      sum += distance;
    }
    return sum / distances.length;
  }

  private double sumOfSquares(double about) {
    double sum = 0;
    for (double distance : distances) {
      double difference = distance - about;
      sum += difference * difference;
    }
    return sum;
  }

  /** As plain numbers. */
  static final class Format implements PreparedFormat<Rdm> {

    @Override
    public void write(Rdm prepared, PreparedOutput out) throws IOException {
      out.writeInfo(prepared.info);
      out.writeDoubles(prepared.distances);
      out.writeDouble(prepared.unit);
    }

    @Override
    public Rdm read(PreparedInput in) throws IOException {
      return new Rdm(in.readInfo(), in.readDoubles(), in.readDouble());
    }
  }
}
