package org.palimpsest.similarity.output;

import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.Score;

/**
 * The mean over positions of the Jensen-Shannon divergence, in bits, between the class
 * probabilities of two segmentation networks: (KL(P|M) + KL(Q|M)) / 2 with M = (P + Q) / 2.
 *
 * <p>Rows are positions, columns classes; one column is the foreground of a binary mask. It is a
 * distance from 0 to 1 bit, and symmetric. Other than {@link Disagreement} it sees how sure the
 * networks are.
 *
 * <p>Layers of different numbers of classes are refused; so are, where the scale says that they are
 * probabilities, numbers that are none or do not sum to 1. Intervals are refused. Cost: n c for
 * each layer once and for a pair, with n positions and c classes.
 *
 * <p>Its root is a metric; a difference of calibration alone, such as logits that are all doubled,
 * is seen by this measure and by no other of the three.
 *
 * @param scale what the numbers of the last layer are
 * @see <a href="https://doi.org/10.1109/18.61115">Lin 1991, Divergence measures based on the
 *     Shannon entropy</a>
 */
public record JensenShannon(OutputScale scale) implements DelegatingMeasure {

  private static final double LOG_2 = Math.log(2);

  /** Of logits. */
  public static JensenShannon withDefaults() {
    return new JensenShannon(OutputScale.LOGITS);
  }

  /** With the numbers of the last layer taken as logits or as probabilities. */
  public JensenShannon withScale(OutputScale other) {
    return new JensenShannon(other);
  }

  @Override
  public String name() {
    return PredictionComputation.nameFrom("jensen_shannon", scale);
  }

  @Override
  public MeasureProperties properties() {
    return PredictionComputation.propertiesOf(
        scale,
        "Mean divergence of two networks' class probabilities, in bits.",
        Direction.DISTANCE,
        "Lin 1991, Divergence measures based on the Shannon entropy",
        false);
  }

  @Override
  public Computation<?> computation() {
    return new PredictionComputation(scale, this::score);
  }

  private Score score(PredictedClasses a, PredictedClasses b) {
    double sum = 0;
    for (int i = 0; i < a.positions(); i++) {
      for (int c = 0; c < a.classes(); c++) {
        double p = a.probability(i, c);
        double q = b.probability(i, c);
        sum += (part(p, q) + part(q, p)) / 2;
      }
    }
    double bits = sum / a.positions() / LOG_2;
    return Score.of(Math.max(0, Math.min(1, bits)), properties(), Diagnostics.of(a.positions()));
  }

  /** p log(p / m), m the mean of p and q. */
  private static double part(double p, double q) {
    return p == 0 ? 0 : p * Math.log(2 * p / (p + q));
  }
}
