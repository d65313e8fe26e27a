package org.palimpsest.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;

class WorkersTest {

  @Test
  void bothAreDoneSideBySideByThreadsThatKeepToThemselves() {
    CyclicBarrier meeting = new CyclicBarrier(2);
    AtomicInteger keeping = new AtomicInteger();
    Runnable work =
        () -> {
          meet(meeting);
          keeping.addAndGet(Workers.isCurrent() ? 1 : 0);
        };

    Workers.both(work, work);

    assertThat(keeping).hasValue(2);
    assertThat(Workers.isCurrent()).isFalse();
  }

  private static void meet(CyclicBarrier meeting) {
    try {
      meeting.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException alone) {
      throw new IllegalStateException(alone);
    }
  }

  @Test
  void whatEitherThrowsIsThrown() {
    Runnable fails =
        () -> {
          throw new PalimpsestException("this one");
        };

    assertThatThrownBy(() -> Workers.both(fails, () -> {})).hasMessage("this one");
    assertThatThrownBy(() -> Workers.both(() -> {}, fails)).hasMessage("this one");
  }

  @Test
  void anInterruptEndsTheWaiting() {
    CountDownLatch never = new CountDownLatch(1);
    Runnable waits =
        () -> {
          try {
            never.await();
          } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
          }
        };
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> Workers.both(waits, waits))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("interrupted");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
