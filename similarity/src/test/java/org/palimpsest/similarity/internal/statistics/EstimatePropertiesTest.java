package org.palimpsest.similarity.internal.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.palimpsest.similarity.internal.statistics.GainInteraction.Cell;
import org.palimpsest.similarity.internal.statistics.GainInteraction.Scale;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Estimate.CensoredValue;
import org.palimpsest.similarity.statistics.Estimate.ConfidenceInterval;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Judgement.Verdict;
import org.palimpsest.similarity.statistics.WelchContrast;
import org.palimpsest.similarity.statistics.WelchContrast.FrozenShare;

/** What holds of all estimates, or of one whatever the networks. */
class EstimatePropertiesTest {

  private static final double ROUNDING = 1e-8;

  /** Networks of two groups, made from a seed. */
  private record Networks(int first, int second, Random random) {

    static Networks of(int first, int second, long seed) {
      return new Networks(first, second, new Random(seed));
    }

    double[] values(int count, double mean, double spread) {
      return random.doubles(count).map(u -> mean + spread * (u - 0.5)).toArray();
    }

    double[] ofFirst() {
      return values(first, 0.8, 0.1);
    }

    double[] ofSecond() {
      return values(second, 0.5, 0.1);
    }

    double[][] blocks(int networks) {
      return IntStream.range(0, networks)
          .mapToObj(i -> values(4, 0.5, 0.3))
          .toArray(double[][]::new);
    }

    double[][] dissimilarities() {
      double[][] points =
          IntStream.range(0, first + second)
              .mapToObj(i -> values(5, i < first ? 1 : 0, 2))
              .toArray(double[][]::new);
      double[][] dissimilarities = new double[points.length][points.length];
      for (int i = 0; i < points.length; i++) {
        for (int j = 0; j < points.length; j++) {
          for (int k = 0; k < 5; k++) {
            dissimilarities[i][j] += Math.pow(points[i][k] - points[j][k], 2);
          }
        }
      }
      return dissimilarities;
    }

    GroupDissimilarities groups() {
      return GroupDissimilarities.of(
          dissimilarities(),
          IntStream.range(0, first).toArray(),
          IntStream.range(first, first + second).toArray());
    }

    List<CensoredValue> brackets(int count) {
      return IntStream.range(0, count)
          .mapToObj(
              i -> {
                double low = random.nextDouble();
                return switch (random.nextInt(4)) {
                  case 0 -> CensoredValue.atLeast(low);
                  case 1 -> CensoredValue.atMost(low);
                  case 2 -> new CensoredValue(low, low + random.nextDouble());
                  default -> CensoredValue.exactly(low);
                };
              })
          .toList();
    }

    LearningCurve curve(double half) {
      double[] steps = {0, 5, 10, 20, 40, 80, 160, 320};
      double end = 0.7 + 0.05 * random.nextDouble();
      return LearningCurve.of(
          steps, Arrays.stream(steps).map(s -> s == 0 ? 0 : end / (1 + half / s)).toArray());
    }

    List<LearningCurve> curves(int count, double half) {
      return IntStream.range(0, count)
          .mapToObj(i -> curve(half * (0.8 + 0.4 * random.nextDouble())))
          .toList();
    }
  }

  /** One estimate of each kind. */
  private static List<Estimate> all(Networks networks) {
    int n = networks.first;
    int m = networks.second;
    GroupDissimilarities groups = networks.groups();
    BlockReuse reuse = BlockReuse.ofSource(networks.blocks(n), networks.blocks(m));
    return Stream.of(
            WelchContrast.ofMean(networks.ofFirst()).estimate(),
            WelchContrast.ofDifference(networks.ofFirst(), networks.ofSecond()).estimate(),
            Estimate.ofShift(networks.brackets(n), networks.brackets(m)),
            SpeedUp.of(networks.curves(n, 25), networks.curves(m, 18)).estimate(),
            FrozenShare.of(networks.ofFirst(), networks.ofFirst(), networks.ofSecond()).estimate(),
            Estimate.ofLogitShare(new int[] {3, 3, 3}, new int[] {7, 7, 7}),
            KernelAuc.over(
                IntStream.range(0, n)
                    .mapToObj(
                        i -> KernelAuc.of(networks.values(5, 1, 1), networks.values(100, 0.8, 1)))
                    .toList()),
            groups.location(),
            groups.acrossBesideSecond(),
            groups.logRatioOfSpread(),
            reuse.trend(),
            reuse.logLeft(1),
            reuse.meanOf(1, 2))
        .toList();
  }

  @Property(tries = 60)
  void anIntervalHasAWidthAndHoldsThePoint(
      @ForAll @IntRange(min = 4, max = 9) int first,
      @ForAll @IntRange(min = 4, max = 9) int second,
      @ForAll long seed) {
    for (Estimate estimate : all(Networks.of(first, second, seed))) {
      assertThat(estimate.isKnown()).isTrue();
      ConfidenceInterval interval = estimate.interval();
      assertThat(interval.width()).isGreaterThan(0);
      estimate.point().ifPresent(point -> assertThat(interval.contains(point)).isTrue());
      assertThat(estimate.interval(0.99).low()).isLessThanOrEqualTo(interval.low());
      assertThat(estimate.interval(0.99).high()).isGreaterThanOrEqualTo(interval.high());
    }
  }

  @Property(tries = 60)
  void theVerdictOnAThresholdIsItsPositionBesideTheInterval(
      @ForAll @IntRange(min = 4, max = 9) int first,
      @ForAll @IntRange(min = 4, max = 9) int second,
      @ForAll @DoubleRange(min = -2, max = 2) double threshold,
      @ForAll long seed) {
    for (Estimate estimate : all(Networks.of(first, second, seed))) {
      ConfidenceInterval interval = estimate.interval();
      Verdict expected =
          interval.low() > threshold
              ? Verdict.HOLDS
              : interval.high() < threshold ? Verdict.DOES_NOT_HOLD : Verdict.CANNOT_BE_TOLD;
      assertThat(Judgement.above(estimate, threshold).verdict()).isEqualTo(expected);
    }
  }

  @Property(tries = 60)
  void theOrderOfNetworksDoesNotMatter(
      @ForAll @IntRange(min = 3, max = 9) int first,
      @ForAll @IntRange(min = 3, max = 9) int second,
      @ForAll long seed) {
    Networks networks = Networks.of(first, second, seed);
    double[] a = networks.ofFirst();
    double[] b = networks.ofSecond();
    int[] order = order(first + second, networks.random);
    double[][] d = networks.dissimilarities();
    double[][] moved = new double[d.length][d.length];
    for (int i = 0; i < d.length; i++) {
      for (int j = 0; j < d.length; j++) {
        moved[order[i]][order[j]] = d[i][j];
      }
    }
    int[] ofFirst = IntStream.range(0, first).toArray();
    int[] ofSecond = IntStream.range(first, first + second).toArray();
    GroupDissimilarities before = GroupDissimilarities.of(d, ofFirst, ofSecond);
    GroupDissimilarities after =
        GroupDissimilarities.of(moved, mapped(ofFirst, order), mapped(ofSecond, order));

    assertSame(
        WelchContrast.ofDifference(a, b).estimate(),
        WelchContrast.ofDifference(reversed(a), reversed(b)).estimate(),
        x -> x);
    assertSame(before.location(), after.location(), x -> x);
    assertSame(before.logRatioOfSpread(), after.logRatioOfSpread(), x -> x);
  }

  @Property(tries = 60)
  void theUnitOfAFigureGoesThroughAndRatiosHaveNone(
      @ForAll @IntRange(min = 4, max = 9) int first,
      @ForAll @IntRange(min = 4, max = 9) int second,
      @ForAll @DoubleRange(min = 0.01, max = 1000) double unit,
      @ForAll long seed) {
    Networks networks = Networks.of(first, second, seed);
    double[] a = networks.ofFirst();
    double[] b = networks.ofSecond();
    double[] c = networks.values(5, 0.65, 0.1);
    double[][] d = networks.dissimilarities();
    int[] ofFirst = IntStream.range(0, first).toArray();
    int[] ofSecond = IntStream.range(first, first + second).toArray();
    GroupDissimilarities groups = GroupDissimilarities.of(d, ofFirst, ofSecond);
    GroupDissimilarities scaled =
        GroupDissimilarities.of(
            Arrays.stream(d).map(row -> in(unit, row)).toArray(double[][]::new), ofFirst, ofSecond);

    assertSame(
        WelchContrast.ofDifference(a, b).estimate(),
        WelchContrast.ofDifference(in(unit, a), in(unit, b)).estimate(),
        x -> unit * x);
    assertSame(
        FrozenShare.of(c, a, b).estimate(),
        FrozenShare.of(in(unit, c), in(unit, a), in(unit, b)).estimate(),
        x -> x);
    assertSame(groups.location(), scaled.location(), x -> x);
    assertSame(groups.acrossBesideSecond(), scaled.acrossBesideSecond(), x -> x);
    assertSame(groups.logRatioOfSpread(), scaled.logRatioOfSpread(), x -> x);
  }

  @Property(tries = 60)
  void exchangedGroupsTurnTheSign(
      @ForAll @IntRange(min = 4, max = 9) int first,
      @ForAll @IntRange(min = 4, max = 9) int second,
      @ForAll long seed) {
    Networks networks = Networks.of(first, second, seed);
    double[] a = networks.ofFirst();
    double[] b = networks.ofSecond();
    double[][] d = networks.dissimilarities();
    int[] ofFirst = IntStream.range(0, first).toArray();
    int[] ofSecond = IntStream.range(first, first + second).toArray();
    GroupDissimilarities groups = GroupDissimilarities.of(d, ofFirst, ofSecond);
    GroupDissimilarities turned = GroupDissimilarities.of(d, ofSecond, ofFirst);
    List<CensoredValue> some = networks.brackets(first);
    List<CensoredValue> others = networks.brackets(second);

    assertSame(
        WelchContrast.ofDifference(a, b).estimate(),
        WelchContrast.ofDifference(b, a).estimate(),
        x -> -x);
    assertSame(Estimate.ofShift(some, others), Estimate.ofShift(others, some), x -> -x);
    assertSame(groups.logRatioOfSpread(), turned.logRatioOfSpread(), x -> -x);
    assertSame(groups.location(), turned.location(), x -> x);
  }

  @Property(tries = 60)
  void recipesAgreeWithThePlainContrastWhereTheyAreOne(
      @ForAll @IntRange(min = 3, max = 9) int first,
      @ForAll @IntRange(min = 3, max = 9) int second,
      @ForAll long seed) {
    Networks networks = Networks.of(first, second, seed);
    double[] a = networks.ofFirst();
    double[] b = networks.ofSecond();
    Estimate plain = WelchContrast.ofDifference(a, b).estimate();

    assertSame(plain, BlockReuse.ofSource(oneBlock(a), oneBlock(b)).of(0), x -> x);
    assertSame(plain, FrozenShare.of(a, b, networks.ofFirst()).contrast(1), x -> x);
    assertSame(
        plain,
        GainInteraction.empty().with(Cell.HARD_FEW, a, b).gain(Cell.HARD_FEW, Scale.SCORE),
        x -> x);
    double[] differences =
        IntStream.range(0, first).mapToDouble(i -> a[i] - a[(i + 1) % first]).toArray();
    assertSame(
        WelchContrast.ofMean(differences).estimate(),
        WelchContrast.ofDifference(
                a, IntStream.range(0, first).mapToDouble(i -> a[(i + 1) % first]).toArray())
            .inSeed()
            .estimate(),
        x -> x);
  }

  @Property(tries = 60)
  void sourcesOfOneNetworkEachAreNetworks(
      @ForAll @IntRange(min = 3, max = 8) int first,
      @ForAll @IntRange(min = 3, max = 8) int second,
      @ForAll @IntRange(min = -5, max = 1000) int label,
      @ForAll long seed) {
    GroupDissimilarities groups = Networks.of(first, second, seed).groups();
    int[] sources = IntStream.range(0, first).map(i -> label - 3 * i).toArray();

    assertSame(groups.location(), groups.withSourcesOfFirst(sources).location(), x -> x);
  }

  @Property(tries = 60)
  void aSpeedUpHasNoUnitOfStepsOrScores(
      @ForAll @IntRange(min = 3, max = 6) int runs,
      @ForAll @DoubleRange(min = 1, max = 50) double unit,
      @ForAll long seed) {
    Networks networks = Networks.of(runs, runs, seed);
    List<LearningCurve> slow = networks.curves(runs, 30);
    List<LearningCurve> fast = networks.curves(runs, 20);

    assertSame(
        SpeedUp.of(slow, fast).estimate(),
        SpeedUp.of(inUnits(unit, slow), inUnits(unit, fast)).estimate(),
        x -> x);
  }

  private static List<LearningCurve> inUnits(double unit, List<LearningCurve> curves) {
    return curves.stream()
        .map(
            curve ->
                new LearningCurve(
                    curve.steps().stream().map(s -> s * unit).toList(),
                    curve.scores().stream().map(s -> s / unit).toList()))
        .toList();
  }

  @Property(tries = 100)
  void isotonicFitsRiseKeepTheMeanAndStayIfTheyRise(
      @ForAll @IntRange(min = 1, max = 40) int length, @ForAll long seed) {
    double[] values = new Random(seed).doubles(length).toArray();
    double[] fit = LearningCurve.IsotonicRegression.fit(values);

    assertThat(Arrays.stream(fit).average().orElseThrow())
        .isCloseTo(Arrays.stream(values).average().orElseThrow(), within(1e-12));
    for (int i = 1; i < length; i++) {
      assertThat(fit[i]).isGreaterThanOrEqualTo(fit[i - 1]);
    }
    assertThat(LearningCurve.IsotonicRegression.fit(fit)).containsExactly(fit, within(1e-12));
  }

  @Property(tries = 60)
  void anAreaUnderTheCurveDependsOnTheOrderOfScoresAlone(
      @ForAll @IntRange(min = 2, max = 12) int kernels, @ForAll long seed) {
    Random random = new Random(seed);
    double[] trained = random.doubles(kernels).toArray();
    double[] fresh = random.doubles(20L * kernels).toArray();
    KernelAuc plain = KernelAuc.of(trained, fresh);
    KernelAuc bent =
        KernelAuc.of(
            Arrays.stream(trained).map(Math::exp).toArray(),
            Arrays.stream(fresh).map(Math::exp).toArray());

    assertThat(bent).isEqualTo(plain);
  }

  private static void assertSame(Estimate one, Estimate other, DoubleUnaryOperator expected) {
    assertThat(other.isKnown()).isEqualTo(one.isKnown());
    assertThat(other.units()).isEqualTo(one.units());
    assertThat(other.point().isPresent()).isEqualTo(one.point().isPresent());
    if (one.point().isPresent()) {
      assertClose(expected.applyAsDouble(one.point().getAsDouble()), other.point().getAsDouble());
    }
    ConfidenceInterval interval = one.interval().through(expected);
    assertClose(interval.low(), other.interval().low());
    assertClose(interval.high(), other.interval().high());
  }

  private static void assertClose(double one, double other) {
    if (Double.isInfinite(one)) {
      assertThat(other).isEqualTo(one);
    } else {
      assertThat(other).isCloseTo(one, within(ROUNDING * Math.max(1, Math.abs(one))));
    }
  }

  private static int[] order(int count, Random random) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
    Collections.shuffle(order, random);
    return order.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int[] mapped(int[] indices, int[] order) {
    return Arrays.stream(indices).map(i -> order[i]).toArray();
  }

  private static double[] reversed(double... values) {
    return IntStream.range(0, values.length)
        .mapToDouble(i -> values[values.length - 1 - i])
        .toArray();
  }

  private static double[] in(double unit, double... values) {
    return Arrays.stream(values).map(v -> unit * v).toArray();
  }

  private static double[][] oneBlock(double... values) {
    return Arrays.stream(values).mapToObj(v -> new double[] {v}).toArray(double[][]::new);
  }
}
