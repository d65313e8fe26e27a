package org.palimpsest.similarity.rsa;

import java.util.stream.IntStream;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.intervals.JackknifeValues;
import org.palimpsest.similarity.internal.pairwise.PairStorage;

/**
 * The average ranks of a layer's distances between samples of different images.
 *
 * <p>Without an image those that are left are ranked anew. With r a rank among all m pairs, less
 * its mean, and c how many of an image's pairs are below (ties count half), less its mean, the new
 * one is r − c, and the sum of products of two layers' new ranks is
 *
 * <pre>Σ r r' − Σ c r' − Σ r c' + Σ c c' − Σᵢ (r − c)(r' − c')</pre>
 *
 * where Σᵢ is over the image's own pairs and the other sums are over all. Σ c r' is, over the
 * image's pairs, the sum of all r' whose r is above, of more than 16,384 pairs by bins of ranks. In
 * Σ c c', which matters little, and in Σᵢ ranks are put into at most 256 bins. Cost: m for each
 * layer, m and at most two million more for each two; memory 4m bytes for each layer.
 *
 * <p>All ranks are kept twofold, as integers.
 */
final class RanksByImages implements PairsByImages<RanksByImages> {

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
