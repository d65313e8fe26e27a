package org.palimpsest.cli;

import java.util.OptionalLong;
import org.palimpsest.core.Backend;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.ProcFile;

/** The libraries that tensors need. */
final class NativeLibraries {

  private static final long MEGABYTE = 1 << 20;

  /** The libraries themselves, and a buffer of 128 MB for each of a few threads. */
  private static final long NEEDED = 768 * MEGABYTE;

  private NativeLibraries() {}

  /**
   * Begins to load them, with threads that sleep while they wait.
   *
   * @throws PalimpsestException if a limit on addresses leaves them no room
   */
  static void loadAhead() {
    IdleThreads.letSleep();
    requireRoom();
    Backend.loadAhead();
  }

  /**
   * Makes sure that they find room where a limit is set on addresses ({@code ulimit -v}), if the
   * system tells. OpenBLAS asks without end for what it is refused, in which not even an end of the
   * process gets through.
   *
   * @throws PalimpsestException if they do not
   */
  static void requireRoom() {
    OptionalLong limit = ProcFile.LIMITS.bytes("Max address space");
    OptionalLong taken = ProcFile.STATUS.bytes("VmSize");
    if (limit.isPresent() && taken.isPresent()) {
      requireRoom(limit.getAsLong(), taken.getAsLong());
    }
  }

  static void requireRoom(long limit, long taken) {
    if (limit - taken < NEEDED) {
      throw new PalimpsestException(
          "The limit on addresses (ulimit -v, %d MB) leaves %d MB to native libraries, which need %d. Raise it, or give Java less by -Xmx."
              .formatted(
                  limit / MEGABYTE, Math.max(0, limit - taken) / MEGABYTE, NEEDED / MEGABYTE));
    }
  }
}
