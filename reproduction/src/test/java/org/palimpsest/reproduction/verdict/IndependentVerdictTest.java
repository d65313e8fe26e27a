package org.palimpsest.reproduction.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.palimpsest.reproduction.IndependentValues;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/** Figures and their intervals against SciPy and NumPy, and what verdicts must ignore or notice. */
class IndependentVerdictTest {

  private static final PaperClaim CLAIM =
      new PaperClaim("it is so", "someone", "a figure is large", new Rule.Above(0), "chance");

  @Test
  void intervalsAreThoseOfSciPy() {
    for (JsonNode one : IndependentValues.cases("intervals")) {
      Bounds interval =
          new StudentEstimate(
                  one.get("value").doubleValue(),
                  one.get("error").doubleValue(),
                  one.get("freedom").doubleValue(),
                  5)
              .interval(one.get("level").doubleValue());
      double tolerance = 1e-9 * Math.max(1e-3, Math.abs(one.get("high").doubleValue()));
      assertThat(interval.low())
          .as("%s", one)
          .isCloseTo(one.get("low").doubleValue(), within(tolerance));
      assertThat(interval.high())
          .as("%s", one)
          .isCloseTo(one.get("high").doubleValue(), within(tolerance));
    }
  }

  @Test
  void pairedDifferencesAreThoseOfSciPy() {
    for (JsonNode one : IndependentValues.cases("differences")) {
      StudentEstimate estimate =
          StudentEstimate.ofPairedDifference(
              IndependentValues.numbers(one.get("first")),
              IndependentValues.numbers(one.get("second")));
      assertThat(estimate.value()).isCloseTo(one.get("mean").doubleValue(), within(1e-12));
      assertThat(estimate.interval().low()).isCloseTo(one.get("low").doubleValue(), within(1e-9));
      assertThat(estimate.interval().high()).isCloseTo(one.get("high").doubleValue(), within(1e-9));
    }
  }

  /** A mean over pairs within a group, and the difference of two such means. */
  @Test
  void jackknivesAreThoseOfNumPy() {
    for (JsonNode one : IndependentValues.cases("jackknives")) {
      List<List<String>> groups = new ArrayList<>();
      one.get("groups").forEach(group -> groups.add(names(group)));
      StudentEstimate estimate = Jackknife.of(groups, IndependentVerdictTest::figure);
      assertThat(estimate.value()).isCloseTo(one.get("value").doubleValue(), within(1e-12));
      assertThat(estimate.standardError()).isCloseTo(one.get("error").doubleValue(), within(1e-12));
      assertThat(estimate.degreesOfFreedom()).isEqualTo(one.get("freedom").doubleValue());
      assertThat(estimate.networks()).isEqualTo(groups.stream().mapToInt(List::size).sum());
    }
  }

  private static List<String> names(JsonNode group) {
    return IndependentValues.numbers(group).stream().map(String::valueOf).toList();
  }

  private static double figure(List<List<String>> groups) {
    double first = meanOfPairs(groups.get(0));
    return groups.size() == 1 ? first : first - meanOfPairs(groups.get(1));
  }

  private static double meanOfPairs(List<String> group) {
    double sum = 0;
    int pairs = 0;
    for (int i = 0; i < group.size(); i++) {
      for (int j = i + 1; j < group.size(); j++) {
        sum += Double.parseDouble(group.get(i)) * Double.parseDouble(group.get(j));
        pairs++;
      }
    }
    return sum / pairs;
  }

  @Test
  void ranksAreCorrelatedAsSciPyDoes() {
    for (JsonNode one : IndependentValues.cases("ranks")) {
      assertThat(RankCorrelation.withPosition(IndependentValues.numbers(one.get("values"))))
          .as("%s", one)
          .isCloseTo(one.get("rho").doubleValue(), within(1e-12));
    }
  }

  @Test
  void fewerThanThreeNetworksInAGroupHaveNoInterval() {
    ToDoubleFunction<List<List<String>>> figure = groups -> groups.get(0).size();
    for (List<List<String>> groups :
        List.of(
            List.of(List.of("a", "b")),
            List.of(List.of("a", "b", "c"), List.of("d", "e")),
            List.<List<String>>of(List.of()))) {
      StudentEstimate estimate = Jackknife.of(groups, figure);
      assertThat(estimate.value()).isEqualTo(groups.get(0).size());
      assertThat(estimate.interval().isKnown()).isFalse();
    }
  }

  /** A claim that nothing was measured for must not be told to hold. */
  @Test
  void aClaimWithoutFiguresCannotBeTold() {
    assertThat(ClaimFinding.on(CLAIM).verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(ClaimFinding.on(CLAIM).with("one", estimate(1, 0.1)).verdict())
        .isEqualTo(Verdict.HOLDS);
  }

  @Test
  void figuresOfAClaimHaveItsRuleUnlessTheyHaveTheirOwn() {
    ClaimFinding finding =
        ClaimFinding.on(CLAIM)
            .with("by the claim's rule", estimate(1, 0.1))
            .with("by its own", estimate(1, 0.1), new Rule.Below(0.5));
    assertThat(finding.evidence())
        .extracting(ClaimFigure::verdict)
        .containsExactly(Verdict.HOLDS, Verdict.DOES_NOT_HOLD);
  }

  /** To claim that a figure is above x and to claim that its opposite is below −x is the same. */
  @Property(tries = 200)
  void rulesAreSymmetric(
      @ForAll @DoubleRange(min = -2, max = 2) double value,
      @ForAll @DoubleRange(min = 0.01, max = 1) double error,
      @ForAll @IntRange(min = 1, max = 30) int freedom,
      @ForAll @DoubleRange(min = -2, max = 2) double threshold) {
    Verdict above = verdict(value, error, freedom, new Rule.Above(threshold));
    assertThat(verdict(-value, error, freedom, new Rule.Below(-threshold))).isEqualTo(above);
    Verdict between = verdict(value, error, freedom, new Rule.Between(threshold, threshold + 1));
    assertThat(verdict(-value, error, freedom, new Rule.Between(-threshold - 1, -threshold)))
        .isEqualTo(between);
    Verdict below = verdict(value, error, freedom, new Rule.Below(threshold + 1));
    assertThat(between == Verdict.HOLDS)
        .isEqualTo(above == Verdict.HOLDS && below == Verdict.HOLDS);
    assertThat(between == Verdict.DOES_NOT_HOLD)
        .isEqualTo(above == Verdict.DOES_NOT_HOLD || below == Verdict.DOES_NOT_HOLD);
  }

  /** What more networks of the same mean and error say is never less. */
  @Property(tries = 100)
  void moreNetworksNeverTakeAVerdictBack(
      @ForAll @DoubleRange(min = -2, max = 2) double value,
      @ForAll @DoubleRange(min = 0.01, max = 1) double error,
      @ForAll @IntRange(min = 2, max = 30) int freedom) {
    Verdict few = verdict(value, error, freedom, new Rule.Above(0));
    Verdict more = verdict(value, error, freedom + 5, new Rule.Above(0));
    if (few != Verdict.CANNOT_BE_TOLD) {
      assertThat(more).isEqualTo(few);
    }
    Bounds wide = new StudentEstimate(value, error, freedom, 9).interval(0.99);
    Bounds narrow = new StudentEstimate(value, error, freedom, 9).interval(0.95);
    assertThat(wide.low()).isLessThan(narrow.low());
    assertThat(wide.high()).isGreaterThan(narrow.high());
  }

  private static Verdict verdict(double value, double error, int freedom, Rule rule) {
    return new ClaimFigure("it", new StudentEstimate(value, error, freedom, freedom + 1), rule)
        .verdict();
  }

  private static StudentEstimate estimate(double value, double error) {
    return new StudentEstimate(value, error, 5, 6);
  }

  @Test
  void thresholdsAreSaidWithTheDigitsThatTheyHave() {
    assertThat(new Rule.Above(0).words()).isEqualTo("above 0");
    assertThat(new Rule.Below(0.25).words()).isEqualTo("below 0.25");
    assertThat(new Rule.Above(100).words()).isEqualTo("above 100");
    assertThat(new Rule.Below(-1.5).words()).isEqualTo("below -1.5");
    assertThat(new Rule.Above(0.005).words()).isEqualTo("above 0.005");
    assertThat(new Rule.Between(0.125, 1).words()).isEqualTo("between 0.125 and 1");
  }
}
