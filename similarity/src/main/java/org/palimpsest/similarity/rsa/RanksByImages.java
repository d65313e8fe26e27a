package org.palimpsest.similarity.rsa;

import java.util.stream.IntStream;
import org.palimpsest.core.representation.RepresentationInfo;
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
 * image's pairs, the sum of all r' whose r is above. In Σ c c', which matters little, and in Σᵢ
 * pairs of neighbouring ranks have the same c: ranks are put into 256 bins. Cost: m for each layer,
 * m + 256² n at most for each two; memory 4m and 2048 n bytes for each layer.
 *
 * <p>All ranks are kept twofold, as integers.
 */
final class RanksByImages implements PairsByImages<RanksByImages> {

  private static final int BITS = 8;
  private static final int BINS = 1 << BITS;

  private final RepresentationInfo info;
  private final ImagePairs pairs;
  private final int[] twice;
  private final double mean;
  private final double[] sums;
  private final double[] squares;

  /** Of each image how many of its pairs are below each bin, twofold, less its mean. */
  private final double[][] below;

  private final Products own;

  private RanksByImages(RepresentationInfo info, ImagePairs pairs, int[] twice) {
    this.info = info;
    this.pairs = pairs;
    this.twice = twice;
    this.mean = pairs.count() + 1;
    this.sums = new double[pairs.images()];
    this.squares = new double[pairs.images()];
    this.below = new double[pairs.images()][BINS];
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
    pairs.forEach((pair, image, other) -> ofEach[place(ranks.twice(pair))]++);
    int before = 0;
    for (int place = 0; place < ofEach.length; place++) {
      int here = ofEach[place];
      ofEach[place] = 2 * before + here + 1;
      before += here;
    }
    pairs.forEach((pair, image, other) -> twice[pair] = ofEach[place(ranks.twice(pair))]);
    return new RanksByImages(rdm.info(), pairs, twice);
  }

  /** A place of its own for each average rank. */
  private static int place(int twice) {
    return twice / 2 - 1;
  }

  private double centred(int pair) {
    return twice[pair] - mean;
  }

  private int bin(int pair) {
    return (int) ((twice[pair] - 1) / (2 * pairs.count()) * BINS);
  }

  /** Makes counts of bins into twice the counts of all below, less their mean. */
  private void countBelow(double[] counts) {
    double less = -pairs.ofEachImage() / 2;
    for (int bin = 0; bin < BINS; bin++) {
      double here = counts[bin];
      counts[bin] = 2 * less + here;
      less += here;
    }
  }

  @Override
  public RepresentationInfo info() {
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
    double[] aboveB = b.sumsAbove(a);
    double[] moved = new double[a.pairs.images()];
    double[] own = new double[a.pairs.images()];
    int[] joint = new int[BINS * BINS];
    double[] whole = {0};
    a.pairs.forEach(
        (pair, image, other) -> {
          double move = aboveA[place(a.twice[pair])] + aboveB[place(b.twice[pair])];
          moved[image] += move;
          moved[other] += move;
          own[image] += a.without(image, pair) * b.without(image, pair);
          own[other] += a.without(other, pair) * b.without(other, pair);
          joint[a.bin(pair) << BITS | b.bin(pair)]++;
          whole[0] += a.centred(pair) * b.centred(pair);
        });
    int[] filled = IntStream.range(0, joint.length).filter(bins -> joint[bins] > 0).toArray();
    double[] without = new double[own.length];
    for (int i = 0; i < without.length; i++) {
      double counts = 0;
      for (int bins : filled) {
        counts += joint[bins] * a.below[i][bins >> BITS] * b.below[i][bins & (BINS - 1)];
      }
      without[i] = whole[0] - 2 * moved[i] + counts - own[i];
    }
    return new Products(whole[0], without);
  }

  /** A pair's rank without an image. */
  private double without(int image, int pair) {
    return centred(pair) - below[image][bin(pair)];
  }

  /** At the place of each of these ranks: the sum of the other layer's where these are above. */
  private double[] sumsAbove(RanksByImages other) {
    double[] sums =
        PairStorage.doubles(twice.length, info, "for intervals sums of ranks above each");
    pairs.forEach((pair, one, another) -> sums[place(twice[pair])] += other.centred(pair));
    double above = 0;
    for (int place = sums.length - 1; place >= 0; place--) {
      double here = sums[place];
      sums[place] = above + here / 2;
      above += here;
    }
    return sums;
  }
}
