package org.palimpsest.internal.file;

import java.util.OptionalLong;
import org.palimpsest.core.PalimpsestException;

/** The room that a limit on addresses ({@code ulimit -v}) leaves to native libraries. */
public final class AddressRoom {

  private static final long MEGABYTE = 1 << 20;

  /** The libraries themselves, and a buffer of 128 MB for each of a few threads. */
  private static final long NEEDED = 768 * MEGABYTE;

  private AddressRoom() {}

  /**
   * Makes sure that they find room, if the system tells. OpenBLAS asks without end for what it is
   * refused, in which not even an end of the process gets through.
   *
   * @throws PalimpsestException if they do not
   */
  public static void require() {
    OptionalLong limit = ProcFile.LIMITS.bytes("Max address space");
    OptionalLong taken = ProcFile.STATUS.bytes("VmSize");
    if (limit.isPresent() && taken.isPresent()) {
      require(limit.getAsLong(), taken.getAsLong());
    }
  }

  static void require(long limit, long taken) {
    if (limit - taken < NEEDED) {
      throw new PalimpsestException(
          "The limit on addresses (ulimit -v, %s MB) leaves %s MB to native libraries, which need %s. Raise it, or give Java less by -Xmx."
              .formatted(
                  limit / MEGABYTE, Math.max(0, limit - taken) / MEGABYTE, NEEDED / MEGABYTE));
    }
  }
}
