package org.palimpsest.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Study.LayerMeasurement;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

/** What became of filters, by hand, and what it must not hang on. */
class FilterFatesTest {

  private static final String ANGLE = "filter_angle_degrees";
  private static final String CHANGE = "filter_change_of_independent";
  private static final String NEAREST = "filter_nearest_to_itself";

  /** A convolution over one input channel. */
  private static Weights network(int kernel, double[]... filters) {
    double[] all = Arrays.stream(filters).flatMapToDouble(Arrays::stream).toArray();
    WeightTensor weight =
        new WeightTensor(
            "enc1.weight",
            Nd4j.createFromArray(all)
                .reshape(filters.length, filters[0].length / kernel / kernel, kernel, kernel),
            "float64",
            LayerKind.UNKNOWN);
    return Weights.of(new Provenance("made up", "0".repeat(64), List.of()), "net", List.of(weight));
  }

  private static Map<String, Measurement> fates(Weights end, Weights start) {
    Map<String, Measurement> found = new TreeMap<>();
    for (LayerMeasurement one : new FilterFates().compare(end, start)) {
      assertThat(one.layer()).isEqualTo("enc1");
      assertThat(found.put(one.measure(), one.measurement())).as(one.measure()).isNull();
    }
    return found;
  }

  private static double[] filter(double... weights) {
    return weights;
  }

  private static double degrees(double angle) {
    return Math.toRadians(angle);
  }

  /** In the plane of the first two weights. */
  private static double[] at(double angle, double length) {
    return filter(length * Math.cos(degrees(angle)), length * Math.sin(degrees(angle)), 0, 0);
  }

  /** Turned by 10, 25 and 50 degrees; the last comes nearer to another than to its own. */
  @Test
  void anglesDistancesAndNeighboursAreThoseOfTheDrawing() {
    Map<String, Measurement> found =
        fates(
            network(2, at(10, 2), at(90 + 25, 2), at(100, 6), at(150, 1)),
            network(2, at(0, 2), at(90, 2), at(50, 3), at(150, 1)));

    assertThat(found.get(ANGLE).value()).isCloseTo((10 + 25 + 50 + 0) / 4.0, within(1e-6));
    assertThat(found.get(ANGLE).n()).isEqualTo(4);
    double first = 4 * Math.sin(degrees(5)) / Math.sqrt(8); // chords of a circle
    double second = 4 * Math.sin(degrees(12.5)) / Math.sqrt(8);
    double third = Math.sqrt(36 + 9 - 36 * Math.cos(degrees(50))) / Math.sqrt(45); // law of cosines
    assertThat(found.get(CHANGE).value()).isCloseTo((first + second + third) / 4, within(1e-9));
    assertThat(found.get(NEAREST).value()).isEqualTo(3); // 100 lies nearer to 90 than to 50
  }

  @ParameterizedTest
  @CsvSource({"0, 4", "20, 4", "44, 4", "46, 2", "89, 2", "92, 0", "180, 0"})
  void aFilterThatTurnsFartherThanHalfWayToAnotherIsNoLongerItself(double turn, int themselves) {
    // at 0, 90, 180 and 270 degrees; the first and third are turned, the others by as much less 45
    double[][] starts = {at(0, 1), at(90, 2), at(180, 3), at(270, 1)};
    double other = Math.max(0, turn - 46);
    double[][] ends = {at(turn, 5), at(90 + other, 1), at(180 + turn, 1), at(270 + other, 2)};

    assertThat(fates(network(2, ends), network(2, starts)).get(NEAREST).value())
        .isEqualTo(themselves);
  }

  /** Filters that were pruned before training and stay so are what they were. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void filtersOfZerosCountAlikeWhereverTheyStand(int place) {
    double[][] starts = {at(0, 1), at(60, 1), at(120, 1), at(200, 1)};
    double[][] ends = Arrays.stream(starts).map(double[]::clone).toArray(double[][]::new);

    ends[place] = new double[4];
    assertThat(fates(network(2, ends), network(2, starts)).get(NEAREST).value())
        .as("died")
        .isEqualTo(3);
    assertThat(fates(network(2, starts), network(2, ends)).get(NEAREST).value())
        .as("came to life")
        .isEqualTo(3);
    starts[place] = new double[4];
    assertThat(fates(network(2, ends), network(2, starts)).get(NEAREST).value())
        .as("zero throughout")
        .isEqualTo(4);
  }

  @Test
  void filtersThatWereEqualAreEachThemselves() {
    double[][] starts = {at(30, 1), at(30, 1), at(200, 1)};

    assertThat(fates(network(2, starts), network(2, starts)).get(NEAREST).value()).isEqualTo(3);
  }

  private static double[][] drawn(long seed, int filters, int weights) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] drawn = new double[filters][weights];
    for (double[] filter : drawn) {
      Arrays.setAll(filter, i -> random.nextGaussian());
    }
    if (seed % 3 == 0) {
      drawn[(int) (seed % filters)] = new double[weights];
    }
    return drawn;
  }

  private static double[][] moved(double[][] from, long seed, double far) {
    double[][] noise = drawn(3 * seed + 1, from.length, from[0].length);
    double[][] moved = new double[from.length][];
    for (int i = 0; i < from.length; i++) {
      double[] step = noise[i];
      double[] start = from[i];
      boolean isZero = Arrays.stream(start).allMatch(w -> w == 0);
      moved[i] =
          IntStream.range(0, start.length)
              .mapToDouble(w -> isZero && seed % 2 == 0 ? 0 : start[w] + far * step[w])
              .toArray();
    }
    return moved;
  }

  private static void assertSame(
      Map<String, Measurement> found, Map<String, Measurement> expected, double tolerance) {
    assertThat(found).containsOnlyKeys(expected.keySet());
    expected.forEach(
        (measure, one) -> {
          assertThat(found.get(measure).value())
              .as(measure)
              .isCloseTo(one.value(), within(tolerance));
          assertThat(found.get(measure).n()).isEqualTo(one.n());
        });
  }

  @Property(tries = 40)
  void theOrderOfFiltersIsOfNoConsequence(
      @ForAll @IntRange(min = 1, max = 100_000) int seed,
      @ForAll @IntRange(min = 2, max = 7) int filters) {
    double[][] starts = drawn(seed, filters, 9);
    double[][] ends = moved(starts, seed, 0.7);
    List<Integer> order = new ArrayList<>(IntStream.range(0, filters).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    double[][] otherStarts = order.stream().map(i -> starts[i]).toArray(double[][]::new);
    double[][] otherEnds = order.stream().map(i -> ends[i]).toArray(double[][]::new);

    // fewer than eight kernels, so that no fresh ones are drawn, which hang on the order
    assertSame(
        fates(network(3, otherEnds), network(3, otherStarts)),
        fates(network(3, ends), network(3, starts)),
        1e-9);
  }

  /** Also where squares of weights are no numbers of float64 any more. */
  @Property(tries = 40)
  void theUnitOfWeightsIsOfNoConsequence(
      @ForAll @IntRange(min = 1, max = 100_000) int seed,
      @ForAll @IntRange(min = -600, max = 500) int exponent) {
    double unit = Math.scalb(1.0, exponent);
    double[][] starts = drawn(seed, 5, 9);
    double[][] ends = moved(starts, seed, 0.5);

    assertSame(
        fates(network(3, scaled(ends, unit)), network(3, scaled(starts, unit))),
        fates(network(3, ends), network(3, starts)),
        1e-6);
  }

  private static double[][] scaled(double[][] filters, double unit) {
    return Arrays.stream(filters)
        .map(filter -> Arrays.stream(filter).map(w -> w * unit).toArray())
        .toArray(double[][]::new);
  }

  /**
   * Kernels that are all of one sign are told from fresh ones by that score, and drawn ones not.
   */
  @Test
  void kernelsOfOneSignAreFoundAndFreshOnesAreNot() {
    double[][] starts = drawn(7, 60, 9);
    double[][] oneSign =
        Arrays.stream(starts)
            .map(filter -> Arrays.stream(filter).map(Math::abs).toArray())
            .toArray(double[][]::new);

    Map<String, Measurement> found = fates(network(3, oneSign), network(3, starts));
    Map<String, Measurement> fresh = fates(network(3, drawn(8, 60, 9)), network(3, starts));

    List<String> areas =
        found.keySet().stream().filter(measure -> measure.endsWith("_area")).toList();
    assertThat(areas).hasSizeGreaterThanOrEqualTo(2);
    OptionalDouble most = areas.stream().mapToDouble(area -> found.get(area).value()).max();
    assertThat(most.orElseThrow()).isGreaterThan(0.9);
    for (String area : areas) {
      assertThat(fresh.get(area).value()).as(area).isBetween(0.35, 0.65);
      assertThat(fresh.get(area + " variance").value()).as(area).isBetween(1e-5, 0.01);
      assertThat(fresh.get(area).n()).isEqualTo(60);
    }
  }

  @Test
  void aLayerOfOneFilterHasNoNeighboursAndPointwiseKernelsHaveNoLook() {
    Map<String, Measurement> one = fates(network(2, at(10, 1)), network(2, at(0, 1)));
    assertThat(one).containsOnlyKeys(ANGLE, CHANGE);
    double[][] pointwise = drawn(4, 20, 3);
    assertThat(fates(network(1, pointwise), network(1, pointwise)))
        .containsOnlyKeys(ANGLE, CHANGE, NEAREST);
  }

  @Test
  void everyMeasureIsAnnounced() {
    double[][] filters = drawn(5, 20, 9);
    assertThat(new FilterFates().measures())
        .containsExactlyInAnyOrderElementsOf(
            fates(network(3, filters), network(3, filters)).keySet());
  }
}
