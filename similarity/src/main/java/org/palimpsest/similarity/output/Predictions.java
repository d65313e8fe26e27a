package org.palimpsest.similarity.output;

import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/**
 * Measures of the predictions of two segmentation networks, from their last layers: rows are
 * positions, columns are classes.
 *
 * <p>Measures of equal settings are equal; {@code name()} is what {@code Measures.parse} reads.
 */
public final class Predictions {

  private Predictions() {}

  /**
   * The Dice overlap 2|A ∩ B| / (|A| + |B|) of two predicted segmentations over all positions,
   * averaged over the classes but the first, the background, that either network predicts anywhere.
   *
   * <p>Rows are positions, columns classes; one column is the foreground of a binary mask. It is a
   * similarity from 0 to 1 without a unit, and symmetric. If neither predicts any foreground the
   * value is 1, and the score says so.
   *
   * <p>Layers of different numbers of classes are refused; so are, where the scale says that they
   * are probabilities, numbers that are none or do not sum to 1. Intervals are refused. Cost: n c
   * for each layer once, n c for a pair, with n positions and c classes.
   *
   * <p>It compares two networks with each other, not with the truth: two that make the same
   * mistakes have 1. Beside the Dice of each with the truth it tells whether networks of different
   * starts come to the same function.
   *
   * <pre>{@code
   * Score score = Predictions.dice().compare(logitsOfA, logitsOfB); // rows are positions
   * }</pre>
   *
   * @param scale what the numbers of the last layer are
   * @see <a href="https://doi.org/10.2307/1932409">Dice 1945</a>
   */
  public static Measure<Prepared> dice(Scale scale) {
    return new PredictionDice(scale);
  }

  /** Dice of logits, see {@link #dice(Scale)}. */
  public static Measure<Prepared> dice() {
    return new PredictionDice(Scale.LOGITS);
  }

  /**
   * The share of positions at which two segmentation networks predict different classes.
   *
   * <p>Rows are positions, columns classes; one column is the foreground of a binary mask. It is a
   * distance from 0 to 1 without a unit, and symmetric. Only the most probable class of each
   * position counts, the first of equals.
   *
   * <p>Layers of different numbers of classes are refused; so are, where the scale says that they
   * are probabilities, numbers that are none or do not sum to 1. Intervals are refused. Cost: n c
   * for each layer once, n for a pair, with n positions and c classes.
   *
   * <p>Most positions of a medical image are background on which all networks agree, so that small
   * values are the rule; {@link #dice()} looks at the foreground alone. Two networks of accuracy a
   * disagree at most at 2(1 − a) of the positions, which a reader should have at hand.
   *
   * <pre>{@code
   * Score score = Predictions.disagreement(Scale.PROBABILITIES).compare(before, after);
   * double pixels = score.value() * score.diagnostics().samples();
   * }</pre>
   *
   * @param scale what the numbers of the last layer are
   * @see "Madani et al. 2004, Co-validation"
   * @see <a href="https://arxiv.org/abs/2408.00531">Klabunde et al. 2024, ReSi</a>
   */
  public static Measure<Prepared> disagreement(Scale scale) {
    return new Disagreement(scale);
  }

  /** Disagreement of logits, see {@link #disagreement(Scale)}. */
  public static Measure<Prepared> disagreement() {
    return new Disagreement(Scale.LOGITS);
  }

  /**
   * The mean over positions of the Jensen-Shannon divergence, in bits, between the class
   * probabilities of two segmentation networks: (KL(P|M) + KL(Q|M)) / 2 with M = (P + Q) / 2.
   *
   * <p>Rows are positions, columns classes; one column is the foreground of a binary mask. It is a
   * distance from 0 to 1 bit, and symmetric. Other than {@link #disagreement()} it sees how sure
   * the networks are.
   *
   * <p>Layers of different numbers of classes are refused; so are, where the scale says that they
   * are probabilities, numbers that are none or do not sum to 1. Intervals are refused. Cost: n c
   * for each layer once and for a pair, with n positions and c classes.
   *
   * <p>Its root is a metric; a difference of calibration alone, such as logits that are all
   * doubled, is seen by this measure and by no other of the three.
   *
   * @param scale what the numbers of the last layer are
   * @see <a href="https://doi.org/10.1109/18.61115">Lin 1991, Divergence measures based on the
   *     Shannon entropy</a>
   */
  public static Measure<Prepared> jensenShannon(Scale scale) {
    return new JensenShannon(scale);
  }

  /** Divergence of logits, see {@link #jensenShannon(Scale)}. */
  public static Measure<Prepared> jensenShannon() {
    return new JensenShannon(Scale.LOGITS);
  }

  /**
   * What the numbers of a last layer are. A network file tells neither, so that whoever compares
   * predictions has to: logits given as probabilities are noticed and refused where they lie
   * outside [0, 1], probabilities given as logits are not, and make every prediction uncertain.
   */
  public enum Scale {
    /**
     * Any numbers: one column is turned into the probability of the foreground by the logistic
     * function, several into probabilities of classes by softmax.
     */
    LOGITS("logits"),
    /** Probabilities already: one column of the foreground, or one for each class, of sum 1. */
    PROBABILITIES("probabilities");

    private final String label;

    Scale(String label) {
      this.label = label;
    }

    /** Its name on the command line. */
    public String label() {
      return label;
    }
  }

  private record PredictionDice(Scale scale) implements DelegatingMeasure {

    @Override
    public String name() {
      return PredictionComputation.nameFrom("prediction_dice", scale);
    }

    @Override
    public MeasureProperties properties() {
      return PredictionComputation.propertiesOf(
          scale,
          "Overlap of two predicted segmentations.",
          Direction.SIMILARITY,
          "Dice 1945, Measures of the amount of ecologic association between species",
          true);
    }

    @Override
    public Computation<?> computation() {
      return new PredictionComputation(scale, this::score);
    }

    private Score score(PredictedClasses a, PredictedClasses b) {
      Diagnostics diagnostics = Diagnostics.of(a.positions());
      double sum = 0;
      int predicted = 0;
      for (int c = 1; c < a.classes(); c++) {
        long ofEither = count(a, c) + count(b, c);
        if (ofEither > 0) {
          sum += 2.0 * common(a, b, c) / ofEither;
          predicted++;
        }
      }
      if (predicted == 0) {
        return Score.of(
            1,
            properties(),
            diagnostics.withWarning(
                "Neither layer '%s' nor layer '%s' predicts any foreground."
                    .formatted(a.info().layer(), b.info().layer())));
      }
      return Score.of(sum / predicted, properties(), diagnostics);
    }

    private static long count(PredictedClasses predictions, int ofClass) {
      long count = 0;
      for (int i = 0; i < predictions.positions(); i++) {
        count += predictions.label(i) == ofClass ? 1 : 0;
      }
      return count;
    }

    private static long common(PredictedClasses a, PredictedClasses b, int ofClass) {
      long count = 0;
      for (int i = 0; i < a.positions(); i++) {
        count += a.label(i) == ofClass && b.label(i) == ofClass ? 1 : 0;
      }
      return count;
    }
  }

  private record Disagreement(Scale scale) implements DelegatingMeasure {

    @Override
    public String name() {
      return PredictionComputation.nameFrom("disagreement", scale);
    }

    @Override
    public MeasureProperties properties() {
      return PredictionComputation.propertiesOf(
          scale,
          "Share of positions at which two networks predict different classes.",
          Direction.DISTANCE,
          "Madani et al. 2004, Co-validation; Klabunde et al. 2024, ReSi",
          true);
    }

    @Override
    public Computation<?> computation() {
      return new PredictionComputation(scale, this::score);
    }

    private Score score(PredictedClasses a, PredictedClasses b) {
      long different = 0;
      for (int i = 0; i < a.positions(); i++) {
        different += a.label(i) == b.label(i) ? 0 : 1;
      }
      return Score.of(
          (double) different / a.positions(), properties(), Diagnostics.of(a.positions()));
    }
  }

  private record JensenShannon(Scale scale) implements DelegatingMeasure {

    private static final double LOG_2 = Math.log(2);

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
}
