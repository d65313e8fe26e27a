package org.palimpsest.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.palimpsest.claims.AssessmentPage.Sentences;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.io.runs.RunRole;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/** Claims about similarities between and within groups of networks. */
class RepresentationClaimsTest extends SimulatedRuns {

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

  /** So many networks of each of some sources, and as many from random weights of their own. */
  private void addSources(int sources, int ofEach) {
    for (int source = 0; source < sources; source++) {
      for (int i = 0; i < ofEach; i++) {
        add("transfer/" + source + i, role("source/" + source), Map.of());
        add("random/" + source + i, role("random"), Map.of());
      }
    }
  }

  private static boolean haveOneSource(ObservedRun a, ObservedRun b) {
    return a.role().isTransferred() && a.role().source().equals(b.role().source());
  }

  /** √(1 − 0.64) = 0.6 between sources as between random starts, whatever within a source. */
  @Test
  void networksOfDifferentSourcesAreHeldAgainstNetworksOfDifferentRandomStarts() {
    addSources(4, 2);
    addEnds(0.64, 0.64, 0.3, 0.9);
    runs.forEach(
        a ->
            runs.stream()
                .filter(b -> haveOneSource(a, b))
                .forEach(b -> ends.put(RunPair.of(a.name(), b.name()), blocks(0.95))));

    Finding alike = new VaryAsMuch().judge(observed());

    Evidence ratio = alike.deciding().get(0);
    assertThat(alike.deciding()).hasSize(1);
    assertThat(ratio.what()).contains("different sources over networks of different random starts");
    assertThat(ratio.value().orElseThrow()).isCloseTo(1, within(0.05));
    assertThat(ratio.units()).isEqualTo("sources");
    assertThat(ratio.networks()).isEqualTo(4);
    assertThat(alike.verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void thatSpreadsAreEqualTakesFourNetworksInEachGroup() {
    addSources(3, 1);
    addEnds(0.64, 0.64, 0.3, 0.9);

    Finding finding = new VaryAsMuch().judge(observed());

    assertThat(finding.verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(String.join(" ", finding.wouldTell())).contains("at least four networks");
  }

  @Test
  void predictionsStandBesideRepresentationsAndAreReadWhereTheySaySomethingElse() {
    addSources(5, 1);
    addEnds(0.64, 0.64, 0.3, 0.9);
    Map<RunPair, Double> dice = new HashMap<>();
    for (ObservedRun a : runs) {
      for (ObservedRun b : runs) {
        boolean both = a.role().isTransferred() && b.role().isTransferred();
        dice.put(RunPair.of(a.name(), b.name()), (both ? 0.9 : 0.6) + noise(0.005));
      }
    }

    Finding finding = new VaryAsMuch().judge(observed(dice));

    Evidence beside =
        finding.evidence().stream()
            .filter(one -> one.quantity() == Quantity.RATIO_OF_SPREADS_OF_PREDICTIONS)
            .findFirst()
            .orElseThrow();
    assertThat(beside.value().orElseThrow()).isCloseTo(0.1 / 0.4, within(0.02));
    assertThat(beside.decides()).isFalse();
    assertThat(finding.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(finding.readings()).singleElement().asString().contains("Ratio of predictions");

    dice.remove(RunPair.of(runs.get(0).name(), runs.get(1).name()));
    assertThat(new VaryAsMuch().judge(observed(dice)).evidence())
        .extracting(Evidence::quantity)
        .doesNotContain(Quantity.RATIO_OF_SPREADS_OF_PREDICTIONS);
  }

  @Test
  void reuseHoldsWhereBothReadingsAgree() {
    addArms(6);
    add("source", RunRole.unknown(), Map.of());
    addEnds(0.9, 0.6, 0.3, 0.8);

    Finding finding = new ReuseNotOnlyEarly().judge(observed());

    assertThat(finding.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(finding.deciding().get(0).value().orElseThrow()).isCloseTo(0.5, within(0.05));
    assertThat(new Reuse.StrongerDeeper().judge(observed()).verdict()).isNotEqualTo(Verdict.HOLDS);
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
}
