package org.palimpsest.internal.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;

/**
 * A folder of this process alone that goes with all that is in it: when it is closed, at the latest
 * when the process ends, and after a kill when the next process makes one.
 */
public final class TemporaryFolder implements AutoCloseable {

  private static final String PREFIX = "palimpsest-";
  private static final Pattern LEFTOVERS =
      Pattern.compile(PREFIX + "(" + ProcessStamp.PATTERN + ")-[0-9a-z]+");
  private static final int RADIX = 36;

  /** Threads that are at work when the process ends may put one more file there. */
  private static final int ATTEMPTS = 10;

  private static final FileAttribute<?> MINE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<?>[] NO_ATTRIBUTES = {};

  private final Path path;
  private final AtExit atExit;

  private TemporaryFolder(Path path, AtExit atExit) {
    this.path = path;
    this.atExit = atExit;
  }

  /**
   * Makes one in {@code java.io.tmpdir} that only this user may enter.
   *
   * @throws PalimpsestException if that cannot be
   */
  public static TemporaryFolder create() {
    Path place = Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
    String random = Long.toString(ThreadLocalRandom.current().nextInt(1 << 30), RADIX);
    Path folder = place.resolve(PREFIX + ProcessStamp.own() + "-" + random);
    boolean posix = place.getFileSystem().supportedFileAttributeViews().contains("posix");
    try {
      TemporaryFolder made = make(folder, posix ? new FileAttribute<?>[] {MINE} : NO_ATTRIBUTES);
      Leftovers.sweepOnce(place, LEFTOVERS, folder);
      return made;
    } catch (IOException failure) {
      throw new PalimpsestException(
          "No temporary folder can be made in %s: %s".formatted(place, AtomicFile.reason(failure)),
          failure);
    }
  }

  /**
   * Makes one at a place of one's own choice.
   *
   * @throws PalimpsestException if that cannot be
   */
  public static TemporaryFolder at(Path folder) {
    try {
      return make(folder);
    } catch (IOException failure) {
      throw AtomicFile.unwritable(folder, failure);
    }
  }

  private static TemporaryFolder make(Path folder, FileAttribute<?>... attributes)
      throws IOException {
    AtExit atExit =
        AtExit.make(() -> Files.createDirectory(folder, attributes), () -> delete(folder));
    return new TemporaryFolder(folder, atExit);
  }

  public Path path() {
    return path;
  }

  /** What to throw when something could not be written there. */
  public PalimpsestException unwritable(IOException failure) {
    return new PalimpsestException(
        "The temporary folder %s cannot be written to: %s. Make room there, or name another (java -Djava.io.tmpdir=DIR)."
            .formatted(path, AtomicFile.reason(failure)),
        failure);
  }

  @Override
  public void close() {
    atExit.close();
    delete(path);
  }

  private static void delete(Path path) {
    IOException last = null;
    for (int i = 0; i < ATTEMPTS && Files.exists(path, LinkOption.NOFOLLOW_LINKS); i++) {
      try {
        Leftovers.delete(path);
        return;
      } catch (IOException failure) {
        last = failure;
      }
    }
    if (last != null) {
      throw AtomicFile.unwritable(path, last);
    }
  }
}
