package org.palimpsest.internal.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.palimpsest.core.PalimpsestException;

/**
 * Opens ZIP archives that can be read in one way alone.
 *
 * <p>A ZIP archive describes each entry twice, in its central directory and before the entry's
 * data, and may hold data that the directory does not list. Tools differ in what they believe. Here
 * both must agree, the entries must follow each other from the first byte to the directory without
 * a gap, and no size may be negative, beyond the file, or more than compression can make of it.
 * This is the only place where the product opens an archive.
 */
public final class ZipDirectory {

  /**
   * Opens an archive after a look at everything that it says of itself.
   *
   * @throws PalimpsestException if it is damaged, or could be read in more than one way
   */
  public static ZipFile open(Path file) throws IOException {
    ZipFile zip = opened(file);
    try {
      check(file, zip);
      return zip;
    } catch (Unread unread) {
      zip.close();
      throw notRead(file, unread);
    } catch (Flaw flaw) {
      zip.close();
      throw new PalimpsestException(
          "%s is a damaged or harmful ZIP archive: %s. Copy or write it again."
              .formatted(file, flaw.reason),
          flaw);
    } catch (IOException | RuntimeException failure) {
      zip.close();
      throw failure;
    }
  }

  /** Opens an archive that {@link #open} opened before and that did not change since. */
  public static ZipFile openAgain(Path file) throws IOException {
    return opened(file);
  }

  private static PalimpsestException notRead(Path file, Unread unread) {
    return new PalimpsestException(
        "%s is a ZIP archive that is not read: %s.".formatted(file, unread.reason()), unread);
  }

  /** Whether an archive was refused for something that honest ones may have. */
  static boolean isPerhapsHonest(PalimpsestException refusal) {
    return refusal.getCause() instanceof Unread;
  }

  /** What is wrong with an archive that Java opens, if anything is. */
  static Optional<String> flaw(Path file) throws IOException {
    try (ZipFile zip = opened(file)) {
      check(file, zip);
      return Optional.empty();
    } catch (Flaw flaw) {
      return Optional.of(flaw.reason());
    } catch (PalimpsestException refused) {
      if (refused.getCause() instanceof Unread unread) {
        return Optional.of(unread.reason());
      }
      throw refused;
    }
  }

  private static void check(Path file, ZipFile zip) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ZipRecords records = new ZipRecords(channel);
      requireSameReading(zip, records.checked());
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // its caller closes it
  private static ZipFile opened(Path file) throws IOException {
    try {
      return new ZipFile(file.toFile());
    } catch (ZipException | IllegalArgumentException damage) {
      requireReadable(file);
      throw new PalimpsestException(
          "%s is a truncated or damaged archive (%s). Copy it again from where it was made."
              .formatted(file, damage.getMessage()),
          damage);
    }
  }

  /** Java's reader does not tell what it does not know from damage. */
  private static void requireReadable(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      new ZipRecords(channel).checked();
    } catch (Unread unread) {
      throw notRead(file, unread);
    } catch (Flaw damage) {
      // what Java says of it is told
    }
  }

  /** Java's reader of archives, which reads the content, must have understood the same. */
  private static void requireSameReading(ZipFile zip, Map<String, ZipRecords.Header> checked) {
    List<? extends ZipEntry> read = entries(zip);
    boolean same = read.size() == checked.size();
    for (ZipEntry entry : read) {
      ZipRecords.Header header = checked.get(entry.getName());
      same &=
          header != null
              && header.size() == entry.getSize()
              && header.packed() == entry.getCompressedSize()
              && header.method() == entry.getMethod()
              && header.crc() == entry.getCrc();
    }
    if (!same) {
      throw new Flaw("its directory can be read in two ways");
    }
  }

  /** Java reads the comment of each with its name. */
  private static List<? extends ZipEntry> entries(ZipFile zip) {
    try {
      return Collections.list(zip.entries());
    } catch (IllegalArgumentException comment) {
      throw new Unread(
          "the comment of one of its entries is not in UTF-8", "Write it again without comments");
    }
  }

  /** Why an archive is refused. */
  static class Flaw extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String reason;

    Flaw(String reason) {
      super(reason);
      this.reason = reason;
    }

    String reason() {
      return reason;
    }
  }

  /** Why an archive is not read that may well be honest, and what to do. */
  static final class Unread extends Flaw {

    private static final long serialVersionUID = 1;

    Unread(String reason, String advice) {
      super(reason + ". " + advice);
    }
  }
}
