package org.palimpsest.similarity.statistics;

/**
 * The non-decreasing sequence nearest to a given one in least squares, by pooling adjacent
 * violators (Ayer et al. 1955, doi:10.1214/aoms/1177728423): neighbours out of order are replaced
 * by their mean until none is. O(n).
 */
public final class IsotonicRegression {

  private IsotonicRegression() {}

  /**
   * The fit.
   *
   * @param values in order, all of one weight
   * @return as many values, none below the one before
   * @throws org.palimpsest.core.PalimpsestException if a value is not finite
   */
  public static double[] fit(double... values) {
    double[] given = Variances.requireFinite("Scores of a curve", values);
    double[] means = new double[given.length];
    int[] sizes = new int[given.length];
    int blocks = 0;
    for (double value : given) {
      means[blocks] = value;
      sizes[blocks] = 1;
      blocks++;
      while (blocks > 1 && means[blocks - 2] >= means[blocks - 1]) {
        int size = sizes[blocks - 2] + sizes[blocks - 1];
        means[blocks - 2] +=
            (means[blocks - 1] - means[blocks - 2]) * sizes[blocks - 1] / (double) size;
        sizes[blocks - 2] = size;
        blocks--;
      }
    }
    double[] fit = new double[given.length];
    int at = 0;
    for (int block = 0; block < blocks; block++) {
      for (int i = 0; i < sizes[block]; i++) {
        fit[at++] = means[block];
      }
    }
    return fit;
  }
}
