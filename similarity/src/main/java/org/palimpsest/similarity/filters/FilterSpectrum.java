package org.palimpsest.similarity.filters;

import java.util.Arrays;

/**
 * The singular values of a filters × weights matrix, in units of its Marchenko-Pastur edge.
 *
 * @param values σᵢ / (s (√m + √d)), s² being the mean square of the entries, descending
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record FilterSpectrum(double[] values) {

  /**
   * @param eigenvalues of the smaller Gram matrix
   * @param filters m
   * @param weights d
   */
  static FilterSpectrum ofGram(double[] eigenvalues, int filters, int weights) {
    double meanSquare = Arrays.stream(eigenvalues).sum() / filters / weights;
    double edge = Math.sqrt(meanSquare) * (Math.sqrt(filters) + Math.sqrt(weights));
    double[] descending =
        Arrays.stream(eigenvalues)
            .map(value -> -Math.sqrt(value) / edge)
            .sorted()
            .map(v -> -v)
            .toArray();
    return new FilterSpectrum(descending);
  }

  double largest() {
    return values[0];
  }

  /** How many exceed a limit. */
  long beyond(double limit) {
    return Arrays.stream(values).filter(value -> value > limit).count();
  }

  /**
   * The exponential of the entropy of the singular values divided by their sum (Roy and Vetterli
   * 2007, EUSIPCO 606–610).
   */
  double effectiveRank() {
    double sum = Arrays.stream(values).sum();
    double entropy = 0;
    for (double value : values) {
      double share = value / sum;
      entropy -= share > 0 ? share * Math.log(share) : 0;
    }
    return Math.exp(entropy);
  }
}
