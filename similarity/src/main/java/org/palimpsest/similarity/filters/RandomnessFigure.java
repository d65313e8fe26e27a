package org.palimpsest.similarity.filters;

/**
 * One test of one layer.
 *
 * @param question what it asks
 * @param statistic its name, in snake case
 * @param value the figure
 * @param low the lower end of what random filters give in 95 of 100 cases
 * @param high the upper end of the same
 * @param p the p-value, two-sided where either direction speaks against randomness
 * @param correctedP the p-value after Holm's correction for the number of layers that this test was
 *     made on
 * @param n the number of weights behind it
 */
public record RandomnessFigure(
    RandomnessQuestion question,
    String statistic,
    double value,
    double low,
    double high,
    double p,
    double correctedP,
    long n) {

  RandomnessFigure withCorrectedP(double corrected) {
    return new RandomnessFigure(question, statistic, value, low, high, p, corrected, n);
  }
}
