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
 * Intervals of correlations of distances or of their ranks: of z = artanh v and z₋ᵢ without the
 * pairs of image i, tanh(z ± t s), s² = (n − 1)/n Σ (z₋ᵢ − mean)². Where positions are the samples,
 * only pairs of different images count.
 */
record RdmJackknife<S extends RdmJackknife.PairsByImages<S>>(
    Function<Rdm, S> sides, int fewestImages) implements IntervalEstimator<Rdm, S> {

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

  /**
   * The average ranks of a layer's distances between samples of different images.
   *
   * <p>Without an image those that are left are ranked anew. With r a rank among all m pairs, less
   * its mean, and c how many of an image's pairs are below (ties count half), less its mean, the
   * new one is r − c, and the sum of products of two layers' new ranks is
   *
   * <pre>Σ r r' − Σ c r' − Σ r c' + Σ c c' − Σᵢ (r − c)(r' − c')</pre>
   *
   * where Σᵢ is over the image's own pairs and the other sums are over all. Σ c r' is, over the
   * image's pairs, the sum of all r' whose r is above, of more than 16,384 pairs by bins of ranks.
   * In Σ c c', which matters little, and in Σᵢ ranks are put into at most 256 bins. Cost: m for
   * each layer, m and at most two million more for each two; memory 4m bytes for each layer.
   *
   * <p>All ranks are kept twofold, as integers.
   */
  static final class RanksByImages implements PairsByImages<RanksByImages> {

    private static final int MOST_BINS = 256;

    /** Of which sums lie in the cache of a core. */
    private static final int MOST_PLACES = 1 << 14;

    /** Of bins squared times images: what is binned matters less, the more images there are. */
    private static final double MOST_CELLS = 1 << 21;

    private final Representation.Info info;
    private final ImagePairs pairs;
    private final int[] twice;
    private final double mean;
    private final int bins;
    private final double binsOfRank;
    private final int places;
    private final double placesOfRank;
    private final double[] sums;
    private final double[] squares;

    /** Of each image how many of its pairs are below each bin, twofold, less its mean. */
    private final double[][] below;

    private final Products own;

    private RanksByImages(Representation.Info info, ImagePairs pairs, int[] twice) {
      this.info = info;
      this.pairs = pairs;
      this.twice = twice;
      this.mean = pairs.count() + 1;
      this.bins = (int) Math.max(1, Math.min(MOST_BINS, Math.sqrt(MOST_CELLS / pairs.images())));
      this.binsOfRank = bins / (2 * pairs.count());
      this.places = (int) Math.min(pairs.count(), MOST_PLACES);
      this.placesOfRank = places / (2 * pairs.count());
      this.sums = new double[pairs.images()];
      this.squares = new double[pairs.images()];
      this.below = new double[pairs.images()][bins];
      pairs.forEach(
          (pair, image, other) -> {
            double rank = centred(pair);
            sums[image] += rank;
            sums[other] += rank;
            squares[image] += rank * rank;
            squares[other] += rank * rank;
            below[image][bin(pair)]++;
            below[other][bin(pair)]++;
          });
      for (double[] ofImage : below) {
        countBelow(ofImage);
      }
      this.own = products(this, this);
    }

    static RanksByImages of(Rdm rdm) {
      DistanceRanks ranks = rdm.rankedDistances();
      ImagePairs pairs = ImagePairs.of(rdm.info());
      int[] twice =
          PairStorage.ints(ranks.count(), rdm.info(), "for intervals the rank of each pair");
      int[] ofEach = PairStorage.ints(ranks.count(), rdm.info(), "for intervals equal ranks");
      pairs.forEach((pair, image, other) -> ofEach[group(ranks.twice(pair))]++);
      int before = 0;
      for (int place = 0; place < ofEach.length; place++) {
        int here = ofEach[place];
        ofEach[place] = 2 * before + here + 1;
        before += here;
      }
      pairs.forEach((pair, image, other) -> twice[pair] = ofEach[group(ranks.twice(pair))]);
      return new RanksByImages(rdm.info(), pairs, twice);
    }

    /** One of its own for each average rank of all pairs. */
    private static int group(int twice) {
      return twice / 2 - 1;
    }

    private double centred(int pair) {
      return twice[pair] - mean;
    }

    private int bin(int pair) {
      return (int) ((twice[pair] - 1) * binsOfRank);
    }

    /** One of its own for each rank, if these are few; neighbours share theirs otherwise. */
    private int place(int pair) {
      return (int) ((twice[pair] - 1) * placesOfRank);
    }

    /** Makes counts of bins into twice the counts of all below, less their mean. */
    private void countBelow(double[] counts) {
      double less = -pairs.ofEachImage() / 2;
      for (int bin = 0; bin < bins; bin++) {
        double here = counts[bin];
        counts[bin] = 2 * less + here;
        less += here;
      }
    }

    @Override
    public Representation.Info info() {
      return info;
    }

    @Override
    public ImagePairs pairs() {
      return pairs;
    }

    @Override
    public double[] sums() {
      return sums;
    }

    @Override
    public double[] squares() {
      return squares;
    }

    /** As measured in 2026; processors differ by a factor of two. */
    @Override
    public double seconds() {
      return 0.005 + 6e-8 * pairs.count();
    }

    @Override
    public JackknifeValues jackknife(RanksByImages other) {
      Products both = products(this, other);
      return new JackknifeValues(
          correlation(both.whole, own.whole, other.own.whole),
          IntStream.range(0, pairs.images())
              .mapToDouble(i -> correlation(both.without[i], own.without[i], other.own.without[i]))
              .toArray());
    }

    private static double correlation(double both, double a, double b) {
      return a > 0 && b > 0 ? Math.max(-1, Math.min(1, both / Math.sqrt(a) / Math.sqrt(b))) : 0;
    }

    /**
     * Sums of products of two layers' ranks.
     *
     * @param without the pairs of each image
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared by value
    private record Products(double whole, double[] without) {}

    private static Products products(RanksByImages a, RanksByImages b) {
      double[] aboveA = a.sumsAbove(b);
      double[] aboveB = b == a ? aboveA : b.sumsAbove(a);
      double[] moved = new double[a.pairs.images()];
      double[] own = new double[a.pairs.images()];
      int bins = a.bins;
      double[] joint = new double[bins * bins];
      double[] whole = {0};
      a.pairs.forEach(
          (pair, image, other) -> {
            double rankOfA = a.centred(pair);
            double rankOfB = b.centred(pair);
            int binOfA = a.bin(pair);
            int binOfB = b.bin(pair);
            double move = aboveA[a.place(pair)] + aboveB[b.place(pair)];
            moved[image] += move;
            moved[other] += move;
            own[image] += (rankOfA - a.below[image][binOfA]) * (rankOfB - b.below[image][binOfB]);
            own[other] += (rankOfA - a.below[other][binOfA]) * (rankOfB - b.below[other][binOfB]);
            joint[binOfA * bins + binOfB]++;
            whole[0] += rankOfA * rankOfB;
          });
      double[] without = new double[own.length];
      for (int i = 0; i < without.length; i++) {
        without[i] = whole[0] - 2 * moved[i] + product(joint, a.below[i], b.below[i]) - own[i];
      }
      return new Products(whole[0], without);
    }

    /** Σ joint[k, l] a[k] b[l]. */
    private static double product(double[] joint, double[] a, double[] b) {
      double product = 0;
      for (int k = 0, at = 0; k < a.length; k++) {
        double row = 0;
        for (int l = 0; l < b.length; l++, at++) {
          row += joint[at] * b[l];
        }
        product += a[k] * row;
      }
      return product;
    }

    /** For each place of these ranks: the sum of the other layer's of the pairs that are above. */
    private double[] sumsAbove(RanksByImages other) {
      double[] sums = new double[places];
      pairs.forEach((pair, one, another) -> sums[place(pair)] += other.centred(pair));
      double above = 0;
      for (int place = places - 1; place >= 0; place--) {
        double here = sums[place];
        sums[place] = above + here / 2;
        above += here;
      }
      return sums;
    }
  }

  /**
   * What a layer's samples are to each other, with what each image has to do with it.
   *
   * @param <S> itself
   */
  interface PairsByImages<S extends PairsByImages<S>> {

    Representation.Info info();

    ImagePairs pairs();

    /** Of each image the sum of the values of its pairs. */
    double[] sums();

    /** Of each image the sum of their squares. */
    double[] squares();

    /** About how many seconds of one core it takes to correlate it with another layer. */
    default double seconds() {
      return 0;
    }

    /** The correlation with another layer's values, and without the pairs of each image. */
    JackknifeValues jackknife(S other);
  }

  /**
   * The pairs of samples of different images.
   *
   * @param images how many there are
   * @param rowsOfEach how many samples each image has, which follow each other
   */
  record ImagePairs(int images, int rowsOfEach) {

    /** Looks at a pair. */
    @FunctionalInterface
    interface Visitor {

      /**
       * @param pair its place in the strict upper triangle of all samples, row after row
       * @param image of its first sample
       * @param other of its second sample
       */
      void visit(int pair, int image, int other);
    }

    static ImagePairs of(Representation.Info info) {
      return new ImagePairs(Math.toIntExact(info.probeCount()), info.rowsPerProbe());
    }

    double count() {
      return images * (images - 1.0) / 2 * rowsOfEach * rowsOfEach;
    }

    double countWithoutAnImage() {
      return count() - ofEachImage();
    }

    double ofEachImage() {
      return (images - 1.0) * rowsOfEach * rowsOfEach;
    }

    /**
     * The sum over all pairs, of what each image has of its own: each pair is one of two images.
     */
    static double sum(double[] ofImages) {
      return Arrays.stream(ofImages).sum() / 2;
    }

    void forEach(Visitor visitor) {
      int rows = images * rowsOfEach;
      for (int row = 0, pair = 0; row < rows; row++) {
        int image = row / rowsOfEach;
        int end = (image + 1) * rowsOfEach;
        pair += end - row - 1;
        for (int other = end; other < rows; other++, pair++) {
          visitor.visit(pair, image, other / rowsOfEach);
        }
      }
    }
  }
}
