package org.palimpsest.similarity.uncertainty;

/**
 * A bootstrap interval of a score.
 *
 * @param value the score of the data as they are
 * @param low the lower end
 * @param high the upper end
 * @param level the share of replicates within, such as 0.95
 * @param bias the mean of the replicates minus the value; where it is not small beside the
 *     interval, the estimator is biased at this number of samples (as that of biased CKA is)
 * @param probes the number of independent units drawn from
 * @param replicates how many times they were drawn
 * @param seed of the draws
 */
public record Interval(
    double value,
    double low,
    double high,
    double level,
    double bias,
    long probes,
    int replicates,
    long seed) {}
