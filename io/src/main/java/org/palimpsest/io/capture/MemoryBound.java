package org.palimpsest.io.capture;

import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.tensor.Backend;

/**
 * How much memory this process may hold while networks run: Java's heap, tensors outside it, the
 * native runtimes with their code; what the system counts as resident.
 *
 * @param bytes the most, at least 1
 */
public record MemoryBound(long bytes) {

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
   * What another process may hold beside this one: three quarters of what this one leaves, since it
   * still has to take what the other one hands over.
   *
   * @throws PalimpsestException if this process already holds as much as both may
   */
  public MemoryBound besideThisProcess() {
    if (!isLimited()) {
      return this;
    }
    Backend.require();
    System.gc();
    ResidentMemory.forgetPeak();
    long own = ResidentMemory.peak();
    if (own >= bytes) {
      throw new PalimpsestException(
          "%d MB of memory are too little: this process alone holds %d MB. Allow more memory."
              .formatted(bytes >> 20, (own >> 20) + 1));
    }
    return new MemoryBound(Math.max(1, (bytes - own) / 4 * 3));
  }

  public boolean isLimited() {
    return bytes < Long.MAX_VALUE;
  }
}
