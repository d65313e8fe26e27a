package org.palimpsest.io.djl;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import org.jspecify.annotations.Nullable;

/**
 * Where DJL's own {@code forward} reports to once it is watched.
 *
 * <p>Public because DJL's class calls it; there is no reason to call it from anywhere else. Threads
 * that capture nothing pay one look-up for each block.
 */
public final class BlockCalls {

  private static final ThreadLocal<@Nullable BlockListener> LISTENER = new ThreadLocal<>();

  private BlockCalls() {}

  /** A block begins in this thread. */
  public static void entered(Block block) {
    BlockListener listener = LISTENER.get();
    if (listener != null) {
      listener.entered(block);
    }
  }

  /** The block that began last has ended; without a result if it failed. */
  public static void left(Block block, @Nullable NDList result) {
    BlockListener listener = LISTENER.get();
    if (listener != null) {
      listener.left(block, result);
    }
  }

  /** Lets the listener hear of all blocks that run in this thread during the work. */
  static void during(BlockListener listener, Runnable work) {
    BlockListener outer = LISTENER.get();
    LISTENER.set(listener);
    try {
      work.run();
    } finally {
      if (outer == null) {
        LISTENER.remove();
      } else {
        LISTENER.set(outer);
      }
    }
  }

  /** Hears of blocks that run. */
  interface BlockListener {

    void entered(Block block);

    void left(Block block, @Nullable NDList result);
  }
}
