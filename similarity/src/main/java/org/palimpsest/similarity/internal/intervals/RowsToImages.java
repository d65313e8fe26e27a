package org.palimpsest.similarity.internal.intervals;

import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.FourSums;

/** The kernel between each of the N rows of a layer and its n images, and sums of it. */
final class RowsToImages {

  private final int images;
  private final int rowsEach;
  private final double[] toImages;
  private final double[] rowSums;
  private final double[] means;
  private final double[] sums;
  private final double sumOfSums;

  private RowsToImages(int images, int rowsEach, double[] toImages) {
    this.images = images;
    this.rowsEach = rowsEach;
    this.toImages = toImages;
    this.rowSums = sumsOfRows(toImages, images);
    this.means = rowsEach == 1 ? toImages : averagedRows();
    this.sums = sumsOfRows(means, images);
    this.sumOfSums = FourSums.of(sums, images);
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
    for (int row = 0; row < sums.length; row++) {
      for (int k = row * columns; k < (row + 1) * columns; k++) {
        sums[row] += matrix[k];
      }
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
   * By how much the criterion of this kernel and another one changes with that of two rows of
   * different images, in either order.
   *
   * @param i the image of the row
   * @param j the image of the column
   * @param first this kernel of the two rows
   */
  double gradient(int row, int i, int column, int j, double first) {
    double n = images;
    double second =
        rowSums[row] - toImages[row * images + j] + rowSums[column] - toImages[column * images + i];
    double third = sumOfSums - 2 * sums[i] - 2 * sums[j] + 2 * means[i * images + j];
    double sum = first - (second - third / (n - 3)) / (n - 2);
    return 2 * sum / (n * (n - 1) * rowsEach * rowsEach);
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
    double share = 1.0 / rowsEach;
    for (int r = 0; r < rowSums.length; r++) {
      int i = r / rowsEach;
      double sumOfA = rowSums[r] * share;
      double sumOfB = b.rowSums[r] * share;
      double sum = 0;
      own[i] += rowSums[r] * sumOfB;
      for (int j = 0; j < images; j++) {
        double ofA = toImages[r * images + j];
        double ofB = b.toImages[r * images + j];
        double both = ofA * ofB * share;
        sum += both;
        ofColumn[j] += both;
        crossed[j] += sumOfA * ofB + ofA * sumOfB;
      }
      ofRow[i] += sum;
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
      int at = i * images;
      kTimesL[i] = FourSums.ofProducts(means, at, l, 0, images);
      lTimesK[i] = FourSums.ofProducts(b.means, at, k, 0, images);
      both[i] = FourSums.ofProducts(means, at, b.means, at, images);
    }
    return new HsicByImages.Sums(
            products, own, ofRow, ofColumn, crossed, k, l, kTimesL, lTimesK, both)
        .statistic();
  }
}
