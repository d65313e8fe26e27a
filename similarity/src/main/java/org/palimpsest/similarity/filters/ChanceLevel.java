package org.palimpsest.similarity.filters;

import java.util.Arrays;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * A mean over filters beside what filters that know nothing of each other give.
 *
 * @param observed the mean of the compared filters
 * @param mean of the simulated means
 * @param sd standard deviation of the simulated means
 * @param low the lower end of what chance gives in 95 of 100 cases
 * @param high the upper end of the same
 * @param z (observed − mean) / sd, turned so that more is nearer; 0 if chance never varies
 * @param p the probability of filters at least as near by chance: counted among the simulated
 *     means, or, where fewer than ten are as near, of Student's t
 * @param simulations how many pairs of filter sets were simulated
 */
public record ChanceLevel(
    double observed,
    double mean,
    double sd,
    double low,
    double high,
    double z,
    double p,
    int simulations) {

  private static final int FEWEST_COUNTED = 10;

  /**
   * @param sign 1 if larger values are nearer, −1 if smaller ones are
   */
  static ChanceLevel of(double observed, double[] simulated, int sign) {
    int count = simulated.length;
    double mean = Arrays.stream(simulated).average().orElseThrow();
    double squares = Arrays.stream(simulated).map(v -> (v - mean) * (v - mean)).sum();
    double sd = Math.sqrt(squares / (count - 1));
    TDistribution student = TDistribution.of(count - 1.0);
    double predictionSd = sd * Math.sqrt(1 + 1.0 / count);
    double reach = student.inverseCumulativeProbability(0.975) * predictionSd;
    long asNear = Arrays.stream(simulated).filter(v -> sign * v >= sign * observed).count();
    double z = sd == 0 ? 0 : sign * (observed - mean) / sd;
    double p =
        asNear >= FEWEST_COUNTED || sd == 0
            ? (asNear + 1.0) / (count + 1)
            : student.cumulativeProbability(-sign * (observed - mean) / predictionSd);
    return new ChanceLevel(observed, mean, sd, mean - reach, mean + reach, z, p, count);
  }
}
