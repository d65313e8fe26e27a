package org.palimpsest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.palimpsest.examples.Miniature.names;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.examples.TransferBenefit.Curves;
import org.palimpsest.examples.verdict.Finding;
import org.palimpsest.similarity.statistics.Verdict;

class TransferBenefitTest {

  private static final List<Long> CHECKPOINTS = List.of(0L, 10L, 20L, 40L, 80L, 320L);

  @Test
  void runsInMiniature(@TempDir Path folder) throws IOException {
    Path out = folder.resolve("out");
    Miniature.Outcome outcome =
        Miniature.run(new TransferBenefit(Miniature::ofThree), folder.resolve("networks"), out);

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("13 networks");
    assertThat(names(out))
        .containsExactlyInAnyOrder(
            "transfer-benefit.png",
            "transfer-benefit.svg",
            "conditions.csv",
            "verdicts.csv",
            "report.md",
            "report.html");
    assertThat(Files.readAllLines(out.resolve("conditions.csv"))).hasSize(3);
  }

  @Test
  void theStepThatCountsIsTheFirstNearTheFinalDice() {
    assertThat(TransferBenefit.stepsToNearly(curve(40, 0.8))).isEqualTo(40);
    assertThat(TransferBenefit.stepsToNearly(new TreeMap<>(Map.of(0L, 0.8, 320L, 0.8))))
        .isEqualTo(1);
  }

  @Test
  void fasterHoldsIfEveryConditionIsFaster() {
    assertThat(verdicts(curves(10, 40, 0.6, 0.5), curves(10, 80, 0.7, 0.7)).get(0))
        .isEqualTo(Verdict.HOLDS);
    assertThat(verdicts(curves(10, 40, 0.6, 0.5), curves(80, 10, 0.7, 0.7)).get(0))
        .isEqualTo(Verdict.DOES_NOT_HOLD);
    Curves mixed =
        new Curves(
            false,
            List.of(curve(10, 0.7), curve(80, 0.7), curve(20, 0.7)),
            List.of(curve(40, 0.7), curve(40, 0.7), curve(40, 0.7)));
    assertThat(verdicts(curves(10, 40, 0.6, 0.5), mixed).get(0)).isEqualTo(Verdict.CANNOT_BE_TOLD);
  }

  @Test
  void betterMustBeWhereTheClaimSaysAndNowhereElse() {
    assertThat(verdicts(curves(10, 40, 0.6, 0.5), curves(10, 40, 0.7, 0.7)).get(1))
        .isEqualTo(Verdict.HOLDS);
    assertThat(verdicts(curves(10, 40, 0.5, 0.5), curves(10, 40, 0.7, 0.7)).get(1))
        .isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(verdicts(curves(10, 40, 0.6, 0.5), curves(10, 40, 0.8, 0.7)).get(1))
        .isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(verdicts(curves(10, 40, 0.525, 0.5), curves(10, 40, 0.7, 0.7)).get(1))
        .isEqualTo(Verdict.CANNOT_BE_TOLD);
  }

  private static List<Verdict> verdicts(Curves hardAndFew, Curves other) {
    Curves first = new Curves(true, hardAndFew.transfer(), hardAndFew.random());
    return TransferBenefit.findings(Map.of("hard and few", first, "other", other)).stream()
        .map(Finding::verdict)
        .toList();
  }

  /** Three seeds that differ a little in their final Dice, and one of them in its speed. */
  private static Curves curves(
      long stepsTransfer, long stepsRandom, double diceTransfer, double diceRandom) {
    return new Curves(
        false,
        Stream.of(-0.004, 0.0, 0.004).map(d -> curve(stepsTransfer, diceTransfer + d)).toList(),
        Stream.of(stepsRandom, stepsRandom, later(stepsRandom))
            .map(steps -> curve(steps, diceRandom))
            .toList());
  }

  private static long later(long steps) {
    return CHECKPOINTS.get(CHECKPOINTS.indexOf(steps) + 1);
  }

  private static SortedMap<Long, Double> curve(long steps, double dice) {
    SortedMap<Long, Double> curve = new TreeMap<>();
    for (long step : CHECKPOINTS) {
      curve.put(step, step < steps ? 0.5 * dice : dice);
    }
    return curve;
  }
}
