package org.palimpsest.io.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.palimpsest.core.PalimpsestException;

/**
 * A zip archive whose table of contents was found to be sound.
 *
 * <p>Nothing is unpacked to a file named in the archive. Sizes are held against the size of the
 * file before anything is read, and against what is really there while it is read.
 */
public final class ZipContents implements AutoCloseable {

  private static final int MOST_ENTRIES = 200_000;
  private static final long INFLATION_ALLOWED = 64L << 20;
  private static final long INFLATION_FACTOR = 100;

  private final Path file;
  private final ZipFile zip;
  private final List<ZipEntry> entries;

  private ZipContents(Path file, ZipFile zip) throws IOException {
    this.file = file;
    this.zip = zip;
    this.entries = Collections.unmodifiableList(checked(Files.size(file)));
  }

  /**
   * Opens an archive and checks its table of contents.
   *
   * @throws PalimpsestException if it is damaged, or its names or sizes cannot be right
   */
  @SuppressWarnings("MustBeClosedChecker")
  public static ZipContents open(Path file) throws IOException {
    ZipFile zip;
    try {
      zip = new ZipFile(file.toFile());
    } catch (ZipException | IllegalArgumentException damage) {
      throw new PalimpsestException(
          "%s is a truncated or damaged archive (%s). Copy it again from where it was made."
              .formatted(file, damage.getMessage()),
          damage);
    }
    try {
      return new ZipContents(file, zip);
    } catch (IOException | RuntimeException failure) {
      zip.close();
      throw failure;
    }
  }

  /** All entries, in the order of the table of contents. */
  public List<ZipEntry> entries() {
    return entries;
  }

  /** An entry's content, its checksum not checked. */
  public InputStream read(ZipEntry entry) throws IOException {
    InputStream content = zip.getInputStream(entry);
    if (content == null) {
      throw damaged(entry, "it has no content");
    }
    return content;
  }

  /**
   * A small entry's content, its checksum checked.
   *
   * @param most the number of bytes above which it is refused
   */
  public byte[] readWhole(ZipEntry entry, long most) throws IOException {
    if (entry.getSize() > most) {
      throw new PalimpsestException(
          "%s: its entry %s says that it has %d bytes; at most %d are read."
              .formatted(file, entry.getName(), entry.getSize(), most));
    }
    byte[] bytes;
    try (InputStream in = read(entry)) {
      bytes = in.readNBytes(Math.toIntExact(entry.getSize() + 1));
    } catch (ZipException | java.io.EOFException failure) {
      throw damaged(entry, String.valueOf(failure.getMessage()));
    }
    CRC32 sum = new CRC32();
    sum.update(bytes);
    if (bytes.length != entry.getSize() || sum.getValue() != entry.getCrc()) {
      throw damaged(entry, "its size or checksum is wrong");
    }
    return bytes;
  }

  /** What to throw when an entry turns out to be damaged. */
  public PalimpsestException damaged(ZipEntry entry, String why) {
    return new PalimpsestException(
        "%s is damaged: entry %s, %s. Copy it again from where it was made."
            .formatted(file, entry.getName(), why));
  }

  private List<ZipEntry> checked(long fileSize) {
    if (zip.size() > MOST_ENTRIES) {
      throw refused("it lists %d entries; at most %d are read".formatted(zip.size(), MOST_ENTRIES));
    }
    List<ZipEntry> found = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long packed = 0;
    long unpacked = 0;
    for (ZipEntry entry : Collections.list(zip.entries())) {
      checkName(entry, names);
      checkSizes(entry, fileSize);
      packed += entry.getCompressedSize();
      unpacked += entry.getSize();
      if (packed > fileSize || unpacked > INFLATION_ALLOWED + INFLATION_FACTOR * fileSize) {
        throw refused(
            "its entries say that they unpack to %d bytes or more, but the file has %d"
                .formatted(unpacked, fileSize));
      }
      found.add(entry);
    }
    return found;
  }

  private void checkName(ZipEntry entry, Set<String> names) {
    String name = entry.getName();
    if (name.startsWith("/")
        || name.indexOf('\\') >= 0
        || List.of(name.split("/")).contains("..")) {
      throw refused("its entry '" + name + "' points out of the archive");
    }
    if (!names.add(name)) {
      throw refused("its entry '" + name + "' is there twice");
    }
  }

  private void checkSizes(ZipEntry entry, long fileSize) {
    boolean lies =
        entry.getSize() < 0
            || entry.getCompressedSize() < 0
            || entry.getCompressedSize() > fileSize
            || (entry.getMethod() == ZipEntry.STORED
                && entry.getSize() != entry.getCompressedSize());
    if (lies) {
      throw refused("the sizes of its entry '" + entry.getName() + "' cannot be right");
    }
  }

  private PalimpsestException refused(String why) {
    return new PalimpsestException("%s is refused: %s.".formatted(file, why));
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
