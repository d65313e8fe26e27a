package org.palimpsest.internal.file;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;

/**
 * A file that appears under its name only when it is whole.
 *
 * <p>It is written under a temporary name in the same folder and moved in one step. Folders that
 * are missing are made. Closed without {@link #commit()}, it leaves nothing behind, nor does a
 * process that is told to end meanwhile. What a killed process left in a folder is removed when the
 * next one writes there.
 */
public final class AtomicFile implements AutoCloseable {

  /** What goes into a file. */
  @FunctionalInterface
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** In letters; with the stamp it stays under the 255 bytes of a name, whatever they are. */
  private static final int LONGEST_STEM = 40;

  /** Where Linux shows the open files of processes. */
  private static final Path PROCESSES = Path.of("/proc");

  /** As Linux has it. */
  private static final int MOST_LINKS = 40;

  private static final Pattern LEFTOVERS =
      Pattern.compile(
          "\\..+\\.(" + ProcessStamp.PATTERN + ")\\.[0-9a-f]+\\.tmp(\\.layers)?", Pattern.DOTALL);

  private final Path target;
  private final Path temporary;
  private final List<Path> madeFolders;
  private @Nullable AtExit atExit;
  private volatile boolean committed;

  private AtomicFile(Path target, Path temporary, List<Path> madeFolders) {
    this.target = target;
    this.temporary = temporary;
    this.madeFolders = madeFolders;
  }

  /**
   * Gets ready to write a file.
   *
   * @param target where it will be; what is there already is replaced at the end, a symbolic link
   *     itself and not the file to which it points
   * @throws PalimpsestException if it cannot be written there, saying why
   */
  public static AtomicFile create(Path target) {
    if (target.toString().isEmpty()) {
      throw new PalimpsestException("The name of the file to write to is empty; give one.");
    }
    Path place = target.toAbsolutePath().normalize();
    List<Path> made = new ArrayList<>();
    try {
      requireReplaceable(target);
      Path folder = Objects.requireNonNullElse(place.getParent(), place);
      Path temporary = folder.resolve(temporaryName(place));
      AtomicFile file = new AtomicFile(place, temporary, made);
      file.atExit =
          AtExit.make(
              () -> {
                makeFolders(folder, made);
                Files.createFile(temporary);
              },
              file::discard);
      Leftovers.sweepOnce(folder, LEFTOVERS, temporary);
      return file;
    } catch (IOException failure) {
      deleteEmpty(made);
      throw unwritable(target, failure);
    } catch (PalimpsestException ending) {
      deleteEmpty(made);
      throw ending;
    }
  }

  /**
   * Makes sure that nothing is in the place of a file, or one that may be replaced.
   *
   * @throws PalimpsestException if not, saying what it is
   */
  public static void requireReplaceable(Path target) {
    Path place = target.toAbsolutePath().normalize();
    if (!Files.exists(place)) {
      return;
    }
    if (leadsToAStream(place)) {
      throw new PalimpsestException(
          target
              + " stands for a stream of this process; give the name of a file to write to, and copy that.");
    }
    if (!Files.isRegularFile(place)) {
      String what = Files.isDirectory(place) ? "a folder" : "not a regular file";
      throw new PalimpsestException(
          target + " is " + what + "; give the name of a file to write to.");
    }
    if (!Files.isSymbolicLink(place) && !Files.isWritable(place)) {
      throw new PalimpsestException(target + " exists and may not be overwritten by this user.");
    }
  }

  /** Such as /dev/stdout, a link that all programs of the machine use: it must not be replaced. */
  private static boolean leadsToAStream(Path place) {
    Path next = place;
    try {
      for (int links = 0; Files.isSymbolicLink(next) && links < MOST_LINKS; links++) {
        next = next.resolveSibling(Files.readSymbolicLink(next)).normalize();
        if (next.startsWith(PROCESSES)) {
          return true;
        }
      }
    } catch (IOException toldWhenItIsWritten) {
      return false;
    }
    return false;
  }

  private static void makeFolders(Path folder, List<Path> made) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path parent = folder.getParent();
    if (parent != null) {
      makeFolders(parent, made);
    }
    try {
      Files.createDirectory(folder);
      made.add(folder);
    } catch (FileAlreadyExistsException there) {
      if (!Files.isDirectory(folder)) { // else another thread was faster
        throw new IOException(folder + " is a file, not a folder", there);
      }
    }
  }

  private static String temporaryName(Path place) {
    String name = InputFiles.name(place);
    int letters = Math.min(LONGEST_STEM, name.codePointCount(0, name.length()));
    String stem = name.substring(0, name.offsetByCodePoints(0, letters));
    return "."
        + stem
        + "."
        + ProcessStamp.own()
        + "."
        + Long.toHexString(ThreadLocalRandom.current().nextLong())
        + ".tmp";
  }

  /** Writes a whole file, or leaves everything as it was. */
  public static void write(Path target, Content content) {
    try (AtomicFile file = create(target)) {
      file.fill(target, content);
      file.commit();
    }
  }

  /** Writes all of it; {@link #commit} gives it its name. */
  public void fill(Content content) {
    fill(target, content);
  }

  private void fill(Path told, Content content) {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
      content.writeTo(out);
    } catch (IOException failure) {
      throw unwritable(told, failure);
    }
  }

  /** Writes a whole text file in UTF-8, or leaves everything as it was. */
  public static void write(Path target, String text) {
    write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Where to write until it is whole. The file exists and is empty. */
  public Path temporary() {
    return temporary;
  }

  /** Gives the file its name. Call it once, when all is written and closed. */
  public void commit() {
    try {
      try {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
      }
      committed = true;
    } catch (IOException failure) {
      throw unwritable(target, failure);
    }
  }

  @Override
  public void close() {
    if (atExit != null) {
      atExit.close();
    }
    discard();
  }

  private void discard() {
    if (!committed) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException failure) {
        throw unwritable(temporary, failure);
      }
      deleteEmpty(madeFolders);
    }
  }

  private static void deleteEmpty(List<Path> folders) {
    for (int i = folders.size() - 1; i >= 0; i--) {
      try {
        Files.deleteIfExists(folders.get(i));
      } catch (IOException inUse) {
        return;
      }
    }
  }

  /** What to throw when writing a file failed. */
  public static PalimpsestException unwritable(Path file, IOException failure) {
    return new PalimpsestException(file + " cannot be written: " + reason(failure), failure);
  }

  static String reason(IOException failure) {
    if (failure instanceof AccessDeniedException denied) {
      return "this user may not write to " + place(denied);
    }
    return failure instanceof NoSuchFileException
        ? "no file can be made there"
        : InputFiles.reason(failure);
  }

  /** The folder, where the file that was refused is one that nobody knows. */
  private static String place(AccessDeniedException denied) {
    String named = Objects.requireNonNullElse(denied.getFile(), "it");
    Path file = Path.of(named);
    Path folder = file.getParent();
    return folder != null && LEFTOVERS.matcher(InputFiles.name(file)).matches()
        ? folder.toString()
        : named;
  }
}
