package org.palimpsest.internal.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.ZipRecords.Flaw;
import org.palimpsest.internal.file.ZipRecords.Header;
import org.palimpsest.internal.file.ZipRecords.Unread;

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

  private static final int ENCRYPTED_OR_PATCHED = 1 | 1 << 5 | 1 << 6 | 1 << 13;
  private static final long MOST_THAT_DEFLATE_CAN = 1040;
  private static final long SUSPICIOUS_RATIO = 200;
  private static final long SUSPICIOUS_SIZE = 128L << 20;

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
              .formatted(file, flaw.reason()),
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
      requireSameReading(zip, checked(channel));
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
      checked(channel);
    } catch (Unread unread) {
      throw notRead(file, unread);
    } catch (Flaw damage) {
      // what Java says of it is told
    }
  }

  /**
   * The entries by name.
   *
   * @throws Flaw if they could be read in more than one way
   */
  private static Map<String, Header> checked(FileChannel channel) throws IOException {
    ZipRecords records = new ZipRecords(channel);
    List<Header> entries = records.listed();
    Map<String, Header> byName = new LinkedHashMap<>();
    long unpacked = 0;
    for (Header entry : entries) {
      requireHonest(entry, records.fileSize());
      unpacked += entry.size();
      if (unpacked > 2 * SUSPICIOUS_SIZE + SUSPICIOUS_RATIO * records.fileSize()) {
        throw new Unread(
            "its entries claim to unfold to %s bytes or more from %s, as harmful archives do"
                .formatted(unpacked, records.fileSize()),
            "If it is honest, save it uncompressed (numpy.savez)");
      }
      if (byName.put(entry.text(), entry) != null) {
        throw new Flaw("it holds '%s' twice".formatted(entry.text()));
      }
    }
    records.requireSeamless(entries);
    return byName;
  }

  private static void requireHonest(Header entry, long fileSize) {
    String name = entry.text();
    if (entry.size() < 0 || entry.packed() < 0 || entry.packed() > fileSize) {
      throw new Flaw(
          "'%s' claims %s bytes, unpacked %s".formatted(name, entry.packed(), entry.size()));
    }
    if (name.indexOf(0) >= 0) {
      throw new Flaw("the name of an entry holds a zero byte");
    }
    if ((entry.flags() & ENCRYPTED_OR_PATCHED) != 0) {
      throw new Unread("'%s' is encrypted".formatted(name), "Save it without encryption");
    }
    if (entry.method() != ZipEntry.STORED && entry.method() != ZipEntry.DEFLATED) {
      throw new Unread(
          "'%s' is packed by %s".formatted(name, methodName(entry.method())),
          "Save it uncompressed, or packed as NumPy's savez_compressed does");
    }
    if (entry.method() == ZipEntry.STORED && entry.size() != entry.packed()) {
      throw new Flaw(
          "'%s' is not packed but has two sizes, %s and %s"
              .formatted(name, entry.packed(), entry.size()));
    }
    if (entry.size() / MOST_THAT_DEFLATE_CAN > entry.packed()
        || entry.size() > SUSPICIOUS_SIZE && entry.size() / SUSPICIOUS_RATIO > entry.packed()) {
      throw new Unread(
          "'%s' claims to unfold from %s to %s bytes, as harmful archives and arrays of one number do"
              .formatted(name, entry.packed(), entry.size()),
          "If it is honest, save it uncompressed (numpy.savez) or without that array");
    }
    if (!isUtf8(entry.name())) {
      throw new Unread(
          "the name '%s' is not UTF-8, as tools other than NumPy write names".formatted(name),
          "Save it with NumPy, or give the entries plain names");
    }
  }

  private static String methodName(int method) {
    return switch (method) {
      case 9 -> "Deflate64 (9)";
      case 12 -> "bzip2 (12)";
      case 14 -> "LZMA (14)";
      case 93 -> "Zstandard (93)";
      case 95 -> "xz (95)";
      case 99 -> "a method that is encrypted (99)";
      default -> "method " + method;
    };
  }

  private static boolean isUtf8(byte[] name) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name));
      return true;
    } catch (CharacterCodingException foreign) {
      return false;
    }
  }

  /** Java's reader of archives, which reads the content, must have understood the same. */
  private static void requireSameReading(ZipFile zip, Map<String, Header> checked) {
    List<? extends ZipEntry> read = entries(zip);
    boolean same = read.size() == checked.size();
    for (ZipEntry entry : read) {
      Header header = checked.get(entry.getName());
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
}
