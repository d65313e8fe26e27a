package org.palimpsest.similarity.rsa;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.intervals.EffectiveImages;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.intervals.IntervalRequest;
import org.palimpsest.similarity.internal.intervals.JackknifeValues;
import org.palimpsest.similarity.internal.pairwise.PairStorage;
import org.palimpsest.similarity.internal.pairwise.PairVector;

/**
 * Intervals of correlations of distances or of their ranks: of z = artanh v and z₋ᵢ without the
 * pairs of image i, tanh(z ± t s), s² = (n − 1)/n Σ (z₋ᵢ − mean)². Where positions are the samples,
 * only pairs of different images count.
 */
record RdmJackknife<S extends PairsByImages<S>>(Function<Rdm, S> sides, int fewestImages)
    implements IntervalEstimator<Rdm, S> {

  private static final int FEWEST_IMAGES = 5;

  /** A few far samples rule squared distances: with fewer images intervals are too short. */
  private static final int FEWEST_IMAGES_OF_SQUARES = 64;

  private static final double ROUNDING = 1e-13;

  /** The share that images must be worth by their part of the variance of distances. */
  private static final double LEAST_EFFECTIVE = 0.05;

  static RdmJackknife<DistancesByImages> ofDistances() {
    return new RdmJackknife<>(DistancesByImages::of, FEWEST_IMAGES);
  }

  /** Of squared distances as they are. */
  static RdmJackknife<DistancesByImages> ofSquares() {
    return new RdmJackknife<>(DistancesByImages::of, FEWEST_IMAGES_OF_SQUARES);
  }

  static RdmJackknife<RanksByImages> ofRanks() {
    return new RdmJackknife<>(RanksByImages::of, FEWEST_IMAGES);
  }

  @Override
  public S side(Rdm prepared) {
    return sides.apply(prepared);
  }

  @Override
  public Interval interval(S a, S b, double value, IntervalRequest request) {
    long units = a.pairs().images();
    if (units < fewestImages) {
      return IntervalEstimator.tooFewImages(value, units, fewestImages);
    }
    JackknifeValues jackknife = a.jackknife(b);
    Optional<String> dependence =
        constantWithout(a)
            .or(() -> constantWithout(b))
            .or(() -> jackknife.dependence("image"))
            .or(
                () ->
                    EffectiveImages.tooFew(
                        effectiveImages(a), effectiveImages(b), LEAST_EFFECTIVE * units));
    if (dependence.isPresent()) {
      return new Interval.Refused(value, units, dependence.get());
    }
    boolean ofPositions = a.pairs().rowsOfEach() > 1;
    JackknifeValues.Ends ends = jackknife.aboutValueOnArtanhScale(request);
    return new Interval.Known(
        value,
        ofPositions ? OptionalDouble.of(ends.centre()) : OptionalDouble.empty(),
        ofPositions ? ends.low() : Math.min(value, ends.low()),
        ofPositions ? ends.high() : Math.max(value, ends.high()),
        request.level(),
        Interval.Method.JACKKNIFE_ARTANH,
        units,
        OptionalDouble.of(0));
  }

  @Override
  public double seconds(S a, S b, IntervalRequest request) {
    return a.seconds();
  }

  /** By each image's part of the variance of the values. */
  private static EffectiveImages effectiveImages(PairsByImages<?> side) {
    double pairs = side.pairs().ofEachImage();
    double mean = ImagePairs.sum(side.sums()) / side.pairs().count();
    double[] weights = new double[side.sums().length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.max(0, side.squares()[i] - 2 * mean * side.sums()[i] + pairs * mean * mean);
    }
    return EffectiveImages.of(side.info(), weights, weights);
  }

  /** Why there is no interval where all pairs without some image are alike. */
  private static Optional<String> constantWithout(PairsByImages<?> side) {
    double pairs = side.pairs().countWithoutAnImage();
    double sum = ImagePairs.sum(side.sums());
    double squares = ImagePairs.sum(side.squares());
    return IntStream.range(0, side.sums().length)
        .filter(
            i -> {
              double rest = sum - side.sums()[i];
              double spread = pairs * (squares - side.squares()[i]) - rest * rest;
              return !(spread > ROUNDING * pairs * squares);
            })
        .mapToObj(i -> JackknifeValues.nothingWithout("image", i, side.info()))
        .findFirst();
  }

  /**
   * The distances of a layer. All correlations without an image follow from sums over its pairs.
   *
   * @param values of all pairs of samples
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  record DistancesByImages(
      Representation.Info info, ImagePairs pairs, double[] values, double[] sums, double[] squares)
      implements PairsByImages<DistancesByImages> {

    static DistancesByImages of(Rdm rdm) {
      PairVector vector = rdm.centred();
      double[] values =
          PairStorage.doubles(vector.length(), rdm.info(), "for intervals a value for each pair");
      vector.read(0, values.length, values);
      ImagePairs pairs = ImagePairs.of(rdm.info());
      double[] sums = new double[pairs.images()];
      pairs.forEach(
          (pair, image, other) -> {
            sums[image] += values[pair];
            sums[other] += values[pair];
          });
      return new DistancesByImages(
          rdm.info(), pairs, values, sums, products(pairs, values, values));
    }

    private static double[] products(ImagePairs pairs, double[] a, double[] b) {
      double[] sums = new double[pairs.images()];
      pairs.forEach(
          (pair, image, other) -> {
            double product = a[pair] * b[pair];
            sums[image] += product;
            sums[other] += product;
          });
      return sums;
    }

    @Override
    public JackknifeValues jackknife(DistancesByImages other) {
      double[] products = products(pairs, values, other.values);
      double[] without = new double[products.length];
      for (int i = 0; i < without.length; i++) {
        without[i] =
            correlation(
                pairs.countWithoutAnImage(),
                ImagePairs.sum(sums) - sums[i],
                ImagePairs.sum(other.sums) - other.sums[i],
                ImagePairs.sum(squares) - squares[i],
                ImagePairs.sum(other.squares) - other.squares[i],
                ImagePairs.sum(products) - products[i]);
      }
      double whole =
          correlation(
              pairs.count(),
              ImagePairs.sum(sums),
              ImagePairs.sum(other.sums),
              ImagePairs.sum(squares),
              ImagePairs.sum(other.squares),
              ImagePairs.sum(products));
      return new JackknifeValues(whole, without);
    }

    private static double correlation(
        double pairs, double a, double b, double aa, double bb, double ab) {
      double spread = (pairs * aa - a * a) * (pairs * bb - b * b);
      return spread > 0 ? Math.max(-1, Math.min(1, (pairs * ab - a * b) / Math.sqrt(spread))) : 0;
    }
  }
}
