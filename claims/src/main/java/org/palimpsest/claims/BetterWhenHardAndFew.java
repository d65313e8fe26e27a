package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.similarity.internal.statistics.GainInteraction;
import org.palimpsest.similarity.internal.statistics.GainInteraction.Cell;
import org.palimpsest.similarity.statistics.Estimate;

/** Gains are larger when the task is hard and images are few: the wording of the preprint. */
final class BetterWhenHardAndFew extends Claim {

  private static final double EFFECT = 0.04;

  @Override
  public String number() {
    return "2";
  }

  @Override
  public String key() {
    return "hard-and-few";
  }

  @Override
  public String statement() {
    return "Transfer improves the result more when the task is hard and training images are few";
  }

  @Override
  public String judged() {
    return "The gain of a condition is the Dice of transferred networks minus that of networks from"
        + " random weights. The claim holds if the gain with a hard task and few images is above"
        + " 0, and above the mean gain of the other three conditions. If that comparison has"
        + " another sign on the logit of Dice (on which 0.95 to 0.97 is as much as 0.60 to 0.72) it"
        + " cannot be told. This is the wording of the preprint (\"larger improvements when\").";
  }

  @Override
  public String needs() {
    return "scored runs from a source and from random weights in four conditions: hard or easy task,"
        + " few or many training images";
  }

  @Override
  Finding judge(Observations observations) {
    HardAndFew cells = HardAndFew.of(observations);
    if (!cells.missing().isEmpty()) {
      return Finding.missing(this, cells.missing());
    }
    GainInteraction design = cells.design();
    Estimate gain = design.gain(Cell.HARD_FEW, GainInteraction.Scale.SCORE);
    Estimate ahead = design.aheadOfOthers(GainInteraction.Scale.SCORE);
    List<Evidence> evidence = new ArrayList<>();
    evidence.add(
        above(
                Quantity.GAIN_AHEAD,
                "gain in Dice with a hard task and few images, minus the mean of the others",
                ahead)
            .needing(ahead, EFFECT, "a Dice of 0.04"));
    evidence.add(
        above(Quantity.GAIN, "gain in Dice with a hard task and few images", gain)
            .of(HardAndFew.words(Cell.HARD_FEW))
            .needing(gain, EFFECT, "a Dice of 0.04"));
    evidence.add(
        above(
                Quantity.GAIN_AHEAD_ON_LOGIT,
                "the same minus the mean of the others, on the logit of Dice",
                design.aheadOfOthers(GainInteraction.Scale.LOGIT))
            .beside());
    evidence.add(
        above(
                Quantity.GAIN_INTERACTION,
                "interaction of the gains in Dice, (hard, few) − (hard, many) − (easy, few) + (easy, many)",
                design.interaction(GainInteraction.Scale.SCORE))
            .beside());
    return Finding.of(this, design.isLargerWhenHardAndFew(), evidence)
        .with(cells.table())
        .covering(Captions.varying(cells.sources()), Captions.fixedOfScores(cells.sources()))
        .withCaveats(Captions.ofFew(evidence))
        .withCaveats(pairing(cells))
        .withCaveats(cells.caveats());
  }

  static List<String> pairing(HardAndFew cells) {
    return cells.arePaired()
        ? List.of("Runs of one \"pair\" are compared with each other, as the design pairs them.")
        : List.of();
  }

  private static Evidence above(Quantity quantity, String what, Estimate estimate) {
    return Evidence.above(quantity, what, estimate, 0, Scale.PLAIN);
  }
}
