package org.palimpsest.io.djl;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BatchesTest {

  @Property
  void coverAllProbesInSizesThatDifferByOneAtMost(
      @ForAll @IntRange(min = 1, max = 500) int probes,
      @ForAll @IntRange(min = 1, max = 64) int largest) {
    Batches batches = new Batches(probes, largest);

    assertThat(batches.start(0)).isZero();
    assertThat(batches.start(batches.count())).isEqualTo(probes);
    for (long i = 0; i < batches.count(); i++) {
      long size = batches.start(i + 1) - batches.start(i);
      assertThat(size).isBetween(1L, (long) largest);
      assertThat(batches.firstSize() - size).isBetween(0L, 1L);
    }
  }

  @Property
  void theTrialHasAnotherSizeThanTheFirstBatchWhereThatIsPossible(
      @ForAll @IntRange(min = 2, max = 500) int probes,
      @ForAll @IntRange(min = 1, max = 64) int largest) {
    Batches batches = new Batches(probes, largest);

    assertThat(batches.trialSize()).isBetween(1, 2).isNotEqualTo(batches.firstSize());
  }
}
