package org.palimpsest.similarity.internal.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.internal.statistics.SpeedUp.RunCounts;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Estimate.CensoredValue;
import org.palimpsest.similarity.statistics.Estimate.ConfidenceInterval;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Judgement.Verdict;
import org.palimpsest.similarity.statistics.WelchContrast;
import org.palimpsest.similarity.statistics.WelchContrast.FrozenShare;

/** Figures that cannot be given, and questions that make no sense: neither gives a number. */
class RefusedFiguresTest {

  private static void assertError(ThrowingCallable call, String... words) {
    assertThatThrownBy(call).isInstanceOf(PalimpsestException.class).hasMessageContainingAll(words);
  }

  private static String reason(Estimate estimate) {
    assertThat(estimate).isInstanceOf(Estimate.Refused.class);
    assertThat(estimate.isKnown()).isFalse();
    assertThat(estimate.interval().isBounded()).isFalse();
    return ((Estimate.Refused) estimate).reason();
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.01, 1.01, Double.NaN, Double.POSITIVE_INFINITY})
  void pValuesThatAreNoneAreNotCorrected(double wrong) {
    assertError(() -> Judgement.holm(0.01, wrong, 0.5), "between 0 and 1", String.valueOf(wrong));
    assertError(() -> new Judgement(wrong, 0.5, List.of()), String.valueOf(wrong));
    assertError(() -> new Judgement(0.5, wrong, List.of()), String.valueOf(wrong));
  }

  @Property(tries = 100)
  void correctedPValuesAreNoSmallerKeepTheirOrderAndAreAtMostOne(
      @ForAll @Size(min = 1, max = 12) List<@DoubleRange(min = 0, max = 1) Double> given) {
    double[] p = given.stream().mapToDouble(Double::doubleValue).toArray();
    double[] corrected = Judgement.holm(p);

    for (int i = 0; i < p.length; i++) {
      assertThat(corrected[i]).isBetween(p[i], Math.min(1, p.length * p[i]));
      for (int j = 0; j < p.length; j++) {
        if (p[i] < p[j]) {
          assertThat(corrected[i]).isLessThanOrEqualTo(corrected[j]);
        }
      }
    }
    assertThat(Judgement.holm()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.05, 3, Double.NaN})
  void aLevelThatIsNoneGivesNoVerdict(double level) {
    Judgement certain = new Judgement(0, 1, List.of());

    assertError(() -> certain.verdict(level), String.valueOf(level));
    assertError(() -> Judgement.together(List.of(certain), level), String.valueOf(level));
    assertError(() -> new Estimate.Student(1, 1, 3, 4).interval(level), String.valueOf(level));
    assertError(() -> new ConfidenceInterval(0, 1, level), String.valueOf(level));
  }

  @Test
  void aThresholdThatIsNoNumberIsNotPassed() {
    Estimate refused = Estimate.Refused.of(0.5, 2, "Train more.");
    assertError(() -> refused.pAbove(Double.NaN), "NaN");
    assertError(() -> refused.pBelow(Double.NaN), "NaN");
    List<CensoredValue> low = IntStream.range(0, 5).mapToObj(CensoredValue::exactly).toList();
    List<CensoredValue> high = IntStream.range(10, 15).mapToObj(CensoredValue::exactly).toList();
    List<Estimate> estimates =
        List.of(
            new Estimate.Student(1, 0.1, 3, 4),
            Estimate.ofShift(high, low),
            FrozenShare.of(
                    new double[] {5, 5.1, 5.2},
                    new double[] {9, 9.1, 9.3},
                    new double[] {1, 1.1, 1})
                .estimate());

    for (Estimate estimate : estimates) {
      assertThat(estimate.isKnown()).isTrue();
      assertThatThrownBy(() -> Judgement.above(estimate, Double.NaN))
          .isInstanceOf(PalimpsestException.class);
      assertThatThrownBy(() -> Judgement.below(estimate, Double.NaN))
          .isInstanceOf(PalimpsestException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "NaN, 1", "0, NaN"})
  void marginsOutOfOrderAreRefused(double low, double high) {
    assertError(
        () -> Judgement.within(new Estimate.Student(1, 1, 3, 4), low, high),
        String.valueOf(low),
        String.valueOf(high));
  }

  @Test
  void aGoalThatIsNoNumberIsNotSaidToBeMissed() {
    LearningCurve curve =
        LearningCurve.of(new double[] {1, 2, 4, 8}, new double[] {0.1, 0.2, 0.3, 0.4});

    assertError(() -> curve.log2StepTo(Double.NaN), "NaN");
    assertThat(curve.log2StepTo(Double.POSITIVE_INFINITY)).isEqualTo(CensoredValue.atLeast(3));
    assertThat(curve.log2StepTo(Double.NEGATIVE_INFINITY)).isEqualTo(CensoredValue.atMost(0));
  }

  @Test
  void goalsThatAreNoSharesAreRefused() {
    LearningCurve curve = LearningCurve.of(new double[] {1, 2, 4}, new double[] {0.1, 0.3, 0.4});
    SpeedUp speedUp = SpeedUp.of(List.of(curve), List.of(curve));

    assertError(speedUp::withGoals, "[]");
    for (double wrong : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertError(() -> speedUp.withGoals(0.5, wrong), String.valueOf(wrong));
    }
    assertError(() -> speedUp.estimateAt(3), "goals 0 to 2", "3");
    assertError(() -> speedUp.withGoals(0.5).estimateAt(-1), "goals 0 to 0", "-1");
    assertError(() -> SpeedUp.of(List.of(), List.of(curve)), "0 and 1");
    assertThat(speedUp.withGoals(0.25, 2).goals()).hasSize(2);
  }

  @Test
  void dissimilaritiesThatAreNoneInEitherTriangleAreRefused() {
    for (int[] place : new int[][] {{0, 2}, {2, 0}}) {
      for (double wrong : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1}) {
        double[][] matrix = new double[3][3];
        matrix[place[0]][place[1]] = wrong;

        assertError(
            () -> GroupDissimilarities.of(matrix, new int[] {0}, new int[] {1, 2}),
            "networks 2 and 0");
      }
    }
  }

  @Test
  void sourcesAreGivenForEachNetworkOfTheirGroup() {
    GroupDissimilarities groups =
        GroupDissimilarities.of(new double[5][5], new int[] {0, 1}, new int[] {2, 3, 4});

    assertError(() -> groups.withSourcesOfFirst(1, 2, 3), "2 networks", "3");
    assertError(() -> groups.withSourcesOfSecond(1, 2), "3 networks", "2");
  }

  @Test
  void countsOfManyRunsAreNoOverflow() {
    assertThat(new RunCounts(65_536, 65_536, 65_536, 65_536).p()).isEqualTo(1);
    assertError(() -> new RunCounts(0, 0, 1, 2), "0 of 0");
    assertError(() -> new RunCounts(1, 2, -1, 2), "-1 of 2");
    assertThat(new RunCounts(7, 8, 2, 8).words()).isEqualTo("7 of 8 against 2 of 8 runs");
    assertThat(new RunCounts(0, 8, 0, 5).pMore()).isEqualTo(1);
  }

  @Test
  void variancesThatAreNoneAreRefused() {
    WelchContrast contrast = WelchContrast.ofMean(1, 2, 4);

    for (double wrong : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertError(() -> contrast.withLeastVariance(wrong), String.valueOf(wrong));
      assertError(() -> contrast.withResolution(wrong), String.valueOf(wrong));
    }
    assertError(() -> contrast.withResolution(0), "0.0");
    assertThat(contrast.withLeastVariance(0).estimate()).isEqualTo(contrast.estimate());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.5, Double.NaN})
  void aPowerThatIsNoneIsRefused(double power) {
    Estimate.Student pilot = new Estimate.Student(0, 1, 3, 4);

    assertError(() -> pilot.networksToPass(1, power), String.valueOf(power));
    assertError(() -> pilot.networksToBeWithin(1, power), String.valueOf(power));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void anEffectThatCouldNotMatterIsRefused(double effect) {
    Estimate.Student pilot = new Estimate.Student(0, 1, 3, 4);

    assertError(() -> pilot.networksToPass(effect, 0.8), String.valueOf(effect));
    assertError(() -> pilot.networksToBeWithin(effect, 0.8), String.valueOf(effect));
  }

  @ParameterizedTest
  @CsvSource({"Infinity, Infinity", "-Infinity, -Infinity", "NaN, 1", "1, NaN", "2, 1"})
  void boundsOfNothingAreRefused(double low, double high) {
    assertError(() -> new CensoredValue(low, high), String.valueOf(low), String.valueOf(high));
  }

  @Test
  void hitsAndUnitsAreOfTheSameNetworks() {
    assertError(() -> Estimate.ofLogitShare(new int[] {1, 2}, new int[] {3}), "2 and 1");
    assertError(() -> Estimate.ofLogitShare(new int[] {0}, new int[] {0}), "0 of 0");
    assertThat(reason(Estimate.ofLogitShare(new int[0], new int[0]))).contains("at least 3");
    assertThat(Estimate.ofLogitShare(new int[0], new int[0]).point()).isEmpty();
  }

  @Property(tries = 60)
  void sharesAndLogitsAreEachOthersInverse(
      @ForAll @DoubleRange(min = 0.01, max = 0.99) double share) {
    assertThat(Estimate.fromLogit(Estimate.logit(share))).isCloseTo(share, within(1e-9));
    assertThat(Estimate.fromLogit(Double.NEGATIVE_INFINITY)).isZero();
    assertThat(Estimate.fromLogit(Double.POSITIVE_INFINITY)).isEqualTo(1);
  }

  private static double[][] rows(int networks, int blocks, double base, long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, networks)
        .mapToObj(i -> random.doubles(blocks).map(v -> base + 0.1 * v).toArray())
        .toArray(double[][]::new);
  }

  @Test
  void reuseOfSourcesTakesTheSameRandomNetworksForAll() {
    double[][] some = rows(3, 2, 0.5, 1);
    double[][] fewer = rows(2, 2, 0.5, 2);

    double[][] none = {};
    assertError(() -> BlockReuse.ofSource(none, none), "at least one network");
    assertError(() -> BlockReuse.ofSource(new double[][] {{}}, none), "one block");
    assertError(
        () -> BlockReuse.ofSources(new double[][][] {}, new double[][][] {}), "at least one");
    assertError(
        () -> BlockReuse.ofSources(new double[][][] {some}, new double[][][] {some, some}),
        "1 sources",
        "2 sources");
    assertError(
        () -> BlockReuse.ofSources(new double[][][] {some, some}, new double[][][] {some, fewer}),
        "the same random networks");
  }

  @Test
  void aSourceWithoutTransferredNetworksIsRefused() {
    double[][] some = rows(3, 2, 0.5, 1);
    BlockReuse reuse =
        BlockReuse.ofSources(
            new double[][][] {some, some, new double[0][]}, new double[][][] {some, some, some});

    assertError(() -> reuse.of(0), "at least one transferred network");
    assertError(() -> reuse.logLeft(0), "at least one transferred network");
  }

  @Test
  void sourcesThatAllGiveTheSameHaveNoSpread() {
    double[][] equal = {{0.5, 0.25}, {0.5, 0.25}, {0.5, 0.25}};
    double[][][] three = {equal, equal, equal};

    assertThat(reason(BlockReuse.ofSources(three, three).of(0))).contains("All 3 sources");
  }

  @Test
  void aShareOfNoDissimilarityIsRefused() {
    double[][] whole = {{1, 0.5}, {1, 0.6}, {1, 0.7}};
    BlockReuse reuse = BlockReuse.ofSource(rows(3, 2, 0.5, 3), whole);

    assertThat(reason(reuse.logLeft(0))).contains("block 0 is as it was");
    assertThat(reuse.logLeft(1).isKnown()).isTrue();
    assertError(
        () -> BlockReuse.ofSource(rows(3, 1, 0, 4), rows(3, 1, 0, 5)).trend(), "at least two");
  }

  /** The normalised reuse of means S and N is (S − N)/(1 − N), whatever the networks. */
  @Property(tries = 30)
  void normalisedReuseIsTheShareThatIsNotLeft(
      @ForAll @IntRange(min = 3, max = 7) int networks, @ForAll long seed) {
    double[][] transferred = rows(networks, 2, 0.6, seed);
    double[][] random = rows(networks, 2, 0.2, seed + 1);
    BlockReuse reuse = BlockReuse.ofSource(transferred, random);
    double s = Arrays.stream(transferred).mapToDouble(row -> row[1]).average().orElseThrow();
    double n = Arrays.stream(random).mapToDouble(row -> row[1]).average().orElseThrow();
    OptionalDouble left = reuse.logLeft(1).point();

    assertThat(BlockReuse.normalised(left.orElseThrow()))
        .isCloseTo((s - n) / (1 - n), within(1e-12));
    assertThat(reuse.of(1).point().orElseThrow()).isCloseTo(s - n, within(1e-12));
  }

  @Test
  void kernelsThatTieHalfWayCountHalf() {
    double[] fresh = new double[40];
    KernelAuc tied = KernelAuc.of(new double[] {0, 0}, fresh);
    Arrays.fill(fresh, 0, 20, 1);

    assertThat(tied.value()).isEqualTo(0.5);
    assertThat(tied.variance()).isPositive();
    assertThat(KernelAuc.of(new double[] {0.5, 2}, fresh).value()).isEqualTo(0.75);
  }

  @Test
  void eachVerdictHasWords() {
    assertThat(Verdict.values())
        .extracting(Verdict::words)
        .containsExactly("holds", "does not hold", "cannot be told");
  }
}
