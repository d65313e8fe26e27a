package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.uncertainty.Intervals;
import org.palimpsest.similarity.uncertainty.PermutationBaseline;

/**
 * What a measure does not notice changes neither its interval nor its baseline: they are of the
 * same question. Nor does the order of the images, or which network comes first.
 */
class CertaintyContractTest {

  private static final int IMAGES = 24;
  private static final int POSITIONS = 3;
  private static final double[][] X = positive(Data.layer(IMAGES * POSITIONS, 5, 11));
  private static final double[][] Y = positive(Data.relative(X, 5, 12));

  /** Those of one layer alone: the other stays as it is. */
  private static final Set<Transformation> OF_ONE =
      EnumSet.of(
          Transformation.ROTATION,
          Transformation.FEATURE_PERMUTATION,
          Transformation.ISOTROPIC_SCALING,
          Transformation.TRANSLATION,
          Transformation.INVERTIBLE_LINEAR_MAP,
          Transformation.ZERO_PADDING);

  private static double[][] positive(double[][] values) {
    return Data.map(values, (i, j, value) -> Math.abs(value));
  }

  private static Interval interval(Measure<?> measure, double[][] x, double[][] y) {
    return Intervals.withDefaults()
        .withDraws(50)
        .of(measure, Data.images(x, POSITIONS), Data.images(y, POSITIONS));
  }

  private static PermutationBaseline.Baseline baseline(
      Measure<?> measure, double[][] x, double[][] y) {
    return PermutationBaseline.withDefaults()
        .withPermutations(20)
        .baseline(measure, Data.images(x, POSITIONS), Data.images(y, POSITIONS));
  }

  private static Stream<Measure<?>> measures() {
    return Measures.catalogue().stream().map(MeasureEntry::example);
  }

  @TestFactory
  Stream<DynamicTest> whatAMeasureIgnoresChangesNoIntervalAndNoBaseline() {
    return measures()
        .flatMap(
            measure ->
                OF_ONE.stream()
                    .filter(measure.properties().ignores()::contains)
                    .map(
                        ignored ->
                            DynamicTest.dynamicTest(
                                measure.name() + ", " + ignored.label(),
                                () -> assertIgnored(measure, ignored))));
  }

  private static void assertIgnored(Measure<?> measure, Transformation ignored) {
    Interval plain = interval(measure, X, Y);
    PermutationBaseline.Baseline chance = baseline(measure, X, Y);
    double[][] otherX = Transformed.by(ignored, X, 5);
    double[][] otherY = Transformed.by(ignored, Y, 6);

    if (!isDividedAnew(plain, ignored)) {
      assertSame(plain, interval(measure, otherX, Y), "first");
      assertSame(plain, interval(measure, X, otherY), "second");
    }
    assertSame(chance, baseline(measure, otherX, Y), "first");
    assertSame(chance, baseline(measure, X, otherY), "second");
  }

  /**
   * A bracket orders images by their shares of a layer, which a linear map changes, and divides.
   */
  private static boolean isDividedAnew(Interval interval, Transformation ignored) {
    return ignored == Transformation.INVERTIBLE_LINEAR_MAP
        && interval instanceof Interval.Known known
        && known.method() == Interval.Method.HELD_OUT_BRACKET;
  }

  private static void assertSame(Interval plain, Interval other, String which) {
    assertThat(other).as(which).hasSameClassAs(plain);
    assertThat(other.value()).isCloseTo(plain.value(), within(1e-7));
    assertThat(other.units()).isEqualTo(plain.units());
    if (plain instanceof Interval.Known known && other instanceof Interval.Known same) {
      Offset<Double> near = within(1e-5 * (known.high() - known.low()) + 1e-9);

      assertThat(same.low()).as("low, %s", which).isCloseTo(known.low(), near);
      assertThat(same.high()).as("high, %s", which).isCloseTo(known.high(), near);
      assertThat(same.method()).isEqualTo(known.method());
      assertThat(same.corrected().isPresent()).isEqualTo(known.corrected().isPresent());
      assertThat(same.corrected().orElse(0)).isCloseTo(known.corrected().orElse(0), near);
    }
  }

  private static void assertSame(
      PermutationBaseline.Baseline plain, PermutationBaseline.Baseline other, String which) {
    assertThat(other.nullMean()).as("mean, %s", which).isCloseTo(plain.nullMean(), within(1e-7));
    assertThat(other.nullDeviation()).isCloseTo(plain.nullDeviation(), within(1e-7));
    assertThat(other.pValue()).as("p value, %s", which).isEqualTo(plain.pValue());
  }

  /** Whole images change places, in both layers; what is drawn or divided by a seed aside. */
  @TestFactory
  Stream<DynamicTest> theOrderOfImagesChangesNoInterval() {
    return measures()
        .filter(
            measure ->
                measure.properties().ignores().contains(Transformation.SAMPLE_REORDERING_IN_BOTH))
        .map(
            measure ->
                DynamicTest.dynamicTest(
                    measure.name(),
                    () -> {
                      Interval plain = interval(measure, X, Y);
                      if (!isBySeed(plain)) {
                        assertSame(
                            plain, interval(measure, reordered(X), reordered(Y)), "reordered");
                      }
                    }));
  }

  private static boolean isBySeed(Interval interval) {
    return interval instanceof Interval.Known known
        && (known.method() == Interval.Method.BOOTSTRAP
            || known.method() == Interval.Method.HELD_OUT_BRACKET);
  }

  private static double[][] reordered(double[][] values) {
    List<Integer> images = new ArrayList<>(IntStream.range(0, IMAGES).boxed().toList());
    Collections.shuffle(images, new Random(3));
    int[] rows =
        IntStream.range(0, IMAGES * POSITIONS)
            .map(row -> images.get(row / POSITIONS) * POSITIONS + row % POSITIONS)
            .toArray();
    return Data.reorder(values, rows);
  }

  @TestFactory
  Stream<DynamicTest> exchangedNetworksHaveTheSameIntervalBySymmetricMeasures() {
    return measures()
        .filter(measure -> measure.properties().symmetric())
        .map(
            measure ->
                DynamicTest.dynamicTest(
                    measure.name(),
                    () ->
                        assertSame(interval(measure, X, Y), interval(measure, Y, X), "exchanged")));
  }

  /** Five samples have 120 orders, over which the mean and the p value are known exactly. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "linear_cka",
        "cca_mean",
        "procrustes_angular",
        "rsa:euclidean:pearson",
        "hard_correlation_match"
      })
  void ofManyPermutationsTheBaselineIsThatOfAllOrders(String name) {
    Measure<?> measure = Measures.parse(name);
    double[][] x = Data.layer(5, 2, 21);
    double[][] y = Data.relative(x, 2, 22);
    double value = value(measure, x, y);
    List<int[]> orders = new ArrayList<>();
    permute(new int[5], 0, 0, orders);
    double[] all =
        orders.stream().mapToDouble(o -> value(measure, x, Data.reorder(y, o))).toArray();
    double mean = IntStream.range(0, all.length).mapToDouble(i -> all[i]).average().orElseThrow();
    double sign = measure.properties().direction() == Direction.SIMILARITY ? 1 : -1;
    double share =
        IntStream.range(0, all.length).filter(i -> sign * (all[i] - value) >= -1e-9).count()
            / (double) all.length;
    int draws = 4000;
    PermutationBaseline.Baseline baseline =
        PermutationBaseline.withDefaults().withPermutations(draws).baseline(measure, r(x), r(y));

    assertThat(orders).hasSize(120);
    assertThat(baseline.nullMean())
        .isCloseTo(mean, within(5 * baseline.nullDeviation() / Math.sqrt(draws)));
    assertThat(baseline.pValue())
        .isCloseTo(share, within(5 * Math.sqrt(share * (1 - share) / draws) + 1.0 / draws));
  }

  private static Representation r(double[][] values) {
    return Data.representation("layer", values);
  }

  private static double value(Measure<?> measure, double[][] x, double[][] y) {
    return measure.compare(r(x), r(y)).value();
  }

  private static void permute(int[] order, int place, int taken, List<int[]> into) {
    if (place == order.length) {
      into.add(order.clone());
      return;
    }
    for (int i = 0; i < order.length; i++) {
      if ((taken >> i & 1) == 0) {
        order[place] = i;
        permute(order, place + 1, taken | 1 << i, into);
      }
    }
  }

  /** What the guide says of the warning: exactly the mean over all orders of the samples. */
  @Test
  void theChanceThatAWarningTellsIsTheMeanOverAllOrders() {
    Measure<?> measure = Measures.parse("linear_cka");
    double[][] x = Data.layer(6, 8, 31);
    double[][] y = Data.layer(6, 7, 32);
    List<int[]> orders = new ArrayList<>();
    permute(new int[6], 0, 0, orders);
    double mean =
        orders.stream()
            .mapToDouble(order -> value(measure, x, Data.reorder(y, order)))
            .average()
            .orElseThrow();

    assertThat(measure.compare(r(x), r(y)).diagnostics().warnings())
        .singleElement()
        .asString()
        .contains("come to about " + String.format(Locale.ROOT, "%.3f", mean));
  }
}
