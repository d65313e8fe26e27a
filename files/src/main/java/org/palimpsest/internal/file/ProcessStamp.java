package org.palimpsest.internal.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Which process made a file, as a part of the file's name.
 *
 * @param process its number, which the system gives to others later
 * @param start when it was started, which tells it from those
 * @param realm where that number means this process: the machine since it was started, and the
 *     container
 */
record ProcessStamp(long process, long start, long realm) {

  /** What a stamp looks like in a name. */
  static final String PATTERN = "[0-9a-z]+-[0-9a-z]+-[0-9a-z]+";

  private static final int RADIX = 36;
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Path CONTAINER = Path.of("/proc/self/ns/pid");

  /** After the name of the program in {@code /proc/PID/stat}, which may hold blanks. */
  private static final int START_AFTER_NAME = 20;

  private static final ProcessStamp OWN = own(ProcessHandle.current());

  private static ProcessStamp own(ProcessHandle handle) {
    return new ProcessStamp(handle.pid(), startOf(handle).orElse(0L), currentRealm());
  }

  /** That of this process. */
  static ProcessStamp own() {
    return OWN;
  }

  /**
   * Reads a stamp.
   *
   * @param text what {@link #toString()} gave and {@link #PATTERN} matches
   */
  static Optional<ProcessStamp> parse(String text) {
    String[] parts = text.split("-", -1);
    try {
      return Optional.of(
          new ProcessStamp(
              Long.parseLong(parts[0], RADIX),
              Long.parseLong(parts[1], RADIX),
              Long.parseLong(parts[2], RADIX)));
    } catch (NumberFormatException tooLong) {
      return Optional.empty();
    }
  }

  /** Whether that process has certainly ended. Of another machine or container nothing is known. */
  boolean hasEnded() {
    if (realm != OWN.realm || OWN.start == 0) {
      return false;
    }
    return ProcessHandle.of(process)
        .map(living -> startOf(living).filter(known -> known != start).isPresent())
        .orElse(true);
  }

  private static Optional<Long> startOf(ProcessHandle handle) {
    Path stat = Path.of("/proc/" + handle.pid() + "/stat");
    try {
      if (Files.isReadable(stat)) { // exact, where the handle's own instant shifts with the clock
        String line = Files.readString(stat, StandardCharsets.ISO_8859_1);
        String[] fields = line.substring(line.lastIndexOf(')') + 1).split(" ", -1);
        return Optional.of(Long.parseLong(fields[START_AFTER_NAME]));
      }
    } catch (IOException | RuntimeException unknown) {
      return Optional.empty();
    }
    return handle.info().startInstant().map(instant -> instant.toEpochMilli());
  }

  private static long currentRealm() {
    CRC32 hash = new CRC32();
    try {
      hash.update(Files.readAllBytes(BOOT));
      hash.update(Files.readSymbolicLink(CONTAINER).toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException | UnsupportedOperationException notLinux) {
      String host = System.getenv("COMPUTERNAME") + System.getenv("HOSTNAME");
      hash.update(host.getBytes(StandardCharsets.UTF_8));
    }
    return hash.getValue();
  }

  @Override
  public String toString() {
    return Long.toString(process, RADIX)
        + "-"
        + Long.toString(start, RADIX)
        + "-"
        + Long.toString(realm, RADIX);
  }
}
