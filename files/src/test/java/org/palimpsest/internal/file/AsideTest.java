package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;

class AsideTest {

  @Test
  void workIsDoneInAThreadOfItsOwnThatKeepsNoProgramAlive() {
    Aside<Thread> aside = Aside.begin("beside", Thread::currentThread);
    assertThat(aside.result()).isNotSameAs(Thread.currentThread());
    assertThat(aside.result().getName()).isEqualTo("beside");
    assertThat(aside.result().isDaemon()).isTrue();
  }

  @Test
  void whatTheWorkThrewIsThrownAsItIs() {
    PalimpsestException refusal = new PalimpsestException("no such file");
    LinkageError missing = new LinkageError("no library");
    assertThatThrownBy(() -> Aside.begin("beside", () -> thrown(refusal)).result())
        .isSameAs(refusal);
    assertThatThrownBy(
            () ->
                Aside.begin(
                        "beside",
                        () -> {
                          throw missing;
                        })
                    .result())
        .isSameAs(missing);
  }

  private static Object thrown(RuntimeException failure) {
    throw failure;
  }

  @Test
  void whatIsAbandonedIsDisposedOfOnceItIsThere() {
    List<String> disposed = new ArrayList<>();
    CompletableFuture<String> coming = new CompletableFuture<>();
    Aside<String> aside = Aside.begin("beside", coming::join);
    coming.complete("made late");
    aside.abandon(disposed::add);
    assertThat(disposed).containsExactly("made late");

    Aside.begin("beside", () -> thrown(new IllegalStateException("failed")))
        .abandon(any -> disposed.add("nothing"));
    assertThat(disposed).containsExactly("made late");
  }
}
