package org.palimpsest.similarity.internal.statistics;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.internal.intervals.Variances;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.WelchContrast;

/**
 * Whether transfer gains more where the task is hard and images are few: gains D = T − R of a score
 * such as Dice in the four cells of hard or easy × few or many.
 *
 * <p>All estimates are contrasts over networks ({@link WelchContrast}); inside the seed where a
 * design pairs them. The same gain is not the same on another scale: an equal gain of 0.2 on the
 * logit of Dice from 0.55, 0.70, 0.85 and 0.93 makes the first contrast 0.024 on Dice. So both are
 * given, and if their signs differ nothing can be told.
 */
public final class GainInteraction {

  /** A cell of the design. */
  public enum Cell {
    HARD_FEW,
    HARD_MANY,
    EASY_FEW,
    EASY_MANY
  }

  /** The scale on which gains are differences. */
  public enum Scale {
    /** The score itself. */
    SCORE,
    /** log(p/(1 − p)) of a score between 0 and 1. */
    LOGIT;

    private double of(double score) {
      return this == LOGIT ? Estimate.logit(score) : score;
    }
  }

  private enum Shared {
    NOT,
    IN_CELLS,
    OVER_CELLS
  }

  private record Scores(List<Double> transferred, List<Double> random) {

    double[] of(boolean ofTransferred, Scale scale) {
      return (ofTransferred ? transferred : random)
          .stream().mapToDouble(Double::doubleValue).map(scale::of).toArray();
    }

    boolean haveLogits() {
      return List.of(transferred, random).stream()
          .allMatch(arm -> arm.stream().allMatch(s -> s > 0 && s < 1));
    }
  }

  private final Map<Cell, Scores> cells;
  private final Shared seeds;

  private GainInteraction(Map<Cell, Scores> cells, Shared seeds) {
    this.cells = cells;
    this.seeds = seeds;
  }

  /** A design without scores yet. */
  public static GainInteraction empty() {
    return new GainInteraction(new EnumMap<>(Cell.class), Shared.NOT);
  }

  /**
   * With the scores of a cell, at the plateau.
   *
   * @param transferred one per network that started from a source
   * @param random one per network that started from random weights
   */
  public GainInteraction with(Cell cell, double[] transferred, double[] random) {
    Map<Cell, Scores> more = new EnumMap<>(cells);
    more.put(cell, new Scores(list(transferred), list(random)));
    return new GainInteraction(more, seeds);
  }

  private static List<Double> list(double... scores) {
    return Arrays.stream(Variances.requireFinite("Scores of networks", scores)).boxed().toList();
  }

  /**
   * The i-th transferred and the i-th random network of a cell share a seed: its training images
   * and their order. Networks of different cells do not. A cell's gain is then the mean of
   * differences inside its seeds.
   */
  public GainInteraction inSeed() {
    return new GainInteraction(cells, Shared.IN_CELLS);
  }

  /**
   * The i-th networks of all cells share a seed, as when the few images are some of the many. A
   * contrast is then taken inside the seed as a whole, with n − 1 degrees of freedom.
   */
  public GainInteraction inSeedOverCells() {
    return new GainInteraction(cells, Shared.OVER_CELLS);
  }

  /** The gain in one cell. */
  public Estimate gain(Cell cell, Scale scale) {
    return contrast(scale, Map.of(cell, 1.0));
  }

  /** D(hard, few) minus the mean of the other three. */
  public Estimate aheadOfOthers(Scale scale) {
    double third = -1.0 / 3;
    return contrast(
        scale,
        Map.of(
            Cell.HARD_FEW, 1.0,
            Cell.HARD_MANY, third,
            Cell.EASY_FEW, third,
            Cell.EASY_MANY, third));
  }

  /** D(hard, few) − D(hard, many) − D(easy, few) + D(easy, many). */
  public Estimate interaction(Scale scale) {
    return contrast(
        scale,
        Map.of(
            Cell.HARD_FEW, 1.0,
            Cell.HARD_MANY, -1.0,
            Cell.EASY_FEW, -1.0,
            Cell.EASY_MANY, 1.0));
  }

  /**
   * The claim that gains are larger when the task is hard and images are few: D(hard, few) is above
   * 0 and above the mean of the other three. Judged on the score; cannot be told if the sign of the
   * second is another one on the logit, or if there is no logit since a score is 0 or 1.
   */
  public Judgement isLargerWhenHardAndFew() {
    Estimate ahead = aheadOfOthers(Scale.SCORE);
    Estimate onLogit = aheadOfOthers(Scale.LOGIT);
    if (ahead.point().isPresent() && onLogit.point().isEmpty()) {
      return Judgement.undecided(
          "Whether it depends on the scale cannot be told: a score of 0 or 1 has no logit.");
    }
    boolean differ =
        ahead.point().isPresent()
            && onLogit.point().isPresent()
            && ahead.point().getAsDouble() * onLogit.point().getAsDouble() < 0;
    return differ
        ? Judgement.undecided(
            String.format(
                Locale.ROOT,
                "It depends on the scale: of the score hard and few is %.3f ahead of the others, of its logit %.3f.",
                ahead.point().getAsDouble(),
                onLogit.point().getAsDouble()))
        : Judgement.allOf(
            List.of(
                Judgement.above(ahead, 0), Judgement.above(gain(Cell.HARD_FEW, Scale.SCORE), 0)));
  }

  /**
   * The claim that transfer gains only when the task is hard and images are few: D(hard, few) is
   * above 0 and each other gain below what counts as none.
   *
   * @param none the margin, such as 0.02
   */
  public Judgement isOnlyWhenHardAndFew(double none) {
    return Judgement.allOf(
        List.of(
            Judgement.above(gain(Cell.HARD_FEW, Scale.SCORE), 0),
            Judgement.below(gain(Cell.HARD_MANY, Scale.SCORE), none),
            Judgement.below(gain(Cell.EASY_FEW, Scale.SCORE), none),
            Judgement.below(gain(Cell.EASY_MANY, Scale.SCORE), none)));
  }

  private Estimate contrast(Scale scale, Map<Cell, Double> weights) {
    WelchContrast contrast = WelchContrast.of(0);
    for (Map.Entry<Cell, Double> entry : new EnumMap<>(weights).entrySet()) {
      Scores scores = cells.get(entry.getKey());
      if (scores == null) {
        throw new PalimpsestException(
            "There are no scores of the cell %s.".formatted(entry.getKey()));
      }
      if (scale == Scale.LOGIT && !scores.haveLogits()) {
        return Estimate.Refused.of(
            Double.NaN,
            Math.min(scores.transferred.size(), scores.random.size()),
            "A score of 0 or 1, or beyond, has no logit.");
      }
      double weight = entry.getValue();
      double[] transferred = scores.of(true, scale);
      double[] random = scores.of(false, scale);
      contrast =
          seeds == Shared.NOT
              ? contrast.plus(weight, transferred).plus(-weight, random)
              : contrast.plus(weight, differences(transferred, random));
    }
    return (seeds == Shared.OVER_CELLS ? contrast.inSeed() : contrast).estimate();
  }

  private static double[] differences(double[] transferred, double[] random) {
    if (transferred.length != random.length) {
      throw new PalimpsestException(
          "Networks that share seeds come in pairs; of a cell there are %s transferred and %s random ones."
              .formatted(transferred.length, random.length));
    }
    double[] differences = transferred.clone();
    for (int i = 0; i < differences.length; i++) {
      differences[i] -= random[i];
    }
    return differences;
  }
}
