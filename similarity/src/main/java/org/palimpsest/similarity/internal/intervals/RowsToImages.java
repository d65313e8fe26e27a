package org.palimpsest.similarity.internal.intervals;

import org.palimpsest.core.representation.Representation;

/** The kernel between each of the N rows of a layer and its n images, and sums of it. */
final class RowsToImages {

  private final int images;
  private final int rowsEach;
  private final double[] toImages;
  private final double[] rowSums;
  private final double[] means;
  private final double[] sums;

  private RowsToImages(int images, int rowsEach, double[] toImages) {
    this.images = images;
    this.rowsEach = rowsEach;
    this.toImages = toImages;
    this.rowSums = sumsOfRows(toImages, images);
    this.means = rowsEach == 1 ? toImages : averagedRows();
    this.sums = sumsOfRows(means, images);
  }

  /**
   * Of a layer.
   *
   * @param toImages N × n, the mean of K(ia, ·) over the rows of each image; 0 for the row's own
   */
  static RowsToImages of(Representation.Info info, double[] toImages) {
    return new RowsToImages(Math.toIntExact(info.probeCount()), info.rowsPerProbe(), toImages);
  }

  private static double[] sumsOfRows(double[] matrix, int columns) {
    double[] sums = new double[matrix.length / columns];
    for (int k = 0; k < matrix.length; k++) {
      sums[k / columns] += matrix[k];
    }
    return sums;
  }

  private double[] averagedRows() {
    double[] averages = new double[images * images];
    for (int r = 0; r < images * rowsEach; r++) {
      for (int j = 0; j < images; j++) {
        averages[r / rowsEach * images + j] += toImages[r * images + j] / rowsEach;
      }
    }
    return averages;
  }

  /**
   * The criterion of this layer's kernel and another's.
   *
   * @param products for each image the sum over the others of the mean of K·L over the rows of both
   */
  HsicByImages statistic(RowsToImages b, double[] products) {
    double[] own = new double[images];
    double[] ofRow = new double[images];
    double[] ofColumn = new double[images];
    double[] crossed = new double[images];
    for (int r = 0; r < rowSums.length; r++) {
      int i = r / rowsEach;
      own[i] += rowSums[r] * b.rowSums[r] / rowsEach;
      for (int j = 0; j < images; j++) {
        double ofA = toImages[r * images + j];
        double ofB = b.toImages[r * images + j];
        double both = ofA * ofB / rowsEach;
        ofRow[i] += both;
        ofColumn[j] += both;
        crossed[j] += (rowSums[r] * ofB + ofA * b.rowSums[r]) / rowsEach;
      }
    }
    return withMeans(b, products, own, ofRow, ofColumn, crossed);
  }

  private HsicByImages withMeans(
      RowsToImages b,
      double[] products,
      double[] own,
      double[] ofRow,
      double[] ofColumn,
      double[] crossed) {
    double[] k = sums;
    double[] l = b.sums;
    double[] kTimesL = new double[images];
    double[] lTimesK = new double[images];
    double[] both = new double[images];
    for (int i = 0; i < images; i++) {
      for (int j = 0; j < images; j++) {
        double ofA = means[i * images + j];
        double ofB = b.means[i * images + j];
        kTimesL[i] += ofA * l[j];
        lTimesK[i] += ofB * k[j];
        both[i] += ofA * ofB;
      }
    }
    return new HsicByImages.Sums(
            products, own, ofRow, ofColumn, crossed, k, l, kTimesL, lTimesK, both)
        .statistic();
  }
}
