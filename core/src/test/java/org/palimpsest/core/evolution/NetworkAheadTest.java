package org.palimpsest.core.evolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;

/** The next network runs while the layers of the last are prepared. */
class NetworkAheadTest extends TrackedStudy {

  private static final int BYTES_OF_A_NETWORK = 2 * 2 * Float.BYTES;
  private static final int SHARE = 8;

  private final CountDownLatch secondIsOpen = new CountDownLatch(2);

  /** A list that does something whenever an entry is put there. */
  private static final class Watched extends ArrayList<String> {

    private final transient Runnable watcher;

    Watched(Runnable watcher) {
      this.watcher = watcher;
    }

    @Override
    public boolean add(String entry) {
      watcher.run();
      return super.add(entry);
    }
  }

  @Test
  void theNextNetworkRunsWhileTheLastIsPrepared() {
    List<Boolean> met = new ArrayList<>();
    fake.runsOfNetworks = new Watched(secondIsOpen::countDown);
    fake.preparations = new Watched(() -> met.add(await(60)));

    fake.tracker().track(study());

    assertThat(met).isNotEmpty().doesNotContain(false);
  }

  @Test
  void itDoesNotWhereMemoryIsLittle() {
    List<Integer> opened = new ArrayList<>();
    fake.preparations = new Watched(() -> opened.add(fake.runsOfNetworks.size()));

    fake.tracker().withMemoryBound(SHARE * BYTES_OF_A_NETWORK - 1).track(study());

    assertThat(opened.subList(0, 4)).containsExactly(1, 1, 2, 2);
  }

  @Test
  void anInterruptionEndsTheStudy() {
    fake.preparations = new Watched(() -> Thread.currentThread().interrupt());

    assertThatThrownBy(() -> fake.tracker().track(study()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }

  private boolean await(int seconds) {
    try {
      return secondIsOpen.await(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      return false;
    }
  }
}
