package org.palimpsest.io.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BatchesTest {

  @Property
  void coverAllProbesInSizesThatDifferByOneAtMost(
      @ForAll @IntRange(min = 1, max = 500) int probes,
      @ForAll @IntRange(min = 1, max = 64) int largest) {
    int first = BatchedRun.Batches.next(probes, largest);
    int left = probes;
    while (left > 0) {
      int size = BatchedRun.Batches.next(left, largest);
      assertThat(size).isBetween(1, Math.min(left, largest));
      assertThat(first - size).isBetween(0, 1);
      left -= size;
    }
    assertThat(left).isZero();
  }
}
