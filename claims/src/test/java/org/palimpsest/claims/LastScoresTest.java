package org.palimpsest.claims;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.io.runs.RunsFolder;

class LastScoresTest extends SimulatedRuns {

  private static final Map<Long, Double> WHOLE = Map.of(0L, 0.1, 50L, 0.5, 100L, 0.6);
  private static final Map<Long, Double> STOPPED = Map.of(0L, 0.1, 50L, 0.5);

  @TempDir private Path folder;

  private void addCells(Map<Long, Double> ofOne) {
    for (String difficulty : List.of("hard", "easy")) {
      for (String images : List.of("few", "many")) {
        for (int seed = 0; seed < 3; seed++) {
          String name = "_%s_%s/seed%s".formatted(difficulty, images, seed);
          boolean isOne = name.equals("_hard_few/seed1");
          add("random" + name, role("random", difficulty, images), isOne ? ofOne : WHOLE);
          add("transfer" + name, role("source", difficulty, images), WHOLE);
        }
      }
    }
  }

  @Test
  void aRunThatWasStoppedIsNamedWithItsStepWhereItsScoreIsCompared() {
    addCells(STOPPED);

    String told =
        "are not of the same steps (hard, few images): transfer_hard_few/seed0, transfer_hard_few/seed1,"
            + " transfer_hard_few/seed2, random_hard_few/seed0, random_hard_few/seed2 at step 100;"
            + " random_hard_few/seed1 at step 50.";
    for (Claim claim : List.of(new BetterWhenHardAndFew(), new HardAndFew.OnlyWhen())) {
      assertThat(claim.judge(observed()).caveats())
          .filteredOn(caveat -> caveat.contains("same steps"))
          .singleElement()
          .asString()
          .contains(told);
    }
    assertThat(LastScores.in(observed())).singleElement().asString().contains(told);
  }

  @Test
  void scoresOfTheSameStepsNeedNoWord() {
    addCells(WHOLE);

    assertThat(LastScores.in(observed())).isEmpty();
    assertThat(String.join(" ", new BetterWhenHardAndFew().judge(observed()).caveats()))
        .doesNotContain("steps");
  }

  @Test
  void meansOverDifferentStepsAreNamedThoughTheyEndTogether() {
    addArms(3);
    Map<Long, Double> dense = new TreeMap<>(WHOLE);
    for (long step = 1; step <= 2048; step++) {
      dense.put(step, 0.5);
    }
    add("random/dense", role("random"), dense);

    assertThat(new FasterTraining().judge(observed()).caveats())
        .anySatisfy(
            caveat ->
                assertThat(caveat)
                    .contains("at steps 512, 1024, 2048 (their mean)")
                    .contains("random/dense at steps 2046, 2047, 2048 (their mean)"));
  }

  @Test
  void aFrozenNetworkIsNotComparedWithALongerOneWithoutAWord() {
    for (int i = 0; i < 3; i++) {
      add("random/" + i, role("random"), WHOLE);
      add("frozen/" + i, with(role("random"), "encoder", false), i == 0 ? STOPPED : WHOLE);
      add("floor/" + i, with(role("random"), "", true), WHOLE);
    }

    assertThat(new FrozenEncoderIsAccurate().judge(observed()).caveats())
        .anyMatch(caveat -> caveat.contains("frozen/0 at step 50;"));
  }

  @Test
  void aRunWithTooFewScoresForACurveIsNamed() {
    addArms(3);
    add("random/short", role("random"), STOPPED);

    assertThat(new FasterTraining().judge(observed()).caveats())
        .anyMatch(caveat -> caveat.contains("there is no curve: random/short counts"));
  }

  /** The log of a run may end before its last checkpoint, behind it, at step 0 or be empty. */
  @Test
  void whatLogsDoNotHoldIsToldOfWholeFolders() throws IOException {
    LaidRuns laid = new LaidRuns(folder.resolve("runs"), 2);
    String whole = "[{\"step\": 0, \"dsc\": 0.1}, {\"step\": 100, \"dsc\": 0.6}]";
    for (int seed = 0; seed < 3; seed++) {
      write(laid, "random/seed" + seed, whole);
      write(laid, "transfer/seed" + seed, whole);
    }
    write(laid, "random/seed0", "[{\"step\": 0, \"dsc\": 0.1}]");
    write(laid, "random/seed1", "[]");
    write(laid, "transfer/seed2", whole.replace("100", "200"));

    Assessment assessment = Assessor.of(RunsFolder.open(laid.root())).assess(folder.resolve("out"));

    assertThat(assessment.notes())
        .anyMatch(
            note ->
                note.endsWith(
                    "different steps: transfer/seed2 score of step 200, checkpoint of step 100. Figures of scores and those of weights and representations are then of different networks."))
        .anyMatch(
            note ->
                note.endsWith(
                    "no score after step 0: random/seed0 (a score of step 0 alone); random/seed1 (no score)."));
    assertThat(assessment.facts().get("Scored by logs"))
        .isEqualTo("random/seed2, transfer/seed0 to seed2 (3 runs)");
  }

  private static void write(LaidRuns laid, String run, String log) throws IOException {
    Files.writeString(laid.root().resolve(run).resolve("log.json"), log);
  }
}
