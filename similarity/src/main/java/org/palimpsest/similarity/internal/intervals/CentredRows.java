package org.palimpsest.similarity.internal.intervals;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.Basis;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.RankTolerance;

/**
 * The rows of a layer, centred, images as blocks of successive rows.
 *
 * @param info of the layer
 * @param rows N × r in float64
 */
public record CentredRows(Representation.Info info, Dense rows) {

  /** A matrix that has a row for each of the layer's. */
  public static CentredRows of(Representation.Info info, INDArray matrix) {
    Dense rows = Dense.zeros(matrix.rows(), matrix.columns());
    TensorReader.of(matrix).read(0, rows.values());
    return new CentredRows(info, rows);
  }

  /** Of the principal components that a layer has, which is all of it, turned. */
  public static CentredRows ofComponents(CentredLayer layer, RankTolerance tolerance) {
    Basis axes = layer.axes(tolerance);
    CentredRows scores = of(layer.info(), axes.vectors());
    double[] values = scores.rows.values();
    double[] sizes = axes.singularValues();
    for (int k = 0; k < values.length; k++) {
      values[k] *= sizes[k % sizes.length];
    }
    return scores;
  }

  public int images() {
    return Math.toIntExact(info.probeCount());
  }

  int rank() {
    return rows.columns();
  }

  /** How many components it may have with ever more images; as now, if these do not cut them. */
  int mostComponents() {
    return 2L * rank() >= info.samples() - 1
        ? (int) Math.max(rank(), Math.min(info.features(), Integer.MAX_VALUE))
        : rank();
  }

  /**
   * About how many seconds of one core it takes to sum the products of so many rows of two layers
   * and to decompose the sums, as measured in 2026; processors differ by a factor of two.
   */
  static double secondsToDecompose(CentredRows a, CentredRows b, double rows, double perCube) {
    double p = a.rank();
    double q = b.rank();
    double sums = rows * (p * p + q * q + p * q) * 1.5e-9;
    return sums + perCube * (p * p * p + q * q * q);
  }

  /** The rows of some images. */
  Dense of(int[] images) {
    int block = info.rowsPerProbe() * rows.columns();
    Dense some = Dense.zeros(images.length * info.rowsPerProbe(), rows.columns());
    for (int i = 0; i < images.length; i++) {
      System.arraycopy(rows.values(), images[i] * block, some.values(), i * block, block);
    }
    return some;
  }

  /**
   * How many images of equal spread each feature's are worth, on average over features; none where
   * a feature is constant.
   */
  double effectiveImagesOfFeatures() {
    double[][] weights = new double[rows.columns()][images()];
    int block = info.rowsPerProbe() * rows.columns();
    for (int k = 0; k < rows.values().length; k++) {
      weights[k % rows.columns()][k / block] += rows.values()[k] * rows.values()[k];
    }
    return Arrays.stream(weights)
        .mapToDouble(
            ofFeature -> Arrays.stream(ofFeature).sum() > 0 ? EffectiveImages.count(ofFeature) : 0)
        .average()
        .orElse(0);
  }

  /** Each image's share of the sum of squares. */
  double[] shares() {
    double[] shares = new double[images()];
    int block = info.rowsPerProbe() * rows.columns();
    double whole = rows.squaredNorm();
    for (int k = 0; k < rows.values().length; k++) {
      shares[k / block] += rows.values()[k] * rows.values()[k] / whole;
    }
    return shares;
  }
}
