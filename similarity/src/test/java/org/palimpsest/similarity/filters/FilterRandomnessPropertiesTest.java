package org.palimpsest.similarity.filters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.palimpsest.similarity.filters.NetworkRandomness.TestResult;
import org.palimpsest.similarity.weights.FilterBank;

class FilterRandomnessPropertiesTest {

  private static final FilterRandomness RANDOMNESS =
      FilterRandomness.withDefaults().withSimulations(49);
  private static final int FILTERS = 6;
  private static final int KERNEL = 9;
  private static final int WEIGHTS = 4 * KERNEL;

  private static double[] random(long seed) {
    return Seeds.gaussians(new SplittableRandom(seed), FILTERS * WEIGHTS);
  }

  private static Map<String, Double> values(double[] weights) {
    return results(weights, TestResult::value);
  }

  private static Map<String, Double> pValues(double[] weights) {
    return results(weights, TestResult::p);
  }

  private static Map<String, Double> results(double[] weights, Function<TestResult, Double> part) {
    FilterBank bank = FilterBank.ofRows("layer", FILTERS, List.of(3, 3), weights);
    return RANDOMNESS.test(bank).results().stream()
        .collect(Collectors.toMap(TestResult::statistic, part));
  }

  private static void assertSame(Map<String, Double> a, Map<String, Double> b) {
    assertThat(a.keySet()).isEqualTo(b.keySet());
    a.forEach((name, value) -> assertThat(b.get(name)).as(name).isCloseTo(value, within(1e-8)));
  }

  /** Blocks of the given length in reverse order. */
  private static double[] reversed(double[] values, int block) {
    double[] reversed = new double[values.length];
    for (int start = 0; start < values.length; start += block) {
      System.arraycopy(values, start, reversed, values.length - start - block, block);
    }
    return reversed;
  }

  @Property(tries = 20)
  void theOrderOfTheFiltersDoesNotMatter(@ForAll long seed) {
    assertSame(values(random(seed)), values(reversed(random(seed), WEIGHTS)));
  }

  @Property(tries = 20)
  void theOrderOfTheInputChannelsDoesNotMatter(@ForAll long seed) {
    assertSame(values(random(seed)), values(reversed(random(seed), KERNEL)));
  }

  @Property(tries = 20)
  void turningAllKernelsHalfwayDoesNotMatter(@ForAll long seed) {
    assertSame(values(random(seed)), values(reversed(random(seed), 1)));
  }

  @Property(tries = 20)
  void scaleAndMeanDoNotMatter(
      @ForAll long seed,
      @ForAll @IntRange(min = -4, max = 4) int decade,
      @ForAll @IntRange(min = -3, max = 3) int shift) {
    double factor = Math.pow(10, decade);
    double[] moved = Arrays.stream(random(seed)).map(v -> factor * (v + shift)).toArray();

    assertSame(values(random(seed)), values(moved));
  }

  @Property(tries = 20)
  void theSignChangesNoPValue(@ForAll long seed) {
    assertSame(pValues(random(seed)), pValues(Arrays.stream(random(seed)).map(v -> -v).toArray()));
  }

  @Property(tries = 20)
  void smoothKernelsAreNoticed(@ForAll long seed) {
    double[] smooth = random(seed);
    for (int start = 0; start < smooth.length; start += KERNEL) {
      double mean = Arrays.stream(smooth, start, start + KERNEL).sum() / KERNEL;
      for (int i = start; i < start + KERNEL; i++) {
        smooth[i] += 4 * mean;
      }
    }

    assertThat(pValues(smooth).get("spatial_autocorrelation")).isLessThan(1e-3);
    assertThat(pValues(smooth).get("low_frequency_energy")).isLessThan(1e-3);
  }

  @Property(tries = 20)
  void aPatternThatFiltersShareIsNoticed(@ForAll long seed) {
    double[] shared = random(seed);
    double[] pattern = Seeds.gaussians(new SplittableRandom(~seed), WEIGHTS);
    for (int i = 0; i < shared.length; i++) {
      shared[i] += 1.5 * pattern[i % WEIGHTS];
    }

    assertThat(pValues(shared).get("largest_singular_value")).isLessThan(0.01);
    assertThat(pValues(shared).get("effective_rank")).isLessThan(0.01);
  }

  @Property(tries = 20)
  void heavyTailsAreNoticed(@ForAll long seed) {
    double[] heavy = Arrays.stream(random(seed)).map(v -> v * v * v).toArray();

    assertThat(pValues(heavy).get("ks_gaussian")).isLessThan(1e-3);
    assertThat(pValues(heavy).get("excess_kurtosis")).isLessThan(1e-3);
  }
}
