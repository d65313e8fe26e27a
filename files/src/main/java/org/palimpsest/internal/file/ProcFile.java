package org.palimpsest.internal.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Files in which Linux tells of memory and limits, a name and a number in each line. */
public enum ProcFile {
  /** The memory of the machine. */
  MEMORY("/proc/meminfo"),
  /** The memory of this process. */
  STATUS("/proc/self/status"),
  /** What this process may take. */
  LIMITS("/proc/self/limits");

  private static final Pattern NUMBER = Pattern.compile(":?\\s+(\\d{1,18})(?:\\s+(kB))?\\b.*");
  private static final long KILOBYTE = 1024;

  private final Path file;

  ProcFile(String file) {
    this.file = Path.of(file);
  }

  /** So many bytes; none where the system does not tell, or has no limit. */
  public OptionalLong bytes(String name) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> NUMBER.matcher(line.substring(name.length())))
          .filter(Matcher::matches)
          .mapToLong(
              found -> Long.parseLong(found.group(1)) * (found.group(2) == null ? 1 : KILOBYTE))
          .findFirst();
    } catch (IOException | UncheckedIOException otherSystem) {
      return OptionalLong.empty();
    }
  }
}
