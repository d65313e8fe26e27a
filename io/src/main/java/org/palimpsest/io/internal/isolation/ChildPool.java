package org.palimpsest.io.internal.isolation;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Keeps one process that has nothing to do, since starting another takes about a second. */
final class ChildPool {

  private static final AtomicReference<@Nullable ChildJava> IDLE = new AtomicReference<>();

  private ChildPool() {}

  /** The process that waits, if it treats memory as asked, or a new one. */
  static ChildJava take(Thrift thrift) {
    ChildJava idle = IDLE.getAndSet(null);
    if (idle != null && idle.isAlive()) {
      if (idle.thrift().equals(thrift)) {
        return idle;
      }
      idle.close();
    }
    return ChildJava.start(IsolatedMain.class, thrift);
  }

  /** A process whose network is closed. */
  static void giveBack(ChildJava child) {
    if (!IDLE.compareAndSet(null, child)) {
      child.close();
    }
  }
}
