package org.palimpsest.io.internal.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.Backend;
import org.palimpsest.internal.file.ProcFile;

/**
 * How much memory this process holds, as the system sees it.
 *
 * <p>Linux tells the most that was held since it was last asked to forget; elsewhere what is held
 * now has to do, which misses what was freed meanwhile.
 */
public final class ResidentMemory {

  private static final Path FORGET = Path.of("/proc/self/clear_refs");
  private static final String FORGET_PEAK = "5";

  /** Stays open, for threads that may not open it later. */
  private static final @Nullable FileChannel FORGETTING = open();

  private ResidentMemory() {}

  /** The most bytes held since {@link #forgetPeak()}. */
  public static long peak() {
    return ProcFile.STATUS.bytes("VmHWM").orElseGet(Pointer::physicalBytes);
  }

  /** The bytes held now, after what is garbage was freed. */
  public static long settled() {
    Backend.require();
    System.gc();
    forgetPeak();
    return peak();
  }

  private static @Nullable FileChannel open() {
    try {
      return Files.isWritable(FORGET) ? FileChannel.open(FORGET, StandardOpenOption.WRITE) : null;
    } catch (IOException notAllowed) {
      return null;
    }
  }

  /** Begins anew; where that is not allowed, the peak is that of the process's whole life. */
  public static void forgetPeak() {
    try {
      if (FORGETTING != null) {
        FORGETTING.write(ByteBuffer.wrap(FORGET_PEAK.getBytes(StandardCharsets.US_ASCII)), 0);
      }
    } catch (IOException notAllowed) {
      System.getLogger(ResidentMemory.class.getName())
          .log(System.Logger.Level.DEBUG, "the peak of memory cannot be reset", notAllowed);
    }
  }
}
