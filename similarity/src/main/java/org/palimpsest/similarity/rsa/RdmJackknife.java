package org.palimpsest.similarity.rsa;

import java.util.Arrays;
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
 * Intervals of correlations of distances, or of ranks that stay what they are: of z = artanh v and
 * z₋ᵢ without the pairs of image i, tanh(z ± t s), s² = (n − 1)/n Σ (z₋ᵢ − mean)². All v₋ᵢ together
 * follow from sums over the pairs of each image. Where positions are the samples, only pairs of
 * different images count.
 */
record RdmJackknife(Function<Rdm, PairVector> vector, int fewestImages)
    implements IntervalEstimator<Rdm, RdmJackknife.Side> {

  private static final int FEWEST_IMAGES = 5;

  /** A few far samples rule squared distances: with fewer images intervals are too short. */
  private static final int FEWEST_IMAGES_OF_SQUARES = 64;

  private static final double ROUNDING = 1e-13;

  /** The share that images must be worth by their part of the variance of distances. */
  private static final double LEAST_EFFECTIVE = 0.05;

  static RdmJackknife of(Function<Rdm, PairVector> vector) {
    return new RdmJackknife(vector, FEWEST_IMAGES);
  }

  /** Of squared distances as they are. */
  static RdmJackknife ofSquares(Function<Rdm, PairVector> vector) {
    return new RdmJackknife(vector, FEWEST_IMAGES_OF_SQUARES);
  }

  /**
   * One layer.
   *
   * @param values of all pairs of rows, row after row
   * @param sums of the values of each image's pairs with other images
   * @param squares likewise
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  record Side(Representation.Info info, double[] values, double[] sums, double[] squares) {

    /** By each image's part of the variance of the values. */
    EffectiveImages effectiveImages() {
      int n = sums.length;
      double pairs = (n - 1.0) * info.rowsPerProbe() * info.rowsPerProbe();
      double mean = Arrays.stream(sums).sum() / (n * pairs);
      double[] weights = new double[n];
      for (int i = 0; i < n; i++) {
        weights[i] = Math.max(0, squares[i] - 2 * mean * sums[i] + pairs * mean * mean);
      }
      return EffectiveImages.of(info, weights);
    }
  }

  @Override
  public Side side(Rdm prepared) {
    PairVector pairs = vector.apply(prepared);
    double[] values =
        PairStorage.doubles(pairs.length(), prepared.info(), "for intervals a value for each pair");
    pairs.read(0, values.length, values);
    double[] ones = new double[values.length];
    Arrays.fill(ones, 1);
    return new Side(
        prepared.info(),
        values,
        ofImages(prepared.info(), values, ones),
        ofImages(prepared.info(), values, values));
  }

  /** The sums of products over the pairs of each image with others. */
  private static double[] ofImages(Representation.Info info, double[] a, double[] b) {
    int rows = (int) info.samples();
    int each = info.rowsPerProbe();
    double[] sums = new double[(int) info.probeCount()];
    for (int r = 0, k = 0; r < rows; r++) {
      int image = r / each;
      int end = (image + 1) * each;
      k += Math.min(end, rows) - r - 1;
      for (int c = end; c < rows; c++, k++) {
        double product = a[k] * b[k];
        sums[image] += product;
        sums[c / each] += product;
      }
    }
    return sums;
  }

  @Override
  public Interval interval(Side a, Side b, double value, IntervalRequest request) {
    long units = a.info().probeCount();
    if (units < fewestImages) {
      return IntervalEstimator.tooFewImages(value, units, fewestImages);
    }
    JackknifeValues jackknife = jackknife(a, b);
    Optional<String> dependence =
        constantWithout(a)
            .or(() -> constantWithout(b))
            .or(() -> jackknife.dependence("image"))
            .or(
                () ->
                    EffectiveImages.tooFew(
                        a.effectiveImages(), b.effectiveImages(), LEAST_EFFECTIVE * units));
    if (dependence.isPresent()) {
      return new Interval.Refused(value, units, dependence.get());
    }
    boolean ofPositions = a.info().rowsPerProbe() > 1;
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

  /** Why there is no interval where all pairs without some image are alike. */
  private static Optional<String> constantWithout(Side side) {
    double n = side.sums().length;
    double each = (double) side.info().rowsPerProbe() * side.info().rowsPerProbe();
    double pairs = (n - 1) * (n - 2) / 2 * each;
    double sum = half(side.sums());
    double squares = half(side.squares());
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

  static JackknifeValues jackknife(Side a, Side b) {
    double[] products = ofImages(a.info(), a.values(), b.values());
    double n = products.length;
    double each = (double) a.info().rowsPerProbe() * a.info().rowsPerProbe();
    double[] whole =
        new double[] {
          half(a.sums()), half(b.sums()), half(a.squares()), half(b.squares()), half(products)
        };
    double[] without = new double[products.length];
    for (int i = 0; i < without.length; i++) {
      without[i] =
          correlation(
              (n - 1) * (n - 2) / 2 * each,
              whole[0] - a.sums()[i],
              whole[1] - b.sums()[i],
              whole[2] - a.squares()[i],
              whole[3] - b.squares()[i],
              whole[4] - products[i]);
    }
    return new JackknifeValues(
        correlation(n * (n - 1) / 2 * each, whole[0], whole[1], whole[2], whole[3], whole[4]),
        without);
  }

  private static double half(double[] values) {
    return Arrays.stream(values).sum() / 2;
  }

  private static double correlation(
      double pairs, double a, double b, double aa, double bb, double ab) {
    double spread = (pairs * aa - a * a) * (pairs * bb - b * b);
    return spread > 0 ? Math.max(-1, Math.min(1, (pairs * ab - a * b) / Math.sqrt(spread))) : 0;
  }
}
