package org.palimpsest.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.claims.AssessmentPage.Sentences;
import org.palimpsest.io.runs.RunRole;
import org.palimpsest.similarity.statistics.Estimate.ConfidenceInterval;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

class ClaimsTest extends SimulatedRuns {

  @TempDir private Path folder;

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
    assertThat(new HardAndFew.OnlyWhen().judge(observed()).verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void equalGainsAreNotOnlyThere() {
    addCells(0.10, 0.10, 0.10, 0.10);

    assertThat(new HardAndFew.OnlyWhen().judge(observed()).verdict())
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

  /** Fisher's exact test of 12 of 30 and 0 of 30: p = 0.0001 by scipy.stats.fisher_exact. */
  @Test
  void aSmallPIsNotPrintedAsZero() {
    for (int i = 0; i < 30; i++) {
      add("transfer/" + i, role("source"), Map.of(4L, 0.7, 8L, 0.7, 16L, 0.7));
      double last = i < 12 ? 0.01 : 0.7;
      add("random/" + i, role("random"), Map.of(4L, last, 8L, last, 16L, last));
    }

    Observations observed = observed();

    assertThat(Collapse.in(observed, observed.main().orElseThrow()).told())
        .singleElement()
        .asString()
        .contains("0 of 30", "12 of 30", "p < 0.001)")
        .doesNotContain("p = 0");
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
