package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.GainInteraction;
import org.palimpsest.similarity.statistics.GainInteraction.Cell;

/** Gains are large only when the task is hard and images are few: the wording of the journal. */
final class BetterOnlyWhenHardAndFew extends Claim {

  /** A gain below this counts as none. */
  private static final double NONE = 0.02;

  private static final double EFFECT = 0.04;

  @Override
  public String number() {
    return "2′";
  }

  @Override
  public String key() {
    return "only-hard-and-few";
  }

  @Override
  public String statement() {
    return "Transfer improves the result only when the task is hard and training images are few";
  }

  @Override
  public String judged() {
    return "The claim holds if the gain in Dice with a hard task and few images is above 0, and each"
        + " of the other three gains below 0.02. It does not hold if one of the others is above"
        + " 0.02 or the first below 0 (with a correction for four figures). This is the wording of"
        + " the journal (\"large improvements only when\").";
  }

  @Override
  public String needs() {
    return new BetterWhenHardAndFew().needs();
  }

  @Override
  Finding judge(Observations observations) {
    HardAndFew cells = HardAndFew.of(observations);
    if (!cells.missing().isEmpty()) {
      return Finding.missing(this, cells.missing());
    }
    GainInteraction design = cells.design();
    List<Evidence> evidence = new ArrayList<>();
    for (Cell cell : Cell.values()) {
      Estimate gain = design.gain(cell, GainInteraction.Scale.SCORE);
      String what = "gain in Dice (%s)".formatted(HardAndFew.words(cell));
      Evidence one =
          cell == Cell.HARD_FEW
              ? Evidence.above(Quantity.GAIN, what, gain, 0, Scale.PLAIN)
                  .needing(gain, EFFECT, "a gain of 0.04")
              : Evidence.below(Quantity.GAIN, what, gain, NONE, Scale.PLAIN)
                  .needing(gain, NONE, "no gain");
      evidence.add(one.of(HardAndFew.words(cell)));
    }
    return Finding.of(this, design.isOnlyWhenHardAndFew(NONE), evidence)
        .with(cells.table())
        .covering(Captions.varying(cells.sources()), Captions.fixedOfScores(cells.sources()))
        .withCaveats(Captions.ofFew(evidence))
        .withCaveats(BetterWhenHardAndFew.pairing(cells))
        .withCaveats(cells.caveats())
        .withCaveats(
            List.of(
                "That three gains are all small takes many networks to show: at a spread of 0.03"
                    + " in Dice more than ten in each group."));
  }
}
