package org.palimpsest.internal.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;

/** The room that a limit on addresses ({@code ulimit -v}) leaves to native libraries. */
public final class AddressRoom {

  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Pattern LIMIT = Pattern.compile("Max address space +(\\d{1,18}) .*");
  private static final Pattern TAKEN = Pattern.compile("VmSize:\\s+(\\d{1,15}) kB");
  private static final long KILOBYTE = 1024;
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
    OptionalLong limit = number(LIMITS, LIMIT);
    OptionalLong taken = number(STATUS, TAKEN);
    if (limit.isPresent() && taken.isPresent()) {
      require(limit.getAsLong(), KILOBYTE * taken.getAsLong());
    }
  }

  static void require(long limit, long taken) {
    if (limit - taken < NEEDED) {
      throw new PalimpsestException(
          "The limit on addresses (ulimit -v, %d MB) leaves %d MB to native libraries, which need %d. Raise it, or give Java less by -Xmx."
              .formatted(
                  limit / MEGABYTE, Math.max(0, limit - taken) / MEGABYTE, NEEDED / MEGABYTE));
    }
  }

  private static OptionalLong number(Path file, Pattern pattern) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .map(pattern::matcher)
          .filter(Matcher::matches)
          .mapToLong(line -> Long.parseLong(line.group(1)))
          .findFirst();
    } catch (IOException | UncheckedIOException otherSystem) {
      return OptionalLong.empty();
    }
  }
}
