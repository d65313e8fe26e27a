package org.palimpsest.core.internal.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.palimpsest.core.Backend;

@Timeout(60)
class NativeLoadingTest {

  @Test
  void oneThreadLoadsAtATime() throws Exception {
    CountDownLatch isLoading = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    CompletableFuture<Void> first =
        CompletableFuture.runAsync(
            () ->
                NativeLoading.alone(
                    () -> {
                      isLoading.countDown();
                      return awaited(mayEnd);
                    }));
    isLoading.await();
    CompletableFuture<String> second =
        CompletableFuture.supplyAsync(() -> NativeLoading.alone(() -> "loaded"));
    assertThat(second.completeOnTimeout("waits", 200, TimeUnit.MILLISECONDS).get())
        .isEqualTo("waits");
    mayEnd.countDown();
    first.get();
    assertThat(NativeLoading.<String>alone(() -> "free again")).isEqualTo("free again");
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Test
  void aLoadWithinALoadDoesNotWaitForIt() {
    assertThat(NativeLoading.<Integer>alone(() -> NativeLoading.alone(() -> 1))).isEqualTo(1);
  }

  @Test
  void aLoadThatFailsLetsTheNextOneIn() throws Exception {
    assertThatThrownBy(
            () ->
                NativeLoading.alone(
                    () -> {
                      throw new UnsatisfiedLinkError("absent");
                    }))
        .isInstanceOf(UnsatisfiedLinkError.class);
    assertThat(CompletableFuture.supplyAsync(() -> NativeLoading.alone(() -> 1)).get())
        .isEqualTo(1);
  }

  @Test
  void whoNeedsTensorsThatAreLoadedWaitsForNoOtherLibrary() throws Exception {
    Backend.require();
    CountDownLatch isLoading = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    CompletableFuture<Boolean> other =
        CompletableFuture.supplyAsync(
            () ->
                NativeLoading.alone(
                    () -> {
                      isLoading.countDown();
                      return awaited(mayEnd);
                    }));
    isLoading.await();
    Backend.require();
    mayEnd.countDown();
    assertThat(other.get()).isTrue();
  }
}
