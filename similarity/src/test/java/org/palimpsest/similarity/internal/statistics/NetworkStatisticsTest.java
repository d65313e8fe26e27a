package org.palimpsest.similarity.internal.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.internal.statistics.GainInteraction.Cell;
import org.palimpsest.similarity.internal.statistics.GainInteraction.Scale;
import org.palimpsest.similarity.internal.statistics.SpeedUp.RunCounts;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Estimate.CensoredValue;
import org.palimpsest.similarity.statistics.Estimate.ConfidenceInterval;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Judgement.Verdict;
import org.palimpsest.similarity.statistics.WelchContrast;
import org.palimpsest.similarity.statistics.WelchContrast.FrozenShare;

class NetworkStatisticsTest {

  private static final double[] SOME = {0.61, 0.64, 0.58, 0.66};
  private static final double[] SOME_OF_THEM = {0.41, 0.47, 0.4};

  @Test
  void networksThatTieGiveNoIntervalUnlessTheResolutionIsKnown() {
    double[] tied = {5 / 12.0, 5 / 12.0, 5 / 12.0};

    assertRefused(WelchContrast.ofMean(tied).estimate(), "All 3 networks of a group give");
    assertRefused(WelchContrast.ofDifference(SOME, tied).estimate(), "not known");
    Estimate known = WelchContrast.ofMean(tied).withResolution(1 / 12.0).estimate();
    // s is half of the resolution; t with 2 degrees of freedom at 0.975 is 4.302653
    assertThat(known.interval().width()).isCloseTo(2 * 4.302653 / 24 / Math.sqrt(3), within(1e-6));
  }

  @Test
  void valuesThatDifferByRoundingAloneTie() {
    assertRefused(WelchContrast.ofMean(0.3, 0.1 + 0.2, 0.3).estimate(), "All 3");
    assertRefused(
        WelchContrast.ofDifference(
                new double[] {1.1, 2.1, 3.1}, new double[] {0.8, 1.8, 2.8000000000000003})
            .inSeed()
            .estimate(),
        "All 3");
  }

  @Test
  void aResolutionWidensDifferencesWithinSeedsByBothArms() {
    double[] tied = {1, 2, 3};
    Estimate.Student paired =
        (Estimate.Student)
            WelchContrast.ofDifference(tied, tied).inSeed().withResolution(1).estimate();

    assertThat(paired.standardError()).isCloseTo(Math.sqrt(2 * 0.25 / 3), within(1e-12));
  }

  @Test
  void fewerThanThreeNetworksHaveNoInterval() {
    assertRefused(WelchContrast.ofMean(1, 2).estimate(), "at least 3");
    assertRefused(WelchContrast.ofMean().estimate(), "the smallest has 0");
    assertRefused(WelchContrast.ofDifference(SOME, new double[] {1}).estimate(), "has 1");
    assertRefused(Estimate.ofLogitShare(new int[] {3, 4}, new int[] {9, 9}), "at least 3");
    assertRefused(Estimate.ofLogitShare(new int[0], new int[0]), "at least 3");
    assertRefused(KernelAuc.over(List.of()), "at least 3");
    assertRefused(
        GroupDissimilarities.of(points(0, 1, 3, 7, 8), new int[] {0, 1}, new int[] {2, 3, 4})
            .location(),
        "at least 3");
    assertRefused(Estimate.ofShift(exactly(1, 2, 3), exactly(4, 5, 6, 7)), "ranks need at least 4");
    assertRefused(
        BlockReuse.ofSources(
                new double[][][] {{{0.5}}, {{0.6}}}, new double[][][] {{{0.1}}, {{0.2}}})
            .of(0),
        "5 are advised");
    double[][][] three = {{{0.5}}, {{0.6}}, {{0.7}}};
    double[][][] two = {{{0.1}, {0.2}}, {{0.2}, {0.3}}, {{0.3}, {0.1}}};
    assertRefused(BlockReuse.ofSources(three, two).logLeft(0), "there are 3 and 2");
    double[][][] copies = {{{1}}, {{1}}, {{1}}};
    double[][][] others = {{{0.1}, {0.2}, {0.3}}, {{0.2}, {0.3}, {0.1}}, {{0.1}, {0.4}, {0.2}}};
    assertRefused(BlockReuse.ofSources(copies, others).logLeft(0), "no dissimilarity: block 0");
    assertThat(BlockReuse.ofSources(three, others).logLeft(0).isKnown()).isTrue();
  }

  @Test
  void aRefusedEstimateDecidesNothing() {
    Estimate refused = WelchContrast.ofMean(1, 2).estimate();

    assertThat(refused.point()).hasValue(1.5);
    assertThat(refused.interval().isBounded()).isFalse();
    Judgement judgement = Judgement.above(refused, -100);
    assertThat(judgement.verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(judgement.reasons()).singleElement().asString().contains("Train more");
    assertThat(Judgement.within(refused, -100, 100).verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
  }

  @Test
  void sharesThatAllNetworksReachHaveAnIntervalWithinZeroAndOne() {
    for (int hits : new int[] {0, 6, 12}) {
      ConfidenceInterval share =
          Estimate.ofLogitShare(new int[] {hits, hits, hits}, new int[] {12, 12, 12})
              .interval()
              .through(Estimate::fromLogit);

      assertThat(share.width()).isGreaterThan(0.05);
      assertThat(share.low()).isGreaterThan(0);
      assertThat(share.high()).isLessThan(1);
      assertThat(share.contains(Math.min(0.99, Math.max(0.01, hits / 12.0)))).isTrue();
    }
  }

  @Test
  void kernelsThatAreToldPerfectlyStillHaveAWidth() {
    KernelAuc perfect = KernelAuc.of(new double[] {5, 6, 7}, new double[60]);

    assertThat(perfect.value()).isEqualTo(1);
    assertThat(KernelAuc.over(List.of(perfect, perfect, perfect)).interval().width())
        .isGreaterThan(0.1);
    assertThat(KernelAuc.of(new double[] {0, 0}, new double[60]).value()).isEqualTo(0.5);
  }

  @Test
  void curvesReachGoalsBetweenCheckpointsOnALogarithmicAxis() {
    LearningCurve curve =
        LearningCurve.of(new double[] {0, 4, 16, 64}, new double[] {0, 0.2, 0.6, 0.8});

    assertThat(curve.log2StepTo(0.4)).isEqualTo(CensoredValue.exactly(3));
    assertThat(curve.log2StepTo(0.2)).isEqualTo(CensoredValue.atMost(2));
    assertThat(curve.log2StepTo(0.9)).isEqualTo(CensoredValue.atLeast(6));
    assertThat(curve.plateau()).isCloseTo(1.6 / 3, within(1e-12));
  }

  @Test
  void aDipBeforeAGoalIsSmoothedAway() {
    LearningCurve spiked =
        LearningCurve.of(new double[] {1, 2, 4, 8, 16}, new double[] {0.1, 0.5, 0.3, 0.4, 0.9});

    assertThat(spiked.log2StepTo(0.45).low()).isCloseTo(3.1, within(1e-12));
  }

  @Test
  void theFasterArmIsAheadByTheDoublingsThatItSaves() {
    Estimate ahead = SpeedUp.of(curves(20, 24, 28, 22), curves(10, 12, 14, 11)).estimate();

    assertThat(ahead).isInstanceOf(Estimate.Student.class);
    assertThat(ahead.point().orElseThrow()).isCloseTo(1, within(0.05));
    assertThat(Judgement.above(ahead, 0).verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void curvesThatShareSeedsAreComparedInsideThem() {
    SpeedUp speedUp = SpeedUp.of(curves(10, 20, 40, 80), curves(7, 14.1, 28, 57));

    assertThat(speedUp.estimate().interval().low()).isNegative();
    assertThat(speedUp.inSeed().estimate().interval().low()).isPositive();
  }

  @Test
  void aBetterFinalScoreIsNotPunished() {
    List<LearningCurve> plain = curves(20, 24, 28, 22);
    List<LearningCurve> better =
        plain.stream()
            .map(c -> new LearningCurve(c.steps(), c.scores().stream().map(s -> 1.2 * s).toList()))
            .toList();

    assertThat(SpeedUp.of(plain, better).estimate().point().orElseThrow()).isPositive();
  }

  @Test
  void runsThatNeverReachAGoalAreNeitherDroppedNorInvented() {
    List<LearningCurve> others = new ArrayList<>(curves(20, 24, 28, 22));
    others.addAll(curves(5000));
    Estimate ahead = SpeedUp.of(others, curves(10, 12, 14, 11)).estimate();

    assertThat(ahead).isNotInstanceOfAny(Estimate.Student.class, Estimate.Refused.class);
    assertThat(ahead.interval().low()).isPositive();
    assertThat(ahead.interval().high()).isInfinite();
    assertThat(SpeedUp.of(others, curves(10, 12, 14, 11)).reached().words())
        .isEqualTo("4 of 4 against 4 of 5 runs");
  }

  @Test
  void ofMostlyCensoredRunsOnlyCountsAreTold() {
    List<LearningCurve> slow = curves(5000, 6000, 7000, 8000);
    List<LearningCurve> fast = curves(10, 12, 14, 9000);
    SpeedUp speedUp = SpeedUp.of(fast, slow);

    assertRefused(speedUp.estimate(), "Only 3 of 8 runs");
    assertThat(speedUp.reached().pLess()).isBetween(0.0, 0.1);
  }

  private static List<LearningCurve> curves(double... halves) {
    double[] steps = IntStream.range(0, 15).mapToDouble(i -> Math.pow(1.6, i)).toArray();
    return Arrays.stream(halves)
        .mapToObj(
            half ->
                LearningCurve.of(
                    steps, Arrays.stream(steps).map(s -> 0.8 / (1 + half / s)).toArray()))
        .toList();
  }

  @Test
  void aShareOfNoCertainRoomIsRefused() {
    FrozenShare share =
        FrozenShare.of(SOME, new double[] {0.5, 0.52, 0.49}, new double[] {0.51, 0.47, 0.5});

    assertRefused(share.estimate(), "no certain room above the floor");
    assertThat(share.room().isKnown()).isTrue();
  }

  @Test
  void aShareIsUnboundedAtALevelAtWhichTheRoomIsNotCertain() {
    FrozenShare share =
        FrozenShare.of(
            new double[] {0.55, 0.57, 0.56},
            new double[] {0.6, 0.64, 0.68},
            new double[] {0.5, 0.48, 0.52});

    assertThat(share.estimate().interval().isBounded()).isTrue();
    assertThat(share.estimate().interval(0.9999).isBounded()).isFalse();
  }

  @Test
  void spreadAloneIsNoDifferenceOfPlace() {
    double[][] wideAndNarrow = points(-3, -1, 1, 3, -0.3, -0.1, 0.1, 0.3);
    GroupDissimilarities groups =
        GroupDissimilarities.of(wideAndNarrow, new int[] {4, 5, 6, 7}, new int[] {0, 1, 2, 3});

    // Unbiased, and so below 0 where the means are the same.
    assertThat(groups.location().point().orElseThrow()).isLessThan(0);
    assertThat(groups.acrossBesideSecond().point().orElseThrow()).isLessThan(-0.5);
    assertThat(groups.logRatioOfSpread().point().orElseThrow())
        .isCloseTo(Math.log(0.01), within(1e-9));
  }

  @Test
  void shareApartAndLocationAreEachOthersInverse() {
    assertThat(GroupDissimilarities.shareApart(GroupDissimilarities.locationOf(0.1)))
        .isCloseTo(0.1, within(1e-12));
  }

  @Test
  void roundingMayPutADissimilarityBelowZero() {
    double[][] rounded = points(0, 1, 2, 5, 7, 9);
    rounded[0][1] = -1e-12;
    rounded[1][0] = 0;

    assertThat(
            GroupDissimilarities.of(rounded, new int[] {0, 1, 2}, new int[] {3, 4, 5})
                .location()
                .isKnown())
        .isTrue();
  }

  @Test
  void networksThatAreCopiesHaveNoRatio() {
    double[][] copies = points(0, 0, 0, 1, 2, 4);
    GroupDissimilarities groups =
        GroupDissimilarities.of(copies, new int[] {0, 1, 2}, new int[] {3, 4, 5});
    double[][] same = new double[6][6];
    Arrays.stream(same).forEach(row -> Arrays.fill(row, 0.5));

    assertRefused(groups.logRatioOfSpread(), "copies of each other");
    assertRefused(
        GroupDissimilarities.of(same, new int[] {0, 1, 2}, new int[] {3, 4, 5}).logRatioOfSpread(),
        "whichever network is left out");
  }

  @Test
  void sourcesWithoutPairsOfTheirOwnHaveNoRatio() {
    GroupDissimilarities groups =
        GroupDissimilarities.of(
            points(0, 1, 3, 4, 9, 12), new int[] {0, 1, 2}, new int[] {3, 4, 5});

    assertRefused(
        groups.withSourcesOfFirst(7, 8, 9).logRatioOfSources(), "no source has two networks");
  }

  /** Squared distances of points on a line. */
  private static double[][] points(double... at) {
    double[][] squared = new double[at.length][at.length];
    for (int i = 0; i < at.length; i++) {
      for (int j = 0; j < at.length; j++) {
        squared[i][j] = (at[i] - at[j]) * (at[i] - at[j]);
      }
    }
    return squared;
  }

  @Test
  void whatRandomNetworksHaveIsUncertainToo() {
    double[][] transferred = {{0.60}, {0.61}, {0.59}};
    double[][] random = {{0.35}, {0.50}, {0.41}};
    Estimate.Student reuse = (Estimate.Student) BlockReuse.ofSource(transferred, random).of(0);
    Estimate.Student asIfKnown =
        (Estimate.Student) WelchContrast.ofMean(0.18, 0.19, 0.17).estimate();

    assertThat(reuse.value()).isCloseTo(asIfKnown.value(), within(1e-12));
    assertThat(reuse.standardError()).isGreaterThan(5 * asIfKnown.standardError());
  }

  @Test
  void reuseDeeperIsFoundWhereItIsAndNotWhereItIsNot() {
    double[][] random = blocks(0.3, 0.3, 0.3, 0.3);
    BlockReuse deeper = BlockReuse.ofSource(blocks(0.4, 0.35, 0.8, 0.3), random);
    BlockReuse early = BlockReuse.ofSource(blocks(0.8, 0.8, 0.31, 0.31), random);
    int[] first = {0, 1};
    int[] last = {2, 3};

    assertThat(deeper.isStrongerDeeper(first, last).verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(early.isStrongerDeeper(first, last).verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(deeper.isNotOnlyEarly(last, 0.05).verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(early.isNotOnlyEarly(last, 0.05).verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(early.trend().interval().high()).isNegative();
    assertThat(BlockReuse.normalised(deeper.logLeft(2).point().orElseThrow()))
        .isCloseTo((0.8 - 0.3) / 0.7, within(0.02));
  }

  private static double[][] blocks(double... means) {
    return IntStream.range(0, 5)
        .mapToObj(
            i ->
                IntStream.range(0, means.length)
                    .mapToDouble(b -> means[b] + 0.004 * ((i * 7 + b * 3) % 5 - 2))
                    .toArray())
        .toArray(double[][]::new);
  }

  @Test
  void gainsThatAreEqualOnTheLogitAreNotOnTheScore() {
    GainInteraction equal =
        GainInteraction.empty()
            .with(Cell.HARD_FEW, raised(0.55, 0.2), near(0.55))
            .with(Cell.HARD_MANY, raised(0.70, 0.2), near(0.70))
            .with(Cell.EASY_FEW, raised(0.85, 0.2), near(0.85))
            .with(Cell.EASY_MANY, raised(0.93, 0.2), near(0.93));

    assertThat(equal.aheadOfOthers(Scale.SCORE).point().orElseThrow())
        .isCloseTo(0.024, within(0.001));
    assertThat(equal.aheadOfOthers(Scale.LOGIT).point().orElseThrow()).isCloseTo(0, within(1e-9));
  }

  @Test
  void gainsWhoseOrderDependsOnTheScaleDecideNothing() {
    GainInteraction opposed =
        GainInteraction.empty()
            .with(Cell.HARD_FEW, raised(0.55, 0.2), near(0.55))
            .with(Cell.HARD_MANY, raised(0.70, 0.22), near(0.70))
            .with(Cell.EASY_FEW, raised(0.85, 0.22), near(0.85))
            .with(Cell.EASY_MANY, raised(0.93, 0.22), near(0.93));

    Judgement judgement = opposed.isLargerWhenHardAndFew();
    assertThat(judgement.verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(judgement.reasons())
        .singleElement()
        .asString()
        .startsWith("It depends on the scale");
  }

  @Test
  void onlyWhenHardAndFewTakesAllOthersToBeSmall() {
    GainInteraction only = gains(0.1, 0, 0, 0);
    GainInteraction alsoHard = gains(0.1, 0.08, 0, 0);

    assertThat(only.isLargerWhenHardAndFew().verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(only.isOnlyWhenHardAndFew(0.02).verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(alsoHard.isOnlyWhenHardAndFew(0.02).verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(alsoHard.isLargerWhenHardAndFew().verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(only.interaction(Scale.SCORE).point().orElseThrow()).isCloseTo(0.1, within(1e-9));
  }

  @Test
  void gainsInsideSeedsLeaveOutWhatTheSeedsShare() {
    double[] random = {0.2, 0.4, 0.6, 0.8};
    double[] transferred = {0.26, 0.45, 0.66, 0.85};
    GainInteraction design = GainInteraction.empty();
    for (Cell cell : Cell.values()) {
      design = design.with(cell, transferred, random);
    }
    Estimate.Student apart = (Estimate.Student) design.gain(Cell.HARD_FEW, Scale.SCORE);
    Estimate.Student paired = (Estimate.Student) design.inSeed().aheadOfOthers(Scale.SCORE);

    assertThat(apart.interval().low()).isNegative();
    assertThat(design.inSeed().gain(Cell.HARD_FEW, Scale.SCORE).interval().low()).isPositive();
    assertThat(paired.degreesOfFreedom()).isGreaterThan(3.5);
    assertThat(design.inSeedOverCells().aheadOfOthers(Scale.SCORE).isKnown()).isFalse();
    GainInteraction unequal =
        GainInteraction.empty().with(Cell.HARD_FEW, transferred, SOME_OF_THEM).inSeed();
    assertError(() -> unequal.gain(Cell.HARD_FEW, Scale.SCORE), "4 transferred and 3 random");
  }

  private static GainInteraction gains(double... gains) {
    GainInteraction design = GainInteraction.empty();
    for (Cell cell : Cell.values()) {
      double[] random = near(0.6);
      double gain = gains[cell.ordinal()];
      design = design.with(cell, Arrays.stream(random).map(r -> r + gain).toArray(), random);
    }
    return design;
  }

  private static double[] near(double score) {
    return new double[] {score - 0.004, score, score + 0.002, score + 0.001, score + 0.001};
  }

  private static double[] raised(double score, double logits) {
    return Arrays.stream(near(score))
        .map(s -> Estimate.fromLogit(Estimate.logit(s) + logits))
        .toArray();
  }

  @Test
  void aClaimOfAllFailsByOneAndAClaimOfSomeHoldsByOneBothCorrected() {
    Judgement good = new Judgement(0.001, 0.999, List.of());
    Judgement weak = new Judgement(0.02, 0.98, List.of());
    Judgement bad = new Judgement(0.99, 0.01, List.of());

    assertThat(Judgement.allOf(List.of(good, weak)).verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(Judgement.allOf(List.of(good, good, good, bad)).verdict())
        .isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(Judgement.allOf(List.of(good, bad)).verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
    assertThat(Judgement.someOf(List.of(bad, good)).verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(Judgement.someOf(List.of(bad, weak)).verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(Judgement.someOf(List.of(bad, bad)).verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
  }

  @Test
  void whatWasNotFoundCountsOnlyIfTheControlWas() {
    Judgement notFound = new Judgement(0.001, 0.999, List.of());
    Judgement control = new Judgement(0.3, 0.7, List.of());

    Judgement judgement = notFound.onlyIf(control, "The control was not found.");
    assertThat(judgement.verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(judgement.reasons()).containsExactly("The control was not found.");
    assertThat(notFound.onlyIf(notFound, "").verdict()).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void aControlThatCannotBeToldIsNotSaidToHaveFailed() {
    Judgement few = Judgement.undecided("Too few networks.");

    Judgement judgement = few.onlyIf(few, "The control was not found.");

    assertThat(judgement.verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
    assertThat(judgement.reasons()).containsExactly("Too few networks.");
  }

  @Test
  void sharesOfALevelThatIsNotAboveTheStartAreNoGoals() {
    LearningCurve nothing = LearningCurve.of(new double[] {0, 1, 2, 4}, new double[] {0, 0, 0, 0});
    LearningCurve falling =
        LearningCurve.of(new double[] {0, 1, 2, 4}, new double[] {0.5, 0.4, 0.4, 0.4});
    List<LearningCurve> better = curves(10, 12, 14, 11);

    for (LearningCurve reference : List.of(nothing, falling)) {
      SpeedUp speedUp = SpeedUp.of(List.of(reference, reference, reference), better);

      assertThat(speedUp.estimate().isKnown()).isFalse();
      assertThat(speedUp.estimate().point()).isEmpty();
      assertThat(Judgement.above(speedUp.estimate(), 0).reasons().get(0))
          .contains("no level to reach");
    }
  }

  @Test
  void claimsJudgedTogetherAreCorrectedByHolm() {
    List<Judgement> claims =
        List.of(
            new Judgement(0.001, 0.999, List.of()),
            new Judgement(0.02, 0.98, List.of()),
            new Judgement(0.995, 0.005, List.of()),
            Judgement.undecided("nothing"));

    assertThat(claims.stream().map(Judgement::verdict))
        .containsExactly(
            Verdict.HOLDS, Verdict.HOLDS, Verdict.DOES_NOT_HOLD, Verdict.CANNOT_BE_TOLD);
    assertThat(Judgement.together(claims, 0.05))
        .containsExactly(
            Verdict.HOLDS, Verdict.CANNOT_BE_TOLD, Verdict.DOES_NOT_HOLD, Verdict.CANNOT_BE_TOLD);
    assertThat(Judgement.together(List.of(), 0.05)).isEmpty();
  }

  @Test
  void smallerEffectsAndNarrowerMarginsTakeMoreNetworks() {
    Estimate.Student pilot = new Estimate.Student(0.1, 0.4, 4, 3);
    int large = pilot.networksToPass(2, 0.8).orElseThrow();
    int small = pilot.networksToPass(0.5, 0.8).orElseThrow();
    assertThat(small).isGreaterThan(large);
    assertThat(pilot.networksToBeWithin(0.5, 0.8).orElseThrow()).isGreaterThan(small);
    assertThat(pilot.networksToPass(0.5, 0.95).orElseThrow()).isGreaterThan(small);
    assertThat(pilot.networksToPass(1e-4, 0.8)).isEqualTo(OptionalInt.empty());
  }

  @Test
  void numbersThatAreNoneAreRefusedByName() {
    double[] withNan = {1, Double.NaN, 2};

    assertError(() -> WelchContrast.ofMean(withNan), "Values of networks must be finite");
    assertError(() -> FrozenShare.of(SOME, withNan, SOME), "Scores of whole networks");
    assertError(() -> LearningCurve.IsotonicRegression.fit(withNan), "Scores of a curve");
    assertError(
        () -> KernelAuc.of(new double[] {1, Double.POSITIVE_INFINITY}, new double[50]),
        "trained kernels");
    assertError(() -> BlockReuse.ofSource(new double[][] {withNan}, new double[0][]), "blocks");
    assertError(
        () -> GroupDissimilarities.of(points(0, Double.NaN, 1), new int[] {0}, new int[] {1}),
        "NaN");
    assertError(() -> new Estimate.Student(1, 0, 3, 4), "standard error");
    assertError(() -> new Estimate.Student(1, Double.NaN, 3, 4), "standard error");
    assertError(() -> new ConfidenceInterval(2, 1, 0.95), "no inside");
  }

  @Test
  void shapesThatDoNotFitAreRefusedByName() {
    int[] none = {};
    assertError(
        () -> WelchContrast.ofDifference(SOME, new double[] {1, 2, 3}).inSeed().estimate(),
        "as many networks each; here are 4 and 3");
    assertError(() -> WelchContrast.of(0, SOME).estimate(), "weight is not 0");
    assertError(
        () -> GroupDissimilarities.of(points(1, 2, 3), new int[] {0, 1}, new int[] {1, 2}),
        "different networks");
    assertError(
        () -> GroupDissimilarities.of(points(1, 2, 3), new int[] {0, 5}, new int[] {1}),
        "different networks");
    GroupDissimilarities groups =
        GroupDissimilarities.of(points(1, 2, 3, 5), new int[] {0}, new int[] {1});
    assertError(() -> groups.locationBeyond(1, 2), "other networks among the 4");
    assertError(() -> groups.locationBeyond(2, 2), "given were [2, 2]");
    assertError(() -> groups.locationBeyond(4), "other networks");
    assertError(() -> GroupDissimilarities.of(new double[2][3], none, none), "square");
    assertError(
        () -> GroupDissimilarities.of(new double[][] {{0, 1}, {2, 0}}, none, none), "both ways");
    assertError(() -> LearningCurve.of(new double[] {1, 1, 2}, new double[] {0, 0, 0}), "ascend");
    assertError(() -> LearningCurve.of(new double[] {1, 2}, new double[] {0, 0}), "at least 3");
    assertError(() -> Estimate.ofLogitShare(new int[] {3}, new int[] {2}), "network 0 has 3 of 2");
    assertError(() -> KernelAuc.of(new double[10], new double[199]), "20 times as many fresh");
    assertError(() -> new RunCounts(3, 2, 0, 1), "3 of 2");
    assertError(() -> new CensoredValue(2, 1), "bounds");
    assertError(() -> Judgement.allOf(List.of()), "at least one");
    assertError(
        () -> BlockReuse.ofSource(new double[][] {{1, 2}, {1}}, new double[0][]), "same blocks");
    assertError(() -> GainInteraction.empty().gain(Cell.EASY_FEW, Scale.SCORE), "cell EASY_FEW");
    assertError(() -> pilot().networksToPass(0, 0.8), "above 0");
    BlockReuse two = BlockReuse.ofSource(new double[][] {{1, 2}}, new double[][] {{1, 2}});
    assertError(() -> two.of(2), "blocks 0 to 1");
    assertError(() -> two.difference(0, -1), "blocks 0 to 1");
    assertError(two::meanOf, "no blocks");
    assertError(() -> two.sum(1), "each of 2 blocks");
  }

  private static Estimate.Student pilot() {
    return new Estimate.Student(0, 1, 3, 4);
  }

  private static List<CensoredValue> exactly(double... values) {
    return Arrays.stream(values).mapToObj(CensoredValue::exactly).toList();
  }

  private static void assertRefused(Estimate estimate, String reason) {
    assertThat(estimate).isInstanceOf(Estimate.Refused.class);
    assertThat(((Estimate.Refused) estimate).reason()).contains(reason);
  }

  private static void assertError(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(PalimpsestException.class).hasMessageContaining(message);
  }
}
