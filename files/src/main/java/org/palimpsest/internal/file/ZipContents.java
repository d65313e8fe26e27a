package org.palimpsest.internal.file;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.palimpsest.core.PalimpsestException;

/**
 * A zip archive whose table of contents was found to be sound (see {@link ZipDirectory}).
 *
 * <p>Nothing is unpacked to a file named in the archive. Sizes are held against what is really
 * there while it is read.
 */
public final class ZipContents implements AutoCloseable {

  private final Path file;
  private final ZipFile zip;
  private final List<ZipEntry> entries;

  private ZipContents(Path file, ZipFile zip) {
    this.file = file;
    this.zip = zip;
    this.entries = checkedNames();
  }

  /**
   * Opens an archive and checks its table of contents.
   *
   * @throws PalimpsestException if it is damaged, or its names or sizes cannot be right
   */
  @SuppressWarnings("MustBeClosedChecker")
  public static ZipContents open(Path file) throws IOException {
    ZipFile zip = ZipDirectory.open(file);
    try {
      return new ZipContents(file, zip);
    } catch (RuntimeException failure) {
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
          "%s: its entry %s says that it has %s bytes; at most %s are read."
              .formatted(file, entry.getName(), entry.getSize(), most));
    }
    byte[] bytes;
    try (InputStream in = read(entry)) {
      bytes = in.readNBytes(Math.toIntExact(entry.getSize() + 1));
    } catch (ZipException | EOFException failure) {
      throw damaged(entry, failure);
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

  /** The same of what the library for ZIP archives told. */
  public PalimpsestException damaged(ZipEntry entry, IOException told) {
    if (told instanceof EOFException) {
      return damaged(entry, "its packed bytes end too early");
    }
    boolean sums = String.valueOf(told.getMessage()).startsWith("invalid entry");
    return damaged(
        entry, sums ? "its size or checksum is wrong" : "its packed bytes cannot be unpacked");
  }

  private List<ZipEntry> checkedNames() {
    List<ZipEntry> found = new ArrayList<>(Collections.list(zip.entries()));
    for (ZipEntry entry : found) {
      String name = entry.getName();
      if (name.startsWith("/")
          || name.indexOf('\\') >= 0
          || List.of(name.split("/")).contains("..")) {
        throw new PalimpsestException(
            "%s is refused: its entry '%s' points out of the archive.".formatted(file, name));
      }
    }
    return Collections.unmodifiableList(found);
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
