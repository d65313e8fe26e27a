package org.palimpsest.io.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

class MemoryPaceTest {

  private static final int MOST_LOOKS = 20;
  private static final long LOOK_MILLIS = 50;
  private static final long MEGABYTE = 1 << 20;
  private static final int VALUES_PER_PROBE = 2 << 20;
  private static final Probes PROBES = Probes.of(Nd4j.ones(DataType.FLOAT, 24, 1));

  private final List<Long> shown = new ArrayList<>();

  /** Eight megabytes for each probe. */
  private final ForwardPass<ActivationBatch> pass =
      (batch, first) -> {
        shown.add(batch.size(0));
        INDArray values = Nd4j.zeros(DataType.FLOAT, batch.size(0), VALUES_PER_PROBE);
        return new ActivationBatch(first, Map.of("layer", values));
      };

  private List<Long> starts(BatchedRun run) {
    List<Long> starts = new ArrayList<>();
    run.run(
        pass,
        PROBES,
        Progress.silent(),
        batch -> {
          starts.add(batch.firstSample());
          batch.free();
        });
    return starts;
  }

  private static RunLimits within(long bytes) {
    return RunLimits.withDefaults().withMemory(new MemoryBound(bytes));
  }

  /**
   * What the process holds once threads have freed what earlier tests left lying outside the heap.
   */
  private static long held() {
    long held = Long.MAX_VALUE;
    for (int i = 0; i < MOST_LOOKS; i++) {
      System.gc();
      sleep();
      ResidentMemory.forgetPeak();
      long before = held;
      held = ResidentMemory.peak();
      if (before - held < MEGABYTE) {
        break;
      }
    }
    return held;
  }

  private static void sleep() {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }

  @Test
  void withoutABoundThereIsNoFirstLookAndBatchesAreOfOneSize() {
    assertThat(starts(BatchedRun.of("net", RunLimits.withDefaults()))).containsExactly(0L, 12L);
    assertThat(shown).containsExactly(12L, 12L);
  }

  @Test
  void muchMemoryGivesTheSameBatchesAfterTwoLooks() {
    assertThat(starts(BatchedRun.of("net", within(1L << 50)))).containsExactly(0L, 12L);
    assertThat(shown).containsExactly(1L, 2L, 12L, 12L);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void littleMemoryGivesSmallerBatchesThatCoverAllProbes() {
    List<Long> starts = starts(BatchedRun.of("net", within(held() + 200 * MEGABYTE)));

    assertThat(starts).hasSizeGreaterThan(2).isSorted().startsWith(0L);
    List<Long> batches = shown.subList(2, shown.size());
    assertThat(batches).allMatch(size -> size <= 8);
    assertThat(batches.stream().mapToLong(Long::longValue).sum()).isEqualTo(PROBES.count());
  }

  /** What a network needs while it runs does not show in what is captured. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void twoProbesAreNotShownWhereTheWorkingMemoryOfOneSaysThatTheyWouldNotFit() {
    ForwardPass<ActivationBatch> working =
        (batch, first) -> {
          shown.add(batch.size(0));
          Nd4j.ones(DataType.FLOAT, batch.size(0), 50 * MEGABYTE).close();
          return new ActivationBatch(
              first, Map.of("layer", Nd4j.zeros(DataType.FLOAT, batch.size(0), 1)));
        };

    BatchedRun.of("net", within(held() + 300 * MEGABYTE))
        .run(
            working,
            Probes.of(Nd4j.ones(DataType.FLOAT, 3, 1)),
            Progress.silent(),
            (ActivationBatch batch) -> batch.free());

    assertThat(shown).containsExactly(1L, 1L, 1L, 1L);
  }

  @Test
  void tooLittleMemoryForOneProbeIsRefusedWithShapeAndAmount() {
    assertThatThrownBy(() -> starts(BatchedRun.of("net", within(50 * MEGABYTE))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("50 MB of memory are too little for 'net'")
        .hasMessageContaining("[1, 1]");
    assertThat(shown).containsExactly(1L);
  }

  @Test
  void theShareOfAProcessTellsHowMuchAllMustBeAllowed() {
    MemoryBound share = new MemoryBound(300 * MEGABYTE, 600 * MEGABYTE);

    assertThat(share.wholeThatAllows(300 * MEGABYTE)).isEqualTo(600 * MEGABYTE);
    assertThat(share.wholeThatAllows(330 * MEGABYTE)).isEqualTo(640 * MEGABYTE);
    assertThat(new MemoryBound(300 * MEGABYTE).wholeThatAllows(330 * MEGABYTE))
        .isEqualTo(330 * MEGABYTE);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theBoundThatARefusalNamesSuffices() {
    long most = held() + 10 * MEGABYTE;
    long named =
        assertThrows(PalimpsestException.class, () -> starts(BatchedRun.of("net", within(most))))
            .getMessage()
            .replaceAll("(?s).* needs (\\d+) MB.*", "$1")
            .transform(Long::parseLong);

    assertThat(starts(BatchedRun.of("net", within(named * MEGABYTE)))).startsWith(0L).isSorted();
  }

  @Test
  void aNetworkOfAFixedBatchSizeIsNeverShownAnother() {
    assertThat(starts(BatchedRun.ofFixedSize("net", within(1L << 50), 8)))
        .containsExactly(0L, 8L, 16L);
    assertThat(shown).containsOnly(8L);
  }

  @Test
  void aBoundOfNothingIsNone() {
    assertThatThrownBy(() -> new MemoryBound(0)).isInstanceOf(PalimpsestException.class);
    assertThatThrownBy(() -> RunLimits.withDefaults().withBatchSize(0))
        .isInstanceOf(PalimpsestException.class);
  }

  @Test
  void aBatchFreesItsTensors() {
    ActivationBatch batch = new ActivationBatch(0, Map.of("a", Nd4j.ones(2, 2)));
    batch.free();
    assertThat(batch.layers().get("a").wasClosed()).isTrue();
  }
}
