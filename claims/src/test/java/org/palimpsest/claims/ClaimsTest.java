package org.palimpsest.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.io.runs.RunRole;
import org.palimpsest.similarity.statistics.ConfidenceInterval;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.KernelAuc;
import org.palimpsest.similarity.statistics.Verdict;

class ClaimsTest {

  private static final List<String> BLOCKS = List.of("enc1", "enc2", "enc3", "dec2", "dec1", "out");

  @TempDir private Path folder;

  private final SplittableRandom random = new SplittableRandom(5);
  private final List<ObservedRun> runs = new ArrayList<>();
  private final Map<RunPair, double[]> ends = new HashMap<>();
  private final Map<String, double[]> toStart = new HashMap<>();
  private final Map<String, List<LayerFate>> fates = new HashMap<>();

  private static RunRole role(String start, String difficulty, String images) {
    boolean source = start.startsWith("source");
    return new RunRole(
        Optional.of(source ? "source" : start),
        source ? Optional.of(start) : Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(difficulty).filter(word -> !word.isEmpty()),
        Optional.of(images).filter(word -> !word.isEmpty()),
        false,
        false,
        Optional.empty());
  }

  private static RunRole role(String start) {
    return role(start, "", "");
  }

  private void add(String name, RunRole role, Map<Long, Double> scores) {
    runs.add(ObservedRun.ofLog(name, role, new TreeMap<>(scores)));
  }

  /** Dice that reaches 0.8 in the long run, half of it at a step. */
  private Map<Long, Double> curve(double half) {
    Map<Long, Double> scores = new TreeMap<>(Map.of(0L, 0.0));
    for (long step = 4; step < 3000; step *= 2) {
      scores.put(step, 0.8 * (1 - Math.pow(2, -step / (half * (1 + noise(0.05))))));
    }
    return scores;
  }

  private double noise(double size) {
    return size * random.nextGaussian();
  }

  private Observations observed() {
    return new Observations(runs, BLOCKS, ends, toStart, fates, Map.of(), List.of());
  }

  /** Ends whose similarity is high within a source and low elsewhere. */
  private void addEnds(double withinTransferred, double withinRandom, double across, double reuse) {
    for (ObservedRun a : runs) {
      toStart.put(a.name(), blocks(a.role().isTransferred() ? reuse : 0.2));
      for (ObservedRun b : runs) {
        boolean source = a.name().startsWith("source") || b.name().startsWith("source");
        boolean transferred = a.role().isTransferred() || b.role().isTransferred();
        boolean both = a.role().isTransferred() && b.role().isTransferred();
        double mean = both ? withinTransferred : transferred ? across : withinRandom;
        ends.put(RunPair.of(a.name(), b.name()), blocks(source ? transferred ? reuse : 0.3 : mean));
      }
    }
  }

  private double[] blocks(double mean) {
    double[] blocks = new double[BLOCKS.size()];
    Arrays.setAll(blocks, i -> Math.min(0.999, mean + noise(0.02)));
    return blocks;
  }

  private void addArms(int networks) {
    for (int i = 0; i < networks; i++) {
      add("transfer/" + i, role("source"), curve(20));
      add("random/" + i, role("random"), curve(40));
    }
  }

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
        Finding.of(new ReuseStrongerDeeper(), new Judgement(1, 1, List.of()), List.of());
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

  @Test
  void claimsWithoutTheirRunsSayWhichAreMissing() {
    addArms(3);

    Observations observed = Observations.ofScores(runs);

    for (Claim claim : Claim.all()) {
      if (!claim.key().equals("faster")) {
        Finding finding = claim.judge(observed);
        assertThat(finding.verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
        assertThat(finding.missing()).as(claim.key()).isNotEmpty();
      }
    }
  }

  @Test
  void noRunsAtAllAreAskedFor() {
    Assessment assessment =
        Assessment.judged(Observations.ofScores(List.of()), Map.of(), List.of(), List.of());

    assertThat(assessment.together()).containsOnly(Verdict.CANNOT_BE_TOLD);
    assertThat(assessment.summary())
        .hasSize(Claim.all().size())
        .allMatch(l -> l.contains("takes") || l.contains("no scored runs"));
  }

  @Test
  void gainsInOneCellAloneHoldInBothWordings() {
    addCells(0.10, 0, 0, 0);

    assertThat(new BetterWhenHardAndFew().judge(observed()).verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(new BetterOnlyWhenHardAndFew().judge(observed()).verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void equalGainsAreNotOnlyThere() {
    addCells(0.10, 0.10, 0.10, 0.10);

    assertThat(new BetterOnlyWhenHardAndFew().judge(observed()).verdict())
        .isEqualTo(Verdict.DOES_NOT_HOLD);
  }

  private void addCells(double... gains) {
    String[][] cells = {{"hard", "6"}, {"hard", "48"}, {"easy", "6"}, {"easy", "48"}};
    for (int cell = 0; cell < cells.length; cell++) {
      for (int i = 0; i < 6; i++) {
        double base = 0.5 + 0.08 * cell;
        String name = cell + "/" + i;
        add(
            "transfer" + name,
            role("source", cells[cell][0], cells[cell][1]),
            Map.of(100L, base + gains[cell] + noise(0.005)));
        add(
            "random" + name,
            role("random", cells[cell][0], cells[cell][1]),
            Map.of(100L, base + noise(0.005)));
      }
    }
  }

  @Test
  void aFrozenEncoderIsMeasuredFromTheFloorToTheWhole() {
    for (int i = 0; i < 5; i++) {
      add("random/" + i, role("random"), Map.of(100L, 0.8 + noise(0.01)));
      add("frozen/" + i, with(role("random"), "encoder", false), Map.of(100L, 0.76 + noise(0.01)));
    }
    Finding without = new FrozenEncoderIsAccurate().judge(observed());
    for (int i = 0; i < 5; i++) {
      add("floor/" + i, with(role("random"), "", true), Map.of(100L, 0.4 + noise(0.01)));
    }
    Finding finding = new FrozenEncoderIsAccurate().judge(observed());

    assertThat(String.join(" ", without.missing())).contains("\"floor\": true");
    assertThat(without.tables()).isNotEmpty();
    assertThat(finding.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(finding.deciding().get(0).value().orElseThrow()).isCloseTo(0.9, within(0.06));
  }

  private static RunRole with(RunRole role, String frozen, boolean floor) {
    return new RunRole(
        role.start(),
        role.source(),
        Optional.of(frozen).filter(word -> !word.isEmpty()),
        role.task(),
        role.difficulty(),
        role.images(),
        floor,
        role.longer(),
        role.pair());
  }

  @Test
  void oneSourceWithoutAControlCannotBeToldAndItIsSaidWhatWouldTell() {
    addArms(6);
    addEnds(0.9, 0.6, 0.3, 0.9);

    Finding finding = new OtherRepresentations().judge(observed());

    assertThat(finding.verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(finding.deciding()).isEmpty();
    assertThat(finding.missing())
        .singleElement()
        .asString()
        .contains("three or more sources", "\"start\": \"random:A\"");
    assertThat(finding.evidence().get(0).value().orElseThrow())
        .isCloseTo(1 - (0.1 + 0.4) / 2 / 0.7, within(0.03));
  }

  @Test
  void ofOneSourceWhatASharedStartDoesAloneIsTakenAway() {
    addArms(6);
    addShared(6);
    addEnds(0.9, 0.6, 0.3, 0.9);
    setSharedEnds(0.9, 0.3);
    Finding asFar = new OtherRepresentations().judge(observed());
    setSharedEnds(0.9, 0.6);
    Finding farther = new OtherRepresentations().judge(observed());

    double left = (0.1 + 0.4) / 2 / 0.7;
    double leftByStart = (0.1 + 0.4) / 2 / 0.4;
    Evidence beyond = farther.deciding().get(0);
    assertThat(beyond.quantity()).isEqualTo(Quantity.SHARE_APART_BEYOND_SHARED_START);
    assertThat(beyond.value().orElseThrow()).isCloseTo(1 - left / leftByStart, within(0.03));
    assertThat(farther.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(farther.readings()).isEmpty();
    assertThat(asFar.deciding().get(0).value().orElseThrow()).isCloseTo(0, within(0.03));
    assertThat(asFar.verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(asFar.readings()).singleElement().asString().contains("a shared start alone");
    assertThat(asFar.fixed()).anyMatch(line -> line.contains("control"));
  }

  @Test
  void threeSourcesDecideWhetherRepresentationsAreOthersAndTheControlStandsBeside() {
    for (String source : List.of("a", "b", "c", "d")) {
      for (int i = 0; i < 4; i++) {
        add(source + i, role("source/" + source), Map.of());
      }
    }
    for (int i = 0; i < 6; i++) {
      add("random/" + i, role("random"), Map.of());
    }
    addShared(6);
    addEnds(0.6, 0.6, 0.6, 0.9);
    for (ObservedRun a : runs) {
      for (ObservedRun b : runs) {
        if (a.role().isTransferred() && a.role().source().equals(b.role().source())) {
          ends.put(RunPair.of(a.name(), b.name()), blocks(0.95));
        }
      }
    }
    setSharedEnds(0.95, 0.6);
    Finding finding = new OtherRepresentations().judge(observed());

    assertThat(finding.verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(finding.deciding()).singleElement().returns(4, Evidence::networks);
    assertThat(finding.deciding().get(0).units()).isEqualTo("sources");
    assertThat(finding.evidence())
        .extracting(Evidence::quantity)
        .contains(Quantity.SHARE_APART_OF_SHARED_START, Quantity.SHARE_APART_BEYOND_SHARED_START);
    assertThat(finding.readings())
        .singleElement()
        .asString()
        .contains("one source alone (source/a)", "what a shared start leaves it is");
  }

  private void addShared(int networks) {
    for (int i = 0; i < networks; i++) {
      add("shared/" + i, role("random:A"), Map.of());
    }
  }

  /** How alike networks of one random start are to each other and to other random ones. */
  private void setSharedEnds(double among, double toOthers) {
    for (ObservedRun a : runs) {
      for (ObservedRun b : runs) {
        if (a.name().startsWith("shared") && b.role().isRandom()) {
          boolean both = b.name().startsWith("shared");
          ends.put(RunPair.of(a.name(), b.name()), blocks(both ? among : toOthers));
        }
      }
    }
  }

  @Test
  void aSharedSourceIsNotHeldAgainstDifferentRandomStarts() {
    addArms(6);
    addEnds(0.9, 0.6, 0.3, 0.9);

    Finding finding = new VaryAsMuch().judge(observed());

    assertThat(finding.missing()).isNotEmpty();
    assertThat(finding.deciding()).isEmpty();
    assertThat(finding.evidence()).hasSize(1);
  }

  @Test
  void networksOfOneSourceAreHeldAgainstNetworksOfOneRandomStart() {
    for (int i = 0; i < 8; i++) {
      add("transfer/" + i, role("source"), Map.of());
      add("random/" + i, role("random:A"), Map.of());
    }
    addEnds(0.7, 0.7, 0.3, 0.9);
    Finding alike = new VaryAsMuch().judge(observed());
    addEnds(0.95, 0.7, 0.3, 0.9);
    Finding unlike = new VaryAsMuch().judge(observed());

    assertThat(alike.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(unlike.verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
  }

  @Test
  void reuseHoldsWhereBothReadingsAgree() {
    addArms(6);
    add("source", RunRole.unknown(), Map.of());
    addEnds(0.9, 0.6, 0.3, 0.8);

    Finding finding = new ReuseNotOnlyEarly().judge(observed());

    assertThat(finding.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(finding.deciding().get(0).value().orElseThrow()).isCloseTo(0.5, within(0.05));
    assertThat(new ReuseStrongerDeeper().judge(observed()).verdict()).isNotEqualTo(Verdict.HOLDS);
  }

  @Test
  void readingsThatContradictEachOtherCannotBeTold() {
    addArms(6);
    add("source", RunRole.unknown(), Map.of());
    addEnds(0.9, 0.6, 0.3, 0.8);
    runs.stream()
        .filter(run -> run.role().isRandom())
        .forEach(run -> toStart.put(run.name(), blocks(0.95)));

    Finding finding = new ReuseNotOnlyEarly().judge(observed());

    assertThat(finding.verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(String.join(" ", finding.wouldTell())).contains("depends on what similarity");
  }

  @Test
  void threeSourcesVaryInTheIntervals() {
    for (String source : List.of("source1", "source2", "source3", "source4")) {
      add(source, RunRole.unknown(), Map.of());
      for (int i = 0; i < 2; i++) {
        add("transfer/" + source + i, role(source), Map.of());
      }
    }
    for (int i = 0; i < 5; i++) {
      add("random/" + i, role("random"), Map.of());
    }
    addEnds(0.6, 0.6, 0.3, 0.8);

    Finding finding = new ReuseNotOnlyEarly().judge(observed());

    assertThat(finding.deciding().get(0).networks()).isEqualTo(4);
    assertThat(finding.deciding().get(0).units()).isEqualTo("sources");
    assertThat(finding.varies()).contains("the source of the transferred networks (4 sources)");
    assertThat(Sentences.evidence(finding).rows().get(0)).endsWith("4 sources");
    assertThat(finding.verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void anglesOfEncoderAndDecoderAreBothAskedFor() {
    addFates(30, 60, 0.5);

    Finding finding = new FiltersChangeLittle().judge(observed());

    assertThat(finding.verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(finding.deciding().get(0).verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(finding.deciding().get(1).verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
  }

  @Test
  void kernelsThatCannotBeToldFromFreshOnesLookRandom() {
    addFates(30, 30, 0.5);
    Finding random = new FiltersLookRandom().judge(observed());
    fates.clear();
    addFates(30, 30, 0.8);
    Finding regular = new FiltersLookRandom().judge(observed());

    assertThat(random.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(regular.verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(random.evidence().get(2).quantity()).isEqualTo(Quantity.KERNEL_SMOOTHNESS_OF_GABORS);
  }

  @Test
  void networksTrainedLongerAreToBeFoundAndItIsAReservationIfTheyAreNot() {
    addFates(30, 30, 0.5);
    addFates(60, 60, 0.52, 3, longer());
    Finding notFound = new FiltersLookRandom().judge(observed());
    Finding moved = new FiltersChangeLittle().judge(observed());
    runs.removeIf(run -> run.role().longer());
    addFates(60, 60, 0.75, 3, longer());
    Finding found = new FiltersLookRandom().judge(observed());

    assertThat(notFound.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(notFound.deciding()).allMatch(one -> one.networks() == 5);
    assertThat(notFound.readings())
        .singleElement()
        .asString()
        .contains("trained longer (3 of them)", "and not found", "Gabor filters");
    assertThat(moved.deciding()).allMatch(one -> one.networks() == 5);
    assertThat(moved.evidence())
        .anyMatch(one -> one.what().contains("after training longer") && one.networks() == 3);
    assertThat(found.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(found.readings()).isEmpty();
    assertThat(found.evidence())
        .filteredOn(one -> one.quantity() == Quantity.KERNEL_SMOOTHNESS_AFTER_LONGER)
        .singleElement()
        .returns(Verdict.HOLDS, Evidence::verdict);
  }

  @Test
  void withTwoNetworksNothingIsSaidOfGaborFilters() {
    addFates(30, 30, 0.5, 2);

    Finding finding = new FiltersLookRandom().judge(observed());

    assertThat(finding.wouldTell())
        .singleElement()
        .asString()
        .contains("at least 3 networks")
        .doesNotContain("Gabor");
  }

  @Test
  void aFigureWithoutAnIntervalHasNoBounds() {
    addArms(2);
    addShared(2);
    addEnds(0.9, 0.6, 0.3, 0.9);
    setSharedEnds(0.9, 0.3);

    Finding finding = new OtherRepresentations().judge(observed());

    assertThat(finding.deciding().get(0).inWords()).endsWith(" (no interval)");
    assertThat(finding.deciding().get(0).interval().high()).isInfinite();
    assertThat(Sentences.headline(finding)).contains("at least 3 networks");
  }

  @Test
  void endsOfIntervalsAreRoundedOutwardWithTheDigitsOfTheFigure() {
    OptionalDouble value = OptionalDouble.of(0.07);
    ConfidenceInterval wide = new ConfidenceInterval(0.0383, 0.1004, 0.95);

    assertThat(Numbers.of(value, wide)).isEqualTo("0.070 (0.038 to 0.101)");
    assertThat(Numbers.of(OptionalDouble.empty(), wide)).isEqualTo("between 0.038 and 0.101");
    assertThat(Numbers.of(OptionalDouble.of(-0.9), new ConfidenceInterval(-2.01, 0.2, 0.95)))
        .isEqualTo("−0.9 (−2.1 to 0.2)");
    assertThat(Numbers.of(OptionalDouble.of(20.06), new ConfidenceInterval(19.61, 20.51, 0.95)))
        .isEqualTo("20.1 (19.6 to 20.6)");
    assertThat(Numbers.of(value, new ConfidenceInterval(0.0383, Double.POSITIVE_INFINITY, 0.95)))
        .isEqualTo("0.070 (0.038, no upper bound)");
    assertThat(
            Numbers.of(
                OptionalDouble.empty(),
                new ConfidenceInterval(Double.NEGATIVE_INFINITY, 1.234, 0.95)))
        .isEqualTo("at most 1.24");
    assertThat(Numbers.of(0.4)).isEqualTo("0.40");
    assertThat(Numbers.threshold(0.4)).isEqualTo("0.4");
    assertThat(Numbers.threshold(45)).isEqualTo("45");
  }

  @Test
  void summaryAndTextNameTheSameFigureAndHowManyDecide() {
    addArms(3);
    add("source", RunRole.unknown(), Map.of());
    addEnds(0.6, 0.6, 0.3, 0.3);
    toStart.replaceAll((run, values) -> blocks(0.2 + noise(0.05)));

    Finding finding = new ReuseNotOnlyEarly().judge(observed());

    assertThat(finding.verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
    String named = finding.telling().get(0).what();
    assertThat(Sentences.headline(finding))
        .contains(Finding.capital(named))
        .contains("Figures that decide: ")
        .contains(" cannot be told, each by itself.");
    assertThat(finding.wouldTell()).anyMatch(line -> line.startsWith(Finding.capital(named)));
  }

  private void addFates(double encoder, double decoder, double area) {
    addFates(encoder, decoder, area, 5);
  }

  private static RunRole longer() {
    RunRole random = role("random");
    return new RunRole(
        random.start(),
        random.source(),
        random.frozen(),
        random.task(),
        random.difficulty(),
        random.images(),
        false,
        true,
        random.pair());
  }

  private void addFates(double encoder, double decoder, double area, int networks) {
    addFates(encoder, decoder, area, networks, role("random"));
  }

  private void addFates(double encoder, double decoder, double area, int networks, RunRole role) {
    for (int i = 0; i < networks; i++) {
      String name = "random/" + encoder + decoder + area + i;
      add(name, role, Map.of());
      Map<KernelScore, KernelAuc> looks = new HashMap<>();
      for (KernelScore score : KernelScore.values()) {
        looks.put(score, new KernelAuc(area + noise(0.01), 0.0001, 200));
      }
      fates.put(
          name,
          List.of(
              new LayerFate("enc1", 16, encoder + noise(1), 0.4, 16, looks),
              new LayerFate("dec1", 16, decoder + noise(1), 0.4, 15, Map.of())));
    }
  }

  @Test
  void pagesNeedNoScriptAndNoNetwork() throws IOException {
    addArms(6);
    add("source", RunRole.unknown(), Map.of());
    addEnds(0.9, 0.6, 0.3, 0.8);
    addFates(30, 60, 0.5);
    Assessment assessment =
        Assessment.judged(
            observed(), Map.of("Runs", "<b>&\u202e"), List.of("a <note>"), List.of("p"));

    String page = written(assessment, "assess.html");

    assertThat(page)
        .contains("default-src 'none'")
        .contains("class=\"claimed\"")
        .contains("&lt;b&gt;&amp;")
        .doesNotContain("<b>")
        .doesNotContain("<script")
        .doesNotContain("http://")
        .doesNotContain("https://")
        .doesNotContain("NaN")
        .doesNotContain("Infinity");
    assertThat(written(assessment, "assess.md"))
        .contains("## 8′ Reuse of features can be stronger")
        .contains("a &lt;note>");
    assertThat(written(assessment, "assess.json")).contains("\"claim\" : \"faster\"");
  }

  private String written(Assessment assessment, String file) throws IOException {
    assessment.write(folder);
    return Files.readString(folder.resolve(file));
  }

  private static RunRole ofSource(String source, String pair) {
    return new RunRole(
        Optional.of("source"),
        Optional.of(source),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        Optional.of(pair));
  }

  private static RunRole atRandom(String start, String pair) {
    return new RunRole(
        Optional.of(start),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        Optional.of(pair));
  }

  @Test
  void networksOfTheLargestSourceAndOfOwnStartsAreComparedWithinTheirPairs() {
    for (int i = 0; i < 4; i++) {
      add("a/" + i, ofSource("sources/a", "" + i), curve(20));
      add("random/" + i, atRandom("random", "" + i), curve(40));
      add("shared/" + i, atRandom("random:one", "" + i), curve(40));
    }
    add("b/0", ofSource("sources/b", "0"), curve(20));

    Finding finding = new FasterTraining().judge(observed());

    assertThat(finding.curves())
        .extracting(Finding.Curve::run)
        .noneMatch(run -> run.startsWith("shared"));
    assertThat(finding.deciding().get(0).networks()).isEqualTo(4);
    assertThat(String.join(" ", finding.caveats()))
        .contains("sources/b")
        .doesNotContain("within pairs");
  }

  @Test
  void pairsThatDoNotServeAreNamed() {
    addArms(3);
    runs.clear();
    for (int i = 0; i < 3; i++) {
      add("transfer/" + i, ofSource("source", "" + Math.min(i, 1)), curve(20));
      add("random/" + i, atRandom("random", "" + i), curve(40));
    }

    Finding finding = new FasterTraining().judge(observed());

    assertThat(String.join(" ", finding.caveats()))
        .contains("pair '1' names transfer/1 and transfer/2")
        .contains("pair '2' is missing beside transfer/0");
  }

  @Test
  void runsThatCollapsedAreCountedNamedAndLeftOut() {
    addArms(5);
    add("random/lost", role("random"), Map.of(4L, 0.01, 8L, 0.02, 16L, 0.01));

    Observations observed = observed();
    TrainingCondition condition = observed.main().orElseThrow();

    assertThat(observed.random(condition)).extracting(ObservedRun::name).hasSize(5);
    assertThat(observed.transferred(condition)).hasSize(5);
    assertThat(Collapse.in(observed, condition).told())
        .singleElement()
        .asString()
        .contains("random/lost", "0 of 5", "1 of 6", "p = 1");
  }

  @Test
  void collapseIsNotJudgedAcrossTwoKindsOfScore() {
    for (int i = 0; i < 4; i++) {
      add("transfer/" + i, role("source"), curve(20));
      add("random/" + i, role("random"), curve(40));
    }
    runs.add(ObservedRun.ofLog("random/masked", role("random"), new TreeMap<>()));
    ObservedRun masked =
        runs.remove(runs.size() - 1).withScoresByMasks(Map.of(4L, 0.01, 8L, 0.02, 16L, 0.01));
    runs.add(masked);

    Observations observed = observed();

    assertThat(Collapse.in(observed, observed.main().orElseThrow()).told()).isEmpty();
    assertThat(observed.random(observed.main().orElseThrow())).contains(masked);
  }

  @Test
  void networksThatCollapsedAreNotSaidToBeOfAnotherSource() {
    addArms(4);
    add("transfer/lost", role("source"), Map.of(4L, 0.01, 8L, 0.02, 16L, 0.01));
    TrainingCondition condition = observed().main().orElseThrow();

    assertThat(observed().leftOut(condition)).isEmpty();
    assertThat(new FasterTraining().judge(observed()).caveats()).noneMatch(c -> c.contains("task"));

    add("other/0", role("source2"), curve(20));
    assertThat(observed().leftOut(condition))
        .singleElement()
        .asString()
        .contains("Others of the same condition, from source2,")
        .doesNotContain("task");
  }

  @Test
  void sourcesOfAnotherTaskAreSaidToBeSo() {
    addArms(4);
    add("source", ofTask("vessels"), Map.of());
    add("source2", ofTask("cells"), Map.of());
    add("other/0", role("source2"), curve(20));

    assertThat(observed().leftOut(TrainingCondition.of(role("random"))))
        .singleElement()
        .asString()
        .contains("from source2 are not in the figure: their sources learned another task");
  }

  private static RunRole ofTask(String task) {
    return new RunRole(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(task),
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        Optional.empty());
  }

  @Test
  void pairsOverTheFourCellsTakeOutWhatASeedGivesToAllOfThem() {
    String[][] cells = {{"hard", "few"}, {"hard", "many"}, {"easy", "few"}, {"easy", "many"}};
    for (int seed = 0; seed < 4; seed++) {
      double luck = 0.02 * seed;
      for (int cell = 0; cell < cells.length; cell++) {
        double gain = (cell == 0 ? 0.05 : 0.01) + luck + noise(0.001);
        double base = 0.5 + noise(0.05);
        RunRole transferred = role("source", cells[cell][0], cells[cell][1]);
        RunRole random = role("random", cells[cell][0], cells[cell][1]);
        add("t" + cell + seed, paired(transferred, "s" + seed), Map.of(100L, base + gain));
        add("r" + cell + (3 - seed), paired(random, "s" + seed), Map.of(100L, base));
      }
    }
    Finding over = new BetterWhenHardAndFew().judge(observed());
    runs.replaceAll(
        run ->
            run.role().difficulty().equals(Optional.of("hard"))
                ? run
                : ObservedRun.ofLog(
                    run.name(),
                    paired(run.role(), "easy" + run.role().pair().orElseThrow()),
                    run.scores()));
    Finding withinCells = new BetterWhenHardAndFew().judge(observed());

    assertThat(over.deciding().get(0).value().orElseThrow()).isCloseTo(0.04, within(0.005));
    assertThat(over.deciding().get(0).interval().width()).isLessThan(0.02);
    assertThat(withinCells.deciding().get(0).value().orElseThrow()).isCloseTo(0.04, within(0.005));
    assertThat(withinCells.deciding().get(0).interval().width()).isGreaterThan(0.02);
    assertThat(over.caveats()).anyMatch(c -> c.contains("Runs of one \"pair\" are compared"));
  }

  private static RunRole paired(RunRole role, String pair) {
    return new RunRole(
        role.start(),
        role.source(),
        role.frozen(),
        role.task(),
        role.difficulty(),
        role.images(),
        role.floor(),
        role.longer(),
        Optional.of(pair));
  }

  @Test
  void anArmThatIsBadAsAWholeIsNoCollapse() {
    for (int i = 0; i < 4; i++) {
      add("transfer/" + i, role("source"), curve(20));
      add("random/" + i, role("random"), Map.of(4L, 0.1, 8L, 0.1, 16L, 0.1 + 0.01 * i));
    }

    Observations observed = observed();

    assertThat(Collapse.in(observed, observed.main().orElseThrow()).told()).isEmpty();
  }

  @Test
  void numbersAreThoseOfTheGuide() throws IOException {
    String guide = Files.readString(Path.of("..", "docs", "claims.md"));
    String page =
        written(
            Assessment.judged(Observations.ofScores(List.of()), Map.of(), List.of(), List.of()),
            "assess.md");
    for (Claim claim : Claim.all()) {
      assertThat(guide).contains("\n| " + claim.number() + " |");
      assertThat(page).contains("\n## " + claim.number() + " " + claim.statement());
    }
  }
}
