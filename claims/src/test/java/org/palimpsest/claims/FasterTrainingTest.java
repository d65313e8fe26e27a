package org.palimpsest.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.palimpsest.claims.AssessmentPage.Sentences;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/** Whether transfer makes training faster, of curves that are known. */
class FasterTrainingTest extends SimulatedRuns {

  @Test
  void transferThatHalvesTheStepsIsOneDoublingFaster() {
    addArms(6);

    Finding finding = new FasterTraining().judge(observed());

    assertThat(finding.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(finding.deciding().get(0).value().orElseThrow()).isCloseTo(1, within(0.15));
    assertThat(finding.curves()).hasSize(12);
    assertThat(finding.wouldTell()).isEmpty();
  }

  @Test
  void threeRunsThatReachAGoalBeforeTheirFirstScoreCannotTellAndItIsSaidWhatWould() {
    for (int i = 0; i < 3; i++) {
      add("transfer/" + i, role("source"), new TreeMap<>(Map.of(25L, 0.5, 50L, 0.6, 100L, 0.7)));
      add("random/" + i, role("random"), new TreeMap<>(Map.of(25L, 0.0, 50L, 0.5, 100L, 0.7)));
    }

    Finding finding = new FasterTraining().judge(observed());

    assertThat(finding.verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(String.join(" ", finding.wouldTell()))
        .contains("at least 4 networks")
        .contains("log scores at earlier steps");
  }

  @Test
  void aGoalThatIsReachedBetweenTheStartAndTheFirstStepAsksForScoresBetween() {
    for (int i = 0; i < 3; i++) {
      add(
          "transfer/" + i,
          role("source"),
          new TreeMap<>(Map.of(0L, i == 0 ? 0.6 : 0.1, 25L, 0.6, 50L, 0.65, 100L, 0.7)));
      add(
          "random/" + i,
          role("random"),
          new TreeMap<>(Map.of(0L, 0.0, 25L, 0.0, 50L, 0.5, 100L, 0.7)));
    }

    Finding finding = new FasterTraining().judge(observed());

    assertThat(String.join(" ", finding.wouldTell()))
        .contains("2 runs reach the first goal between step 0 and step 25: log scores between")
        .contains("1 run reaches the first goal (Dice 0.20) at step 0 already")
        .doesNotContain("first score");
    assertThat(FindingPictures.CurveDrawing.of("p", finding.curves()))
        .contains(">0</text>")
        .contains("points=\"40.0,");
  }

  @Test
  void curvesWithoutAStartBeginAtTheirFirstStep() {
    Finding.Curve curve =
        new Finding.Curve("p", "random", "r", new TreeMap<>(Map.of(25L, 0.1, 50L, 0.2, 100L, 0.3)));

    assertThat(FindingPictures.CurveDrawing.of("p", List.of(curve)))
        .contains("points=\"40.0,")
        .contains(">25</text>")
        .doesNotContain(">0</text>");
  }

  @Test
  void randomNetworksThatLearnNothingLeaveNoLevelToReach() {
    addLearners(Map.of(0L, 0.0, 25L, 0.0, 50L, 0.0, 100L, 0.0));

    Finding finding = new FasterTraining().judge(observed());

    assertThat(finding.verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(finding.missing()).isEmpty();
    assertThat(finding.tables())
        .singleElement()
        .extracting(Finding.Table::header)
        .isEqualTo(List.of("network", "Dice at the end"));
    assertThat(finding.evidence()).hasSize(1);
    assertThat(finding.curves()).hasSize(8);
    assertThat(finding.wouldTell())
        .singleElement()
        .asString()
        .contains("Networks from random weights have Dice 0 in the end, so there is no level");
  }

  @Test
  void aLevelThatIsNotAboveTheStartOrTheFloorIsNoLevel() {
    addLearners(Map.of(0L, 0.3, 25L, 0.3, 50L, 0.3, 100L, 0.29));
    assertThat(String.join(" ", new FasterTraining().judge(observed()).wouldTell()))
        .contains("have Dice 0.30 in the end and at the start 0.30, so there is no level");

    runs.clear();
    addLearners(Map.of(0L, 0.0, 25L, 0.4, 50L, 0.4, 100L, 0.4));
    assertThat(new FasterTraining().judge(observed()).tables().get(0).header()).hasSize(5);
    add("floor/0", with(role("random"), "", true), Map.of(100L, 0.41));
    assertThat(String.join(" ", new FasterTraining().judge(observed()).wouldTell()))
        .contains("and those of the floor 0.41, so there is no level")
        .contains("Train them longer");
    runs.clear();
    addLearners(Map.of(0L, 0.0, 25L, 0.5, 50L, 0.4, 75L, 0.4, 100L, 0.4));
    add("floor/0", with(role("random"), "", true), Map.of(100L, 0.41));
    assertThat(String.join(" ", new FasterTraining().judge(observed()).wouldTell()))
        .contains("On their way they had 0.50 and lost it again: they overfit")
        .doesNotContain("Train them longer");
  }

  @Test
  void aTransferredArmThatIsBadAsAWholeIsToldToReachNoGoal() {
    for (int i = 0; i < 4; i++) {
      add("transfer/" + i, role("source"), Map.of(4L, 0.0, 8L, 0.0, 16L, 0.0));
      add("random/" + i, role("random"), curve(20));
    }

    Finding finding = new FasterTraining().judge(observed());

    assertThat(finding.verdict()).isNotEqualTo(Verdict.HOLDS);
    assertThat(finding.tables().get(0).rows()).hasSize(8);
    assertThat(finding.tables().get(0).rows().get(0)).contains("not by 16");
  }

  @Test
  void onlyConditionsThatCannotBeToldAreExplained() {
    Map<Long, Double> nothing = Map.of(0L, 0.3, 25L, 0.3, 50L, 0.3, 100L, 0.3);
    for (int i = 0; i < 4; i++) {
      add("te/" + i, role("source", "easy", "few"), Map.of(0L, 0.5, 4L, 0.7, 8L, 0.8, 16L, 0.8));
      add("re/" + i, role("random", "easy", "few"), curve(40));
      add("th/" + i, role("source", "hard", "few"), curve(20));
      add("rh/" + i, role("random", "hard", "few"), nothing);
    }

    Finding finding = new FasterTraining().judge(observed());

    assertThat(finding.deciding()).extracting(Evidence::verdict).contains(Verdict.HOLDS);
    assertThat(finding.wouldTell()).singleElement().asString().contains("(hard, few images)");
    assertThat(Sentences.headline(finding))
        .contains("Figures that decide: 1 as claimed, 1 cannot be told, each by itself.")
        .contains("so there is no level")
        .doesNotContain("not known");
  }

  @Test
  void whatHoldsAloneAndNotBesideTheOthersSaysWhatWouldTell() {
    Finding weak =
        Finding.of(
            new ReuseNotOnlyEarly(),
            new Judgement(0.02, 1, List.of()),
            List.of(
                Evidence.above(
                    Quantity.REUSE_OF_DEEPER_BLOCKS,
                    "figure",
                    new Estimate.Student(1, 0.4, 10, 5),
                    0,
                    Evidence.Scale.PLAIN)));
    Finding other =
        Finding.of(new Reuse.StrongerDeeper(), new Judgement(1, 1, List.of()), List.of());
    Assessment assessment =
        new Assessment(
            List.of(weak, other),
            Judgement.together(List.of(weak.judgement(), other.judgement()), 0.05),
            Map.of(),
            List.of(),
            List.of());

    assertThat(assessment.together().get(0)).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(assessment.wouldTell(0))
        .singleElement()
        .asString()
        .contains("p is 0.080, where at most 0.05", "More networks in each group", "figure: 1.0 (");
  }

  private void addLearners(Map<Long, Double> random) {
    for (int i = 0; i < 4; i++) {
      add("transfer/" + i, role("source"), curve(20));
      add("random/" + i, role("random"), random);
    }
  }
}
