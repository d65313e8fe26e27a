package org.palimpsest.internal.file;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;

/**
 * What is undone when this process is told to end: by Ctrl-C, by a scheduler, or by {@code
 * System.exit} while other threads are at work.
 *
 * <p>What came last is undone first. A process that is killed undoes nothing; what it left is
 * removed by the next one.
 */
public final class AtExit implements AutoCloseable {

  private static final Deque<AtExit> OPEN = new ArrayDeque<>();
  private static boolean ending;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(AtExit::undoAll, "palimpsest-at-exit"));
  }

  private final Runnable undo;

  private AtExit(Runnable undo) {
    this.undo = undo;
  }

  /** Makes something that has to be undone. */
  @FunctionalInterface
  interface Making {
    void make() throws IOException;
  }

  /**
   * Makes something and asks that it be undone. The process does not end between the two.
   *
   * @param undo must be quick, may run beside the threads that are at work, and fails quietly
   * @return to be closed when nothing is left to undo
   * @throws PalimpsestException if the process is ending already; then nothing is made
   */
  static AtExit make(Making making, Runnable undo) throws IOException {
    synchronized (OPEN) {
      if (ending) {
        throw new PalimpsestException("This process is ending.");
      }
      making.make();
      return undo(undo);
    }
  }

  /**
   * Asks that something be undone.
   *
   * @param undo as for {@link #make}
   * @return to be closed when nothing is left to undo
   * @throws PalimpsestException if the process is ending already; then it is undone at once
   */
  public static AtExit undo(Runnable undo) {
    AtExit task = new AtExit(undo);
    synchronized (OPEN) {
      if (!ending) {
        OPEN.push(task);
        return task;
      }
    }
    undo.run();
    throw new PalimpsestException("This process is ending.");
  }

  /** Whether this process has been told to end, so that failures are no news. */
  public static boolean hasBegun() {
    synchronized (OPEN) {
      return ending;
    }
  }

  private static void undoAll() {
    synchronized (OPEN) {
      ending = true;
    }
    for (AtExit task = next(); task != null; task = next()) {
      try {
        task.undo.run();
      } catch (RuntimeException failure) {
        System.getLogger(AtExit.class.getName())
            .log(System.Logger.Level.DEBUG, "something is left behind", failure);
      }
    }
  }

  private static @Nullable AtExit next() {
    synchronized (OPEN) {
      return OPEN.poll();
    }
  }

  @Override
  public void close() {
    synchronized (OPEN) {
      OPEN.remove(this);
    }
  }
}
