package org.palimpsest.io.binary;

import org.bytedeco.javacpp.Pointer;
import org.palimpsest.core.PalimpsestException;

/** Keeps files from asking for more memory than there is. */
public final class Allocation {

  private static final long MEGA = 1L << 20;

  private Allocation() {}

  /**
   * Makes sure that a tensor of this size may be made.
   *
   * @param source what wants it, for the message
   * @throws PalimpsestException if it is larger than the memory allowed for tensors
   */
  public static void require(String source, long bytes) {
    long allowed = Pointer.maxBytes();
    if (allowed > 0 && bytes > allowed) {
      throw new PalimpsestException(
          ("%s needs %d MB, more than the %d MB allowed for tensors."
                  + " Take fewer layers or samples, or allow more with"
                  + " -Dorg.bytedeco.javacpp.maxbytes=%dM.")
              .formatted(source, megabytes(bytes), megabytes(allowed), 2 * megabytes(bytes)));
    }
  }

  private static long megabytes(long bytes) {
    return (bytes + MEGA - 1) / MEGA;
  }
}
