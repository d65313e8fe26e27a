package org.palimpsest.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;

class LookaheadTest {

  private final Lookahead<String> lookahead = new Lookahead<>("test");

  @Test
  void whatWasNotBegunIsMadeNow() {
    try (lookahead) {
      assertThat(lookahead.takeOr(() -> Thread.currentThread().getName()))
          .isEqualTo(Thread.currentThread().getName());
    }
  }

  @Test
  void whatWasBegunIsMadeMeanwhileAndGivenOnce() {
    CountDownLatch made = new CountDownLatch(1);
    try (lookahead) {
      lookahead.begin(
          () -> {
            made.countDown();
            return "begun";
          });
      assertThat(await(made)).isTrue();
      assertThat(lookahead.takeOr(() -> "now")).isEqualTo("begun");
      assertThat(lookahead.takeOr(() -> "now")).isEqualTo("now");
    }
  }

  @Test
  void aFailureIsThrownWhereItIsTaken() {
    try (lookahead) {
      PalimpsestException failure = new PalimpsestException("broken");
      lookahead.begin(
          () -> {
            throw failure;
          });
      assertThatThrownBy(() -> lookahead.takeOr(() -> "now")).isSameAs(failure);
      assertThat(lookahead.takeOr(() -> "now")).isEqualTo("now");
    }
  }

  @Test
  void errorsAreThrownAsTheyAre() {
    try (lookahead) {
      StackOverflowError error = new StackOverflowError();
      lookahead.begin(
          () -> {
            throw error;
          });
      assertThatThrownBy(() -> lookahead.takeOr(() -> "now")).isSameAs(error);
    }
  }

  @Test
  void oneWhoIsInterruptedIsToldAndStaysInterrupted() {
    CountDownLatch never = new CountDownLatch(1);
    try (lookahead) {
      lookahead.begin(() -> String.valueOf(await(never)));
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> lookahead.takeOr(() -> "now"))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("interrupted");
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void whatWasBegunIsEndedWhenNobodyWantsIt() {
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    try (lookahead) {
      lookahead.begin(
          () -> {
            begun.countDown();
            await(never);
            ended.set(true);
            return "";
          });
      await(begun);
    }
    assertThat(ended).isTrue();
  }

  /** Whether it came to zero; not if the thread was interrupted. */
  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException interrupted) {
      return false;
    }
  }
}
