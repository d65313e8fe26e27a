package org.palimpsest.similarity.rsa;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Prepared.Resamplable;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.Basis;
import org.palimpsest.similarity.internal.linalg.Centring;
import org.palimpsest.similarity.internal.linalg.RankTolerance;
import org.palimpsest.similarity.internal.linalg.Rows;
import org.palimpsest.similarity.internal.pairwise.DistinctRows;
import org.palimpsest.similarity.internal.pairwise.PairStorage;
import org.palimpsest.similarity.internal.pairwise.PairVector;
import org.palimpsest.similarity.internal.pairwise.SampleChecks;
import org.palimpsest.similarity.internal.pairwise.SampleRows;
import org.palimpsest.similarity.internal.pairwise.SquaredDistances;
import org.palimpsest.similarity.internal.pairwise.Ties;
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

  /**
   * Makes the distances of all pairs of samples. Each kind of distance is a function of the squared
   * euclidean one between points made of the rows: the rows themselves, the rows divided by their
   * norms, or whitened.
   */
  record Making(Rsa.Distance distance) implements Preparation<Rdm> {

    private static final int FEWEST_SAMPLES = 3;
    private static final double ROUNDING = 1e-14;

    @Override
    public Rdm prepare(Representation representation) {
      Representation.Info info = representation.info();
      SampleChecks.requireSamples(
          info, FEWEST_SAMPLES, "two samples have one distance, which cannot be correlated");
      double[] distances = PairStorage.ofPairs(info);
      SampleRows raw = SampleChecks.varyingRows(representation);
      double scale = raw.centred().powerOfTwoScale();
      DistinctRows points = DistinctRows.of(points(representation, raw, scale).centred());
      fill(points, distances);
      return new Rdm(info, distances, unit(scale));
    }

    private SampleRows points(Representation representation, SampleRows raw, double scale) {
      return switch (distance) {
        case EUCLIDEAN, SQUARED_EUCLIDEAN -> raw.centred().dividedBy(scale);
        case COSINE -> raw.normalised("is all zero, so that no angle to it is defined");
        case CORRELATION -> deviations(raw).normalised("is constant");
        case MAHALANOBIS -> whitened(representation);
      };
    }

    /**
     * Points whose euclidean distances are the Mahalanobis distances of a layer's samples: an
     * orthonormal basis of its centred features, times √(n − 1).
     */
    private static SampleRows whitened(Representation representation) {
      Representation.Info info = representation.info();
      Basis basis = Centring.ofFeatures().prepare(representation).axes(RankTolerance.automatic());
      if (basis.rank() >= info.samples() - 1) {
        throw new PalimpsestException(
            "The %s samples of layer '%s' (%s features) differ from their mean in %s independent ways, so that their Mahalanobis distances are all equal. Use more samples than features, or another distance."
                .formatted(info.samples(), info.layer(), info.features(), basis.rank()));
      }
      return SampleRows.of(info, basis.vectors()).dividedBy(1 / Math.sqrt(info.samples() - 1.0));
    }

    private static SampleRows deviations(SampleRows raw) {
      SampleRows deviations = raw.eachCentred();
      for (int i = 0; i < raw.count(); i++) {
        if (deviations.largestIn(i) <= ROUNDING * raw.largestIn(i)) {
          throw new PalimpsestException(
              "Sample %s of layer '%s' (%s samples × %s features) has the value %s in every feature, so that no correlation with it is defined. Use another distance, such as euclidean, or leave such samples out."
                  .formatted(i, raw.info().layer(), raw.count(), raw.width(), raw.get(i, 0)));
        }
      }
      return deviations;
    }

    private void fill(DistinctRows points, double[] distances) {
      double[] target =
          points.allDistinct()
              ? distances
              : PairStorage.doubles(
                  Triangle.size(points.rows().count()),
                  points.rows().info(),
                  "one value for each pair of different samples");
      int n = points.rows().count();
      SquaredDistances.upper(
          points.rows(),
          (i, first, squared) -> {
            int start = Triangle.start(n, i) - i - 1;
            for (int j = i + 1; j < n; j++) {
              target[start + j] = ofSquared(squared[j - first]);
            }
          });
      if (!points.allDistinct()) {
        points.expand(target, distances, 0);
      }
    }

    private double ofSquared(double squared) {
      return switch (distance) {
        case EUCLIDEAN, MAHALANOBIS -> Math.sqrt(squared);
        case SQUARED_EUCLIDEAN -> squared;
        case COSINE, CORRELATION -> Ties.betweenDirections(squared) / 2;
      };
    }

    private double unit(double scale) {
      return switch (distance) {
        case EUCLIDEAN -> scale;
        case SQUARED_EUCLIDEAN -> scale * scale;
        case COSINE, CORRELATION, MAHALANOBIS -> 1;
      };
    }

    @Override
    public Optional<PreparedFormat<Rdm>> format() {
      return Optional.of(new Rdm.Format());
    }
  }
}
