package org.palimpsest.io.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
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
  private static final int ATTEMPTS = 3;

  private final Path path;
  private final AtExit atExit;

  private TemporaryFolder(Path path) {
    this.path = path;
    this.atExit = AtExit.undo(this::delete);
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
    try {
      if (place.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } else {
        Files.createDirectory(folder);
      }
    } catch (IOException failure) {
      throw new PalimpsestException(
          "No temporary folder can be made: " + AtomicFile.reason(failure), failure);
    }
    Leftovers.sweepOnce(place, LEFTOVERS, folder);
    return new TemporaryFolder(folder);
  }

  /**
   * Makes one at a place of one's own choice.
   *
   * @throws PalimpsestException if that cannot be
   */
  public static TemporaryFolder at(Path folder) {
    try {
      Files.createDirectory(folder);
    } catch (IOException failure) {
      throw AtomicFile.unwritable(folder, failure);
    }
    return new TemporaryFolder(folder);
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() {
    atExit.close();
    delete();
  }

  private void delete() {
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
