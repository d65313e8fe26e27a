package org.palimpsest.similarity.rsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.Representation;

/** Ranks and Kendall's tau against what their definitions say, counted pair by pair. */
class RankComparisonsTest {

  private static final Representation.Info INFO =
      new Representation.Info("conv", 10, 3, 1, Fingerprint.unknown(), "flatten");

  @Property(tries = 200)
  void aRankCountsWhatIsSmallerAndHalfOfWhatIsEqual(
      @ForAll @IntRange(min = 2, max = 60) int count,
      @ForAll @IntRange(min = 1, max = 40) int levels,
      @ForAll long seed) {
    double[] values = values(count, levels, seed);
    DistanceRanks ranks = DistanceRanks.of(values, INFO);

    for (int k = 0; k < count; k++) {
      int smaller = 0;
      int equal = 0;
      for (double other : values) {
        smaller += other < values[k] ? 1 : 0;
        equal += other == values[k] ? 1 : 0;
      }
      assertThat(ranks.twice(k)).isEqualTo(2 * smaller + equal + 1);
    }
  }

  @Property(tries = 200)
  void whatRoundingPartedTies(
      @ForAll @IntRange(min = 2, max = 60) int count,
      @ForAll @IntRange(min = 1, max = 40) int levels,
      @ForAll long seed) {
    double[] values = values(count, levels, seed);
    SplittableRandom random = new SplittableRandom(seed + 2);
    double unit = 1 + random.nextDouble();
    double[] rounded = new double[count];
    for (int k = 0; k < count; k++) {
      rounded[k] = values[k] * unit * (1 + random.nextInt(-4, 5) * Math.ulp(1.0));
    }
    DistanceRanks expected = DistanceRanks.of(values, INFO);
    DistanceRanks ranks = DistanceRanks.of(rounded, INFO);

    for (int k = 0; k < count; k++) {
      assertThat(ranks.twice(k)).isEqualTo(expected.twice(k));
    }
  }

  /** Half an ulp below the middle between two numbers of 40 digits, and above it. */
  @Test
  void noEdgeOfABucketPartsEqualNumbers() {
    double edge = 1 + 0x1p-41;
    double[] values = {Math.nextDown(edge), Math.nextUp(edge), 3, 0.5};
    DistanceRanks ranks = DistanceRanks.of(values, INFO);

    assertThat(ranks.twice(0)).isEqualTo(ranks.twice(1)).isEqualTo(5);
  }

  @Property(tries = 200)
  void tauIsConcordantLessDiscordantOverAllPairs(
      @ForAll @IntRange(min = 2, max = 70) int count,
      @ForAll @IntRange(min = 1, max = 30) int levelsA,
      @ForAll @IntRange(min = 1, max = 30) int levelsB,
      @ForAll long seed) {
    double[] a = values(count, levelsA, seed);
    double[] b = values(count, levelsB, seed + 1);
    long difference = 0;
    for (int k = 0; k < count; k++) {
      for (int l = 0; l < k; l++) {
        difference += (long) (Math.signum(a[k] - a[l]) * Math.signum(b[k] - b[l]));
      }
    }
    double expected = difference / (count * (count - 1) / 2.0);

    assertThat(DistanceRanks.of(a, INFO).kendallTau(DistanceRanks.of(b, INFO)))
        .isCloseTo(expected, within(1e-12));
  }

  @Property(tries = 100)
  void ascendingIndicesGoUpInRankAndThenInIndex(
      @ForAll @IntRange(min = 2, max = 60) int count,
      @ForAll @IntRange(min = 1, max = 20) int levels,
      @ForAll long seed) {
    DistanceRanks ranks = DistanceRanks.of(values(count, levels, seed), INFO);
    int[] order = ranks.ascending(k -> k);

    assertThat(order).doesNotHaveDuplicates().hasSize(count);
    for (int k = 1; k < count; k++) {
      int step = ranks.twice(order[k]) - ranks.twice(order[k - 1]);
      assertThat(step > 0 || (step == 0 && order[k] > order[k - 1])).isTrue();
    }
  }

  @Test
  void valuesThatDifferByRoundingAlonAreTies() {
    double[] values = {1.0, 1.0 + 3e-16, 2.0, 1.0 - 2e-16, 0.5};
    DistanceRanks ranks = DistanceRanks.of(values, INFO);

    assertThat(ranks.twice(0)).isEqualTo(6);
    assertThat(ranks.twice(1)).isEqualTo(6);
    assertThat(ranks.twice(3)).isEqualTo(6);
    assertThat(ranks.twice(2)).isEqualTo(10);
    assertThat(ranks.twice(4)).isEqualTo(2);
  }

  @Test
  void valuesThatDifferByMoreAreNot() {
    DistanceRanks ranks = DistanceRanks.of(new double[] {1.0, 1.0 + 1e-11, 1.0 - 1e-11}, INFO);

    assertThat(ranks.twice(0)).isEqualTo(4);
    assertThat(ranks.twice(1)).isEqualTo(6);
    assertThat(ranks.twice(2)).isEqualTo(2);
  }

  private static double[] values(int count, int levels, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[count];
    for (int k = 0; k < count; k++) {
      values[k] = random.nextInt(levels) / 3.0;
    }
    return values;
  }
}
