package org.palimpsest.similarity.internal.statistics;

import java.util.Arrays;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.internal.intervals.Variances;
import org.palimpsest.similarity.statistics.Estimate.CensoredValue;

/**
 * The scores of a network (such as Dice on held-out images) at the checkpoints of its training.
 *
 * @param steps ascending; the first may be 0
 * @param scores as many; higher is better
 */
public record LearningCurve(List<Double> steps, List<Double> scores) {

  private static final int LAST = 3;

  /**
   * @throws PalimpsestException if the steps do not ascend, numbers are not finite, or fewer than
   *     three checkpoints are given
   */
  public LearningCurve {
    steps = List.copyOf(steps);
    scores = List.copyOf(scores);
    if (steps.size() != scores.size() || steps.size() < LAST) {
      throw new PalimpsestException(
          "A learning curve takes a score for each of at least %s checkpoints; given were %s steps and %s scores."
              .formatted(LAST, steps.size(), scores.size()));
    }
    Variances.requireFinite("Scores of a curve", array(scores));
    double before = -1;
    for (double step : Variances.requireFinite("Steps of a curve", array(steps))) {
      if (step < 0 || step <= before) {
        throw new PalimpsestException(
            "The steps of a learning curve ascend from 0 or above; after %s comes %s."
                .formatted(before, step));
      }
      before = step;
    }
  }

  /** A curve from arrays. */
  public static LearningCurve of(double[] steps, double[] scores) {
    return new LearningCurve(
        Arrays.stream(steps).boxed().toList(), Arrays.stream(scores).boxed().toList());
  }

  /** The mean of the last three scores. */
  public double plateau() {
    return Variances.mean(array(scores.subList(scores.size() - LAST, scores.size())));
  }

  /**
   * Where the isotonic fit reaches a goal, in log₂ steps: linear between checkpoints in (log₂ step,
   * score). Known by bounds alone if it is reached at or before the first checkpoint after step 0,
   * or never. O(n).
   *
   * @param goal in the unit of the scores
   * @throws PalimpsestException if the goal is no number
   */
  public CensoredValue log2StepTo(double goal) {
    if (Double.isNaN(goal)) {
      throw new PalimpsestException("A goal of a learning curve is a score, not NaN.");
    }
    double[] fit = IsotonicRegression.fit(array(scores));
    int first = steps.get(0) > 0 ? 0 : 1;
    if (fit[first] >= goal) {
      return CensoredValue.atMost(log2(first));
    }
    for (int i = first + 1; i < fit.length; i++) {
      if (fit[i] >= goal) {
        double share = (goal - fit[i - 1]) / (fit[i] - fit[i - 1]);
        return CensoredValue.exactly(log2(i - 1) + share * (log2(i) - log2(i - 1)));
      }
    }
    return CensoredValue.atLeast(log2(fit.length - 1));
  }

  private double log2(int checkpoint) {
    return Math.log(steps.get(checkpoint)) / Math.log(2);
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /**
   * The non-decreasing sequence nearest to a given one in least squares, by pooling adjacent
   * violators (Ayer et al. 1955, doi:10.1214/aoms/1177728423): neighbours out of order are replaced
   * by their mean until none is. O(n).
   */
  static final class IsotonicRegression {

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
}
