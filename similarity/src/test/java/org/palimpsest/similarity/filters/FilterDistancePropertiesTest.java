package org.palimpsest.similarity.filters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.palimpsest.similarity.weights.FilterBank;

class FilterDistancePropertiesTest {

  private static final int WEIGHTS = 9;

  private static double[] random(long seed, int filters) {
    return Seeds.gaussians(new SplittableRandom(seed), filters * WEIGHTS);
  }

  private static FilterBank bank(double[] values) {
    return FilterBank.ofRows("layer", values.length / WEIGHTS, List.of(), values);
  }

  private static double[] means(FilterDistance.Proximity proximity, double[] a, double[] b) {
    NetworkFilterComparison.Layer comparison =
        FilterDistance.by(proximity).withSimulations(0).compare(bank(a), bank(b));
    return new double[] {
      comparison.meanNearestOfA(), comparison.meanNearestOfB(), comparison.meanMatched()
    };
  }

  private static double[] rotatedFilters(double[] values) {
    double[] rotated = new double[values.length];
    System.arraycopy(values, WEIGHTS, rotated, 0, values.length - WEIGHTS);
    System.arraycopy(values, 0, rotated, values.length - WEIGHTS, WEIGHTS);
    return rotated;
  }

  private static double[] times(double[] values, double factor) {
    return Arrays.stream(values).map(v -> factor * v).toArray();
  }

  /** Each filter by a factor of its own. */
  private static double[] scaledFilters(double[] values) {
    double[] scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= 1 + i / WEIGHTS;
    }
    return scaled;
  }

  @Property(tries = 30)
  void theOrderOfTheFiltersOfOneDoesNotMatter(
      @ForAll long seed,
      @ForAll FilterDistance.Proximity proximity,
      @ForAll @IntRange(min = 2, max = 12) int filters) {
    double[] a = random(seed, 7);
    double[] b = random(~seed, filters);

    assertThat(means(proximity, a, rotatedFilters(b)))
        .containsExactly(means(proximity, a, b), within(1e-12));
  }

  @Property(tries = 30)
  void theLengthOfAFilterDoesNotMatter(
      @ForAll long seed, @ForAll FilterDistance.Proximity proximity) {
    double[] a = random(seed, 7);
    double[] b = random(~seed, 5);

    assertThat(means(proximity, times(a, 1e-5), scaledFilters(b)))
        .containsExactly(means(proximity, a, b), within(1e-12));
  }

  @Property(tries = 30)
  void aCommonSignDoesNotMatter(@ForAll long seed, @ForAll FilterDistance.Proximity proximity) {
    double[] a = random(seed, 7);
    double[] b = random(~seed, 5);

    assertThat(means(proximity, times(a, -1), times(b, -1)))
        .containsExactly(means(proximity, a, b), within(1e-12));
  }

  @Property(tries = 30)
  void swappingTheTwoSwapsTheNeighbours(
      @ForAll long seed, @ForAll FilterDistance.Proximity proximity) {
    double[] there = means(proximity, random(seed, 7), random(~seed, 5));
    double[] back = means(proximity, random(~seed, 5), random(seed, 7));

    assertThat(back).containsExactly(new double[] {there[1], there[0], there[2]}, within(1e-12));
  }

  @Property(tries = 30)
  void theSignOfOneSetIsNoticed(@ForAll long seed, @ForAll FilterDistance.Proximity proximity) {
    double[] a = random(seed, 7);

    assertThat(means(proximity, a, times(a, -1))[2])
        .isNotCloseTo(means(proximity, a, a)[2], within(1e-3));
  }

  @Property(tries = 30)
  void aConstantAddedIsNoticedByAllButCorrelation(
      @ForAll long seed, @ForAll FilterDistance.Proximity proximity) {
    double[] a = random(seed, 7);
    double[] b = random(~seed, 5);
    double[] shifted = Arrays.stream(b).map(v -> v + 3).toArray();
    double change = means(proximity, a, shifted)[2] - means(proximity, a, b)[2];

    if (proximity == FilterDistance.Proximity.CORRELATION) {
      assertThat(change).isCloseTo(0, within(1e-12));
    } else {
      assertThat(Math.abs(change)).isGreaterThan(1e-6);
    }
  }

  @Property(tries = 30)
  void theOrderOfTheWeightsOfOneIsNoticed(
      @ForAll long seed, @ForAll FilterDistance.Proximity proximity) {
    double[] a = random(seed, 7);
    double[] b = a.clone();
    for (int start = 0; start < b.length; start += WEIGHTS) {
      double first = b[start];
      System.arraycopy(b, start + 1, b, start, WEIGHTS - 1);
      b[start + WEIGHTS - 1] = first;
    }

    assertThat(means(proximity, a, b)[2]).isNotCloseTo(means(proximity, a, a)[2], within(1e-3));
  }
}
