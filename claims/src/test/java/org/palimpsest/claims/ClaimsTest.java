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
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.palimpsest.io.runs.RunRole;
import org.palimpsest.similarity.statistics.KernelAuc;
import org.palimpsest.similarity.statistics.Verdict;

class ClaimsTest {

  private static final List<String> BLOCKS = List.of("enc1", "enc2", "enc3", "dec2", "dec1", "out");

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
        Optional.empty());
  }

  private static RunRole role(String start) {
    return role(start, "", "");
  }

  private void add(String name, RunRole role, Map<Long, Double> scores) {
    runs.add(new ObservedRun(name, role, new TreeMap<>(scores)));
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
        role.pair());
  }

  @Test
  void groupsThatLieApartAreOtherRepresentationsWhateverTheirSpread() {
    addArms(6);
    addEnds(0.9, 0.6, 0.3, 0.9);

    Finding finding = new OtherRepresentations().judge(observed());

    assertThat(finding.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(finding.deciding().get(0).value().orElseThrow())
        .isCloseTo(1 - (0.1 + 0.4) / 2 / 0.7, within(0.03));
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
    assertThat(random.evidence().get(2).what()).contains("Gabor");
  }

  private void addFates(double encoder, double decoder, double area) {
    for (int i = 0; i < 5; i++) {
      String name = "random/" + encoder + decoder + area + i;
      add(name, role("random"), Map.of());
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
  void pagesNeedNoScriptAndNoNetwork() {
    addArms(6);
    add("source", RunRole.unknown(), Map.of());
    addEnds(0.9, 0.6, 0.3, 0.8);
    addFates(30, 60, 0.5);
    Assessment assessment =
        Assessment.judged(
            observed(), Map.of("Runs", "<b>&\u202e"), List.of("a <note>"), List.of("p"));

    String page = new AssessmentPage(assessment).html();

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
    assertThat(new AssessmentMarkdown(assessment).text())
        .contains("## 8′ Reuse of features can be stronger")
        .contains("a &lt;note>");
    assertThat(new AssessmentJson(assessment).text()).contains("\"claim\" : \"faster\"");
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

    assertThat(finding.curves()).extracting(Curve::run).noneMatch(run -> run.startsWith("shared"));
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
    Condition condition = observed.main().orElseThrow();

    assertThat(observed.random(condition)).extracting(ObservedRun::name).hasSize(5);
    assertThat(observed.transferred(condition)).hasSize(5);
    assertThat(Collapse.in(observed, condition).told())
        .singleElement()
        .asString()
        .contains("random/lost", "0 of 5", "1 of 6", "p = 1");
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
        new AssessmentMarkdown(
                Assessment.judged(Observations.ofScores(List.of()), Map.of(), List.of(), List.of()))
            .text();
    for (Claim claim : Claim.all()) {
      assertThat(guide).contains("\n| " + claim.number() + " |");
      assertThat(page).contains("\n## " + claim.number() + " " + claim.statement());
    }
  }
}
