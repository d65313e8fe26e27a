package org.palimpsest.internal.file;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;

/**
 * Tells whether a file stayed as it was while it was read, so that what was read and its hash are
 * of the same bytes. Safe to use from several threads.
 *
 * <p>A change shows in the file's size, times, or place on the disk; one so soon after another that
 * the clock of the file system stood still shows in the hash.
 */
public final class UnchangedFile {

  private static final Duration COARSEST_CLOCK = Duration.ofMillis(2500);
  private static final long HASHED_AGAIN_BELOW = 1L << 30;

  /** What can be told of a file without reading it. */
  private record State(
      long size, FileTime modified, Optional<Object> changed, Optional<Object> place) {

    boolean isOlderThan(Instant moment) {
      return modified.toInstant().isBefore(moment)
          && changed.map(time -> ((FileTime) time).toInstant().isBefore(moment)).orElse(true);
    }
  }

  private final Path file;
  private final State state;
  private volatile Optional<String> hash = Optional.empty();
  private volatile boolean changesShow;

  private UnchangedFile(Path file) {
    this.file = file;
    this.state = look(file);
    this.changesShow = changesShowFrom(Instant.now());
    if (!changesShow) {
      settle();
    }
  }

  /** Hashing a large file takes longer than to wait until a change would show. */
  private void settle() {
    if (state.size() < HASHED_AGAIN_BELOW) {
      sha256();
      return;
    }
    waitForClock();
    if (!look(file).equals(state)) {
      throw changed(file);
    }
    changesShow = changesShowFrom(Instant.now());
    if (!changesShow) { // written to by a machine whose clock is ahead
      sha256();
    }
  }

  private static void waitForClock() {
    try {
      Thread.sleep(COARSEST_CLOCK.toMillis() + 1);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Looks at a file that is about to be read.
   *
   * @throws PalimpsestException if there is no such file
   */
  public static UnchangedFile since(Path file) {
    InputFiles.requireFile(file);
    return new UnchangedFile(file);
  }

  public Path file() {
    return file;
  }

  private boolean changesShowFrom(Instant now) {
    return state.isOlderThan(now.minus(COARSEST_CLOCK));
  }

  private static State look(Path file) {
    try {
      BasicFileAttributes known = Files.readAttributes(file, BasicFileAttributes.class);
      Optional<Object> changed =
          FileSystems.getDefault().supportedFileAttributeViews().contains("unix")
              ? Optional.of(Files.getAttribute(file, "unix:ctime"))
              : Optional.empty();
      return new State(
          known.size(), known.lastModifiedTime(), changed, Optional.ofNullable(known.fileKey()));
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  /**
   * The hash of the file's content, which is what was read since.
   *
   * @throws PalimpsestException if the file changed
   */
  public String sha256() {
    String now = Sha256.of(file);
    if (!look(file).equals(state) || !hash.orElse(now).equals(now)) {
      throw changed(file);
    }
    hash = Optional.of(now);
    return now;
  }

  /**
   * Makes sure that the file did not change. Cheap for files that are older than a few seconds.
   *
   * @throws PalimpsestException if it changed, or is gone
   */
  public void require() {
    Instant now = Instant.now();
    if (!look(file).equals(state)) {
      throw changed(file);
    }
    if (!changesShow) {
      settle();
      if (!changesShow) {
        changesShow = changesShowFrom(now);
      }
    }
  }

  /**
   * Makes sure that the file did not change, and hashes it again for that unless it is of a
   * gigabyte or more.
   *
   * @throws PalimpsestException if it changed, or is gone
   */
  public void requireSameContent() {
    require();
    if (state.size() < HASHED_AGAIN_BELOW) {
      sha256();
    }
  }

  /** What to throw when a file is not what it was before. */
  public static PalimpsestException changed(Path file) {
    return new PalimpsestException(
        file
            + " changed while it was read, so that nothing is known of it. Give the command again"
            + " when it is no longer written to.");
  }
}
