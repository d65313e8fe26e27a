package org.palimpsest.similarity.uncertainty;

/**
 * What a score would be if the samples of one layer had nothing to do with those of the other.
 *
 * @param value the score of the data as they are
 * @param nullMean the mean score over permutations
 * @param nullDeviation their standard deviation
 * @param pValue the share of permutations (with the data as they are) at least as alike
 * @param calibrated (value − nullMean) / (best − nullMean): 0 for unrelated layers, 1 for the best
 *     value that the measure knows
 * @param probes the number of units that changed places
 * @param permutations how many times they did
 * @param seed of the permutations
 */
public record Baseline(
    double value,
    double nullMean,
    double nullDeviation,
    double pValue,
    double calibrated,
    long probes,
    int permutations,
    long seed) {}
