package org.palimpsest.similarity.cca;

import java.util.Arrays;
import java.util.function.ToIntFunction;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.internal.intervals.CentredRows;
import org.palimpsest.similarity.internal.intervals.HeldOut;
import org.palimpsest.similarity.internal.intervals.HeldOutBracket;
import org.palimpsest.similarity.internal.intervals.ImagesNeeded;
import org.palimpsest.similarity.internal.linalg.Decompositions;
import org.palimpsest.similarity.internal.linalg.Decompositions.Eigen;
import org.palimpsest.similarity.internal.linalg.Decompositions.Svd;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.Products;

/**
 * Canonical directions learnt on some rows, and the correlations along them of other rows.
 *
 * @param ofX p × k
 * @param ofY q × k
 * @param weights of the k correlations
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
record CanonicalDirections(Dense ofX, Dense ofY, double[] weights)
    implements HeldOutBracket.Learnt {

  /** What is this small a fraction of the largest variance counts as zero. */
  private static final double NO_VARIANCE = 1e-9;

  /** How many leading components are kept, of their variances, descending. */
  @FunctionalInterface
  interface Kept extends ToIntFunction<double[]> {}

  /** How much each correlation counts. */
  @FunctionalInterface
  interface Weighing {

    double[] weights(CanonicalDirections directions, Dense x, Dense y);
  }

  static Kept all() {
    return variances -> variances.length;
  }

  static HeldOutBracket.Learner equallyWeighted(Kept kept) {
    return weighted(
        kept,
        (directions, x, y) -> {
          double[] ones = new double[directions.ofX.columns()];
          Arrays.fill(ones, 1);
          return ones;
        });
  }

  static HeldOutBracket.Learner weighted(Kept kept, Weighing weighing) {
    return (x, y) -> {
      Dense centredX = HeldOut.centred(x);
      Dense centredY = HeldOut.centred(y);
      CanonicalDirections directions = of(centredX, centredY, kept);
      return new CanonicalDirections(
          directions.ofX, directions.ofY, weighing.weights(directions, centredX, centredY));
    };
  }

  private static CanonicalDirections of(Dense x, Dense y, Kept kept) {
    Dense whiteX = whitening(Products.transposeTimes(x, x), kept);
    Dense whiteY = whitening(Products.transposeTimes(y, y), kept);
    Dense between =
        Products.product(Products.transposeTimes(whiteX, Products.transposeTimes(x, y)), whiteY);
    Svd svd = Decompositions.svd(between);
    return new CanonicalDirections(
        Products.product(whiteX, svd.u()), Products.product(whiteY, svd.v()), new double[0]);
  }

  /** W with W'SW = I, p × r; the r leading components of S. */
  static Dense whitening(Dense moments, Kept kept) {
    Eigen eigen = Decompositions.symmetric(moments);
    double[] variances =
        Arrays.stream(eigen.values()).filter(v -> v > NO_VARIANCE * eigen.values()[0]).toArray();
    if (variances.length == 0) {
      throw new PalimpsestException(
          "No interval can be given: without some of the images a layer is constant. Show more"
              + " probes.");
    }
    int count = Math.max(1, Math.min(variances.length, kept.applyAsInt(variances)));
    Dense white = Dense.zeros(moments.rows(), count);
    for (int k = 0; k < count; k++) {
      for (int j = 0; j < moments.rows(); j++) {
        white.values()[j * count + k] = eigen.vectors().get(k, j) / Math.sqrt(variances[k]);
      }
    }
    return white;
  }

  @Override
  public HeldOut on(Dense x, Dense y) {
    return HeldOut.ofCorrelations(Products.product(x, ofX), Products.product(y, ofY), weights);
  }

  /** When brackets of canonical correlations hold the true value. */
  static class Bracket implements HeldOutBracket.Rules {

    private static final ImagesNeeded NEEDED = new ImagesNeeded(2.5, 1.6);

    /** Of how many components of a layer correlations are taken. */
    int components(CentredRows layer) {
      return layer.rows().columns();
    }

    @Override
    public boolean isMeanOfFeatures() {
      return true;
    }

    @Override
    public long fewestImages(boolean ofPositions, CentredRows a, CentredRows b) {
      return NEEDED.of(Math.max(components(a), components(b)), ofPositions);
    }
  }
}
