package org.palimpsest.reproduction.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

class VerdictTest {

  private static final PaperClaim CLAIM =
      new PaperClaim("it is so", "someone", "a figure is large", new Rule.Above(0), "chance");

  @Test
  void studentsIntervalIsThatOfTheTextbook() {
    StudentEstimate estimate = StudentEstimate.ofMean(List.of(1.0, 2.0, 3.0));

    assertThat(estimate.value()).isEqualTo(2);
    // t with 2 degrees of freedom at 0.975 is 4.302653; the standard error is 1 / sqrt(3)
    assertThat(estimate.interval().high()).isCloseTo(2 + 4.302653 / Math.sqrt(3), within(1e-6));
    assertThat(estimate.interval().low()).isCloseTo(2 - 4.302653 / Math.sqrt(3), within(1e-6));
  }

  @Test
  void tooFewOrEqualNetworksHaveNoInterval() {
    assertThat(StudentEstimate.ofMean(List.of(1.0)).interval().isKnown()).isFalse();
    assertThat(StudentEstimate.ofMean(List.of()).interval().isKnown()).isFalse();
    assertThat(StudentEstimate.ofMean(List.of(1.0, 1.0)).interval().isKnown()).isFalse();
    assertThat(StudentEstimate.ofMean(List.of(1.0, 1.0, 1.0)).interval().isKnown()).isFalse();
  }

  @Test
  void theJackknifeOfAMeanIsStudentsInterval() {
    List<String> numbers = List.of("1", "2", "6", "7");
    StudentEstimate jackknife =
        Jackknife.of(
            List.of(numbers),
            g -> g.get(0).stream().mapToDouble(Double::parseDouble).average().orElseThrow());
    StudentEstimate mean =
        StudentEstimate.ofMean(numbers.stream().map(Double::parseDouble).toList());

    assertThat(jackknife.value()).isEqualTo(mean.value());
    assertThat(jackknife.standardError()).isCloseTo(mean.standardError(), within(1e-12));
    assertThat(jackknife.degreesOfFreedom()).isEqualTo(3);
  }

  @Test
  void networksThatTieAreNotCertain() {
    List<List<String>> tied = List.of(List.of("a", "b", "c"));
    double share = 5 / 12.0;

    StudentEstimate mean = StudentEstimate.ofMean(List.of(share, share, share));
    assertThat(judge(mean, new Rule.Above(0.4))).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(judge(Jackknife.of(tied, groups -> share), new Rule.Above(0.4)))
        .isEqualTo(Verdict.CANNOT_BE_TOLD);
    Bounds ofTwelve = Jackknife.of(tied, 1 / 12.0, groups -> share).interval();
    assertThat(ofTwelve.high() - ofTwelve.low()).isBetween(0.2, 0.3);
  }

  @Test
  void aRuleJudgesTheWholeInterval() {
    StudentEstimate wide = new StudentEstimate(0.5, 0.1, 10, 11);
    assertThat(judge(wide, new Rule.Above(0.2))).isEqualTo(Verdict.HOLDS);
    assertThat(judge(wide, new Rule.Above(0.8))).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(judge(wide, new Rule.Above(0.5))).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(judge(wide, new Rule.Below(0.8))).isEqualTo(Verdict.HOLDS);
    assertThat(judge(wide, new Rule.Below(0.2))).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(judge(wide, new Rule.Between(0, 1))).isEqualTo(Verdict.HOLDS);
    assertThat(judge(wide, new Rule.Between(0.4, 1))).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(judge(wide, new Rule.Between(0.9, 1))).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(new Rule.Above(0.9).words()).isEqualTo("above 0.9");
    assertThat(new Rule.Between(-0.3, 10).words()).isEqualTo("between -0.3 and 10");
  }

  @Test
  void aFigureThatIsNoNumberDecidesNothing() {
    assertThat(StudentEstimate.ofMean(List.of(0.9, Double.NaN, 0.8)).interval().isKnown())
        .isFalse();
    StudentEstimate none = new StudentEstimate(Double.NaN, 0.1, 3, 4);

    assertThat(judge(none, new Rule.Above(0))).isEqualTo(Verdict.CANNOT_BE_TOLD);
  }

  @Test
  void oneOfSeveralFiguresMustSpeakAgainstAClaimMoreClearly() {
    ClaimFigure good =
        new ClaimFigure("good", new StudentEstimate(1, 0.1, 4, 5), new Rule.Above(0));
    ClaimFigure bad =
        new ClaimFigure("bad", new StudentEstimate(-0.3, 0.1, 4, 5), new Rule.Above(0));

    assertThat(finding(bad).verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(finding(good, good).verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(finding(good, good, bad).verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
    ClaimFigure clear =
        new ClaimFigure("clear", new StudentEstimate(-0.9, 0.1, 4, 5), new Rule.Above(0));
    assertThat(finding(good, good, clear).verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
  }

  private static Verdict judge(StudentEstimate estimate, Rule rule) {
    return finding(new ClaimFigure("figure", estimate, rule)).verdict();
  }

  private static ClaimFinding finding(ClaimFigure... evidence) {
    return new ClaimFinding(CLAIM, List.of(evidence));
  }
}
