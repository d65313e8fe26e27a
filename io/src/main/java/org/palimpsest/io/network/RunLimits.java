package org.palimpsest.io.network;

import org.palimpsest.core.PalimpsestException;

/**
 * How much of a network's work is done at once: how many probes it is shown together, and how much
 * memory the process may hold meanwhile. It decides speed and memory alone, never values, but for
 * the last digits of what native libraries sum in another order.
 *
 * <pre>{@code
 * RunLimits small = RunLimits.withDefaults().withBatchSize(1).withMemory(new RunLimits.MemoryBound(2L << 30));
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

  /**
   * How much memory this process may hold while networks run: Java's heap, tensors outside it, the
   * native runtimes with their code; what the system counts as resident.
   *
   * <p>A run that comes near it shows fewer probes at once; one probe that alone takes more is an
   * error, which says how much would do. What the heap may take at most (Java's {@code -Xmx}) is
   * not changed by it.
   *
   * <pre>{@code
   * RunLimits limits = RunLimits.withDefaults().withMemory(new MemoryBound(4L << 30)); // 4 GiB
   * }</pre>
   *
   * @param bytes the most, at least 1
   * @param ofWhole the most that all processes together may hold, of which this one has its share
   */
  public record MemoryBound(long bytes, long ofWhole) {

    private static final long MEGABYTE = 1L << 20;

    /** What another process gets of what this one leaves: three of four parts. */
    private static final int SHARE = 3;

    private static final int SHARES = 4;

    /** What a process takes at least that runs a network, as measured. */
    private static final long LEAST_OF_OTHER = 300 * MEGABYTE;

    /** For a process that shares with none. */
    public MemoryBound(long bytes) {
      this(bytes, bytes);
    }

    /**
     * @throws PalimpsestException if there are fewer bytes than 1
     */
    public MemoryBound {
      if (bytes < 1) {
        throw new PalimpsestException("A bound of " + bytes + " bytes of memory cannot be kept.");
      }
    }

    /** As much as there is. */
    public static MemoryBound unlimited() {
      return new MemoryBound(Long.MAX_VALUE);
    }

    /**
     * What another process may hold beside this one: three quarters of what this one leaves, since
     * it still has to take what the other one hands over.
     *
     * @param own the bytes that this process holds
     * @throws PalimpsestException if this process already holds as much as both may
     */
    public MemoryBound besideProcessOf(long own) {
      if (!isLimited()) {
        return this;
      }
      if (own >= bytes) {
        throw new PalimpsestException(
            "%s MB of memory are too little: this process alone holds %s MB, and the one that runs the network needs more than %s MB. Allow at least %s MB."
                .formatted(
                    bytes / MEGABYTE,
                    own / MEGABYTE + 1,
                    LEAST_OF_OTHER / MEGABYTE,
                    (own + LEAST_OF_OTHER / SHARE * SHARES) / MEGABYTE + 1));
      }
      return new MemoryBound(Math.max(1, (bytes - own) / SHARES * SHARE), bytes);
    }

    /**
     * How much all processes together must be allowed, for this one to hold so much. Messages name
     * it, since it is what the user can set.
     *
     * @param held in bytes, by this process
     * @return in bytes
     */
    public long wholeThatAllows(long held) {
      return ofWhole == bytes ? held : ofWhole + (held - bytes) / SHARE * SHARES;
    }

    /** Whether there is a bound. */
    public boolean isLimited() {
      return bytes < Long.MAX_VALUE;
    }
  }
}
