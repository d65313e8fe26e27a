package org.palimpsest.similarity.rsa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.pairwise.Ties;

/** Ranks are average ranks, however the numbers are spread. */
class DistanceRanksTest {

  private static final Representation.Info INFO =
      new Representation.Info("layer", 10, 3, 1, Fingerprint.unknown(), "made up");

  private enum Spread {
    EVEN(x -> x),
    WITH_TIES(x -> Math.rint(10 * x)),
    MOST_NEAR_ZERO(x -> x < 0.02 ? 1e300 * x : 1e-300 * x),
    OVER_MANY_POWERS(x -> Math.pow(10, 600 * (x - 0.5))),
    ALL_EQUAL(x -> 0.1),
    NEARLY_EQUAL(x -> 1 + 1e-13 * x),
    ZERO_OR_LEAST(x -> x < 0.5 ? 0 : Double.MIN_VALUE);

    private final DoubleUnaryOperator of;

    Spread(DoubleUnaryOperator of) {
      this.of = of;
    }
  }

  @Property(tries = 200)
  void ranksAreThoseOfCounting(
      @ForAll Spread spread, @ForAll @IntRange(min = 1, max = 300) int count, @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values =
        IntStream.range(0, count)
            .mapToDouble(i -> spread.of.applyAsDouble(random.nextDouble()))
            .toArray();

    DistanceRanks ranks = DistanceRanks.of(values, INFO);

    int[] counted = Arrays.stream(values).mapToInt(value -> twiceRank(value, values)).toArray();
    assertThat(IntStream.range(0, count).map(ranks::twice).toArray()).isEqualTo(counted);
  }

  /** Numbers that are joined by numbers between them, each of which ties with the next, tie. */
  private static int twiceRank(double value, double[] values) {
    double[] sorted = Arrays.stream(values).sorted().toArray();
    int first = Arrays.binarySearch(sorted, value);
    int last = first;
    while (first > 0 && Ties.tie(sorted[first - 1], sorted[first])) {
      first--;
    }
    while (last < sorted.length - 1 && Ties.tie(sorted[last], sorted[last + 1])) {
      last++;
    }
    return first + last + 2;
  }
}
