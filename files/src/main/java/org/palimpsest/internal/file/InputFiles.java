package org.palimpsest.internal.file;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.zip.ZipException;
import org.palimpsest.core.PalimpsestException;

/** Checks that files are there to be read, and says clearly what is wrong when they are not. */
public final class InputFiles {

  private static final char UNKNOWN_LETTER = '\ufffd';
  private static final int STAND_IN = 1 << 12;
  private static final String ROOM =
      "Make room there, or name another folder (java -Djava.io.tmpdir=DIR).";
  private static final Pattern NO_ROOM =
      Pattern.compile("(?i)no space left|quota exceeded|not enough space");

  private InputFiles() {}

  /**
   * Makes sure that there is a file, not a folder, with something in it, and that it may be read.
   *
   * @return the file
   * @throws PalimpsestException if not, saying which of these failed
   */
  public static Path require(Path file) {
    requireFile(file);
    if (size(file) == 0) {
      throw new PalimpsestException(file + " is empty. Was it written to the end?");
    }
    requireNoStandIn(file);
    return file;
  }

  /** What stands in the place of a file that was not fetched is called by its name. */
  private static void requireNoStandIn(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      FileKind kind = Sniffer.text(in.readNBytes(STAND_IN));
      if (kind != FileKind.TEXT) {
        throw new PalimpsestException(
            "%s is %s. It can be used %s.".formatted(file, kind.description(), kind.use()));
      }
    } catch (IOException failure) {
      throw unreadable(file, failure);
    }
  }

  static void requireFile(Path file) {
    if (!Files.exists(file) && Files.isSymbolicLink(file)) {
      throw new PalimpsestException(file + " is a link that leads to no file: " + target(file));
    }
    if (!Files.exists(file)) {
      throw new PalimpsestException(file + " does not exist." + unspelled(file));
    }
    if (Files.isDirectory(file)) {
      throw new PalimpsestException(file + " is a folder; a file is needed here.");
    }
    if (!Files.isRegularFile(file)) {
      throw new PalimpsestException(file + " is not a regular file; a file is needed here.");
    }
    if (!Files.isReadable(file)) {
      throw new PalimpsestException(file + " may not be read by this user.");
    }
  }

  private static String target(Path link) {
    try {
      return "it points to %s.".formatted(Files.readSymbolicLink(link));
    } catch (IOException unknown) {
      return "where it points to cannot be read.";
    }
  }

  /** Java cannot open what is named on the command line in letters that the locale lacks. */
  private static String unspelled(Path file) {
    return file.toString().indexOf(UNKNOWN_LETTER) < 0
        ? ""
        : " Its name has letters that the locale of this process cannot spell: set LC_ALL=C.UTF-8, or rename it if that is set, since its name is not UTF-8 then.";
  }

  /** The number of bytes of a file. */
  public static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException failure) {
      throw unreadable(file, failure);
    }
  }

  /** The file's own name, without its folders. */
  public static String name(Path file) {
    Path name = file.getFileName();
    return name == null ? file.toString() : name.toString();
  }

  /** The file's own name without folders and without the given ending, if it has that. */
  public static String nameWithout(String ending, Path file) {
    String name = name(file);
    return name.endsWith(ending) && name.length() > ending.length()
        ? name.substring(0, name.length() - ending.length())
        : name;
  }

  /**
   * Does some reading of a file whose content may ask for more than the stack or the memory holds.
   *
   * @throws PalimpsestException if it did, naming the file
   */
  public static <T> T bounded(Path file, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (StackOverflowError deep) {
      throw new PalimpsestException(
          file + " nests its content too deeply to be read: it is damaged or made to do harm.",
          deep);
    } catch (OutOfMemoryError large) {
      throw new PalimpsestException(
          "%s takes more than the %s MB of memory that Java may use. Allow more (java -Xmx…) if the file is honest."
              .formatted(file, Runtime.getRuntime().maxMemory() >> 20),
          large);
    }
  }

  /** What to throw when reading a file failed half-way. */
  public static PalimpsestException unreadable(Path file, IOException failure) {
    if (failure instanceof EOFException) {
      return new PalimpsestException(
          file + " ends too early: it is truncated. Copy or write it again.", failure);
    }
    if (failure instanceof CharacterCodingException) {
      return new PalimpsestException(file + " is no text in UTF-8.", failure);
    }
    String reason = reason(failure);
    if (NO_ROOM.matcher(reason).find()) {
      return new PalimpsestException(
          "%s was not read, since there is no room for temporary files in %s: %s. %s"
              .formatted(file, System.getProperty("java.io.tmpdir"), reason, ROOM),
          failure);
    }
    if (failure instanceof ZipException) {
      return new PalimpsestException(
          "%s cannot be read: %s. It is damaged: copy or write it again.".formatted(file, reason),
          failure);
    }
    return new PalimpsestException(file + " cannot be read: " + reason, failure);
  }

  /** What to throw when a file could not be copied into the folder for temporary files. */
  public static PalimpsestException notCopied(Path file, Path target, IOException failure) {
    return new PalimpsestException(
        "%s cannot be copied to %s: %s. %s"
            .formatted(file, target, reason(failure).replaceFirst("\\.$", ""), ROOM),
        failure);
  }

  /** Why the file system failed, after a colon, without the names of the file and of classes. */
  public static String reason(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (failure instanceof AccessDeniedException) {
      return "access is denied";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "it is there already, and not a folder";
    }
    if (failure instanceof NotDirectoryException) {
      return "it is no folder";
    }
    String told =
        failure instanceof FileSystemException file ? file.getReason() : failure.getMessage();
    return Objects.requireNonNullElse(told, "the system does not say why");
  }
}
