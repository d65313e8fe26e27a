package org.palimpsest.core.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;

/** Against a set of single probes: none is counted twice, none forgotten. */
class ProbeRangesTest {

  @Property(tries = 300)
  void rangesAreThoseOfASetOfProbes(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int all) {
    SplittableRandom random = new SplittableRandom(seed);
    ProbeRanges ranges = new ProbeRanges(all);
    BitSet shown = new BitSet();
    for (int attempt = 0; attempt < 25; attempt++) {
      int from = random.nextInt(all);
      int to = from + 1 + random.nextInt(Math.min(6, all - from));
      boolean isNew = shown.get(from, to).isEmpty();
      if (isNew) {
        ranges.add(from, to);
        shown.set(from, to);
      } else {
        Map<Long, Long> before = Map.copyOf(ranges.ranges());
        assertThatThrownBy(() -> ranges.add(from, to))
            .isInstanceOf(PalimpsestException.class)
            .hasMessageContaining("Probes from %s to %s were shown already".formatted(from, to));
        assertThat(ranges.ranges()).isEqualTo(before);
      }
      assertThat(ranges.count()).isEqualTo(shown.cardinality());
      assertThat(rangesOf(ranges)).isEqualTo(rangesOf(shown));
    }
  }

  private static List<List<Long>> rangesOf(ProbeRanges ranges) {
    List<List<Long>> all = new ArrayList<>();
    ranges.ranges().forEach((from, to) -> all.add(List.of(from, to)));
    return all;
  }

  private static List<List<Long>> rangesOf(BitSet shown) {
    List<List<Long>> all = new ArrayList<>();
    for (int from = shown.nextSetBit(0); from >= 0; from = shown.nextSetBit(from)) {
      int to = shown.nextClearBit(from);
      all.add(List.of((long) from, (long) to));
      from = to;
    }
    return all;
  }

  @Test
  void numbersBeyondTheCacheOfBoxesTouchAsOthersDo() {
    ProbeRanges ranges = new ProbeRanges(1L << 40);
    ranges.add(1L << 33, (1L << 33) + 5);
    ranges.add((1L << 33) + 5, 1L << 34);
    ranges.add(0, 1L << 33);
    assertThat(rangesOf(ranges)).containsExactly(List.of(0L, 1L << 34));
    assertThat(ranges.count()).isEqualTo(1L << 34);
  }

  @Test
  void probesThatAreNotThereAreRefused() {
    ProbeRanges ranges = new ProbeRanges(5);
    for (long[] wrong : new long[][] {{-1, 2}, {3, 3}, {4, 3}, {0, 6}, {5, 6}}) {
      assertThatThrownBy(() -> ranges.add(wrong[0], wrong[1]))
          .isInstanceOf(PalimpsestException.class)
          .hasMessage("There are no probes from %s to %s, of 5.".formatted(wrong[0], wrong[1]));
    }
    assertThat(ranges.count()).isZero();
  }
}
