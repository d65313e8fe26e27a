package org.palimpsest.io.network;

import org.palimpsest.core.PalimpsestException;

/**
 * How much of a network's work is done at once: how many probes it is shown together, and how much
 * memory the process may hold meanwhile. It decides speed and memory alone, never values, but for
 * the last digits of what native libraries sum in another order.
 *
 * <pre>{@code
 * RunLimits small = RunLimits.withDefaults().withBatchSize(1).withMemory(new MemoryBound(2L << 30));
 * }</pre>
 *
 * @param batchSize the most probes that it is shown at once, at least 1
 * @param memory what the process may hold meanwhile; fewer probes are shown at once if it is little
 */
public record RunLimits(int batchSize, MemoryBound memory) {

  private static final int DEFAULT_BATCH_SIZE = 16;

  /**
   * @throws PalimpsestException if the batch size is less than 1
   */
  public RunLimits {
    if (batchSize < 1) {
      throw new PalimpsestException(
          "A batch of " + batchSize + " probes cannot be shown: 1 is the least.");
    }
  }

  /** Sixteen probes at once, in as much memory as there is. */
  public static RunLimits withDefaults() {
    return new RunLimits(DEFAULT_BATCH_SIZE, MemoryBound.unlimited());
  }

  /** With another number of probes at once, at least 1. */
  public RunLimits withBatchSize(int probes) {
    return new RunLimits(probes, memory);
  }

  /** With a bound of memory. */
  public RunLimits withMemory(MemoryBound bound) {
    return new RunLimits(batchSize, bound);
  }
}
