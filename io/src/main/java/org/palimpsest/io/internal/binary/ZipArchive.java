package org.palimpsest.io.internal.binary;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.internal.file.ZipDirectory;

/**
 * A ZIP archive whose sizes and checksums are held to their word. Names of entries are names and
 * never paths.
 */
public final class ZipArchive implements AutoCloseable {

  /** Work on an open archive. */
  @FunctionalInterface
  public interface Work<T> {
    T on(ZipArchive archive) throws IOException;
  }

  private final Path file;
  private final ZipFile zip;
  private final Map<String, ZipEntry> entries = new LinkedHashMap<>();
  private boolean checksumsMayBeMissing;
  private boolean checksumsAreMissing;

  private ZipArchive(Path file, ZipFile zip) {
    this.file = file;
    this.zip = zip;
    for (ZipEntry entry : Collections.list(zip.entries())) {
      entries.put(entry.getName(), entry);
    }
  }

  /**
   * Opens an archive, works on it and closes it.
   *
   * @throws PalimpsestException if it is no archive, or damaged
   */
  public static <T> T with(Path file, Work<T> work) {
    InputFiles.require(file);
    try (ZipFile zip = ZipDirectory.open(file);
        ZipArchive archive = new ZipArchive(file, zip)) {
      return work.on(archive);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  /**
   * Works on an archive that was opened before; nothing is done twice that was found sound then.
   *
   * @param watched the file as it was then
   * @throws PalimpsestException if it changed since, or meanwhile
   */
  public static <T> T again(UnchangedFile watched, Work<T> work) {
    watched.require();
    try (ZipFile zip = ZipDirectory.openAgain(watched.file());
        ZipArchive archive = new ZipArchive(watched.file(), zip)) {
      T result = work.on(archive);
      watched.require();
      return result;
    } catch (IOException failure) {
      throw InputFiles.unreadable(watched.file(), failure);
    }
  }

  /** From now on a checksum of 0 counts as none, as PyTorch writes it when told to. */
  public void allowMissingChecksums() {
    checksumsMayBeMissing = true;
  }

  /** Whether something was read that has no checksum. */
  public boolean checksumsAreMissing() {
    return checksumsAreMissing;
  }

  /** The names of the entries, in the order of the archive's directory. */
  public List<String> names() {
    return List.copyOf(entries.keySet());
  }

  public boolean contains(String name) {
    return entries.containsKey(name);
  }

  /** The archive's comment, or empty; also where it is no UTF-8, as that of another tool may be. */
  public String comment() {
    try {
      return Objects.requireNonNullElse(zip.getComment(), "");
    } catch (IllegalArgumentException otherLetters) {
      return "";
    }
  }

  /** The unpacked size of an entry, as the archive claims it. */
  public long size(String name) {
    return entry(name).getSize();
  }

  public Path file() {
    return file;
  }

  /**
   * An entry's content. Call {@link Content#finish()} when all of it was read.
   *
   * @throws PalimpsestException if there is no such entry
   */
  public Content open(String name) throws IOException {
    ZipEntry entry = entry(name);
    return new Content(zip.getInputStream(entry), entry);
  }

  private ZipEntry entry(String name) {
    ZipEntry entry = entries.get(name);
    if (entry == null) {
      throw new PalimpsestException(file + " has no entry '" + name + "': it is damaged.");
    }
    return entry;
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }

  /** The bytes of one entry. */
  public final class Content extends FilterInputStream {

    private final CRC32 crc;
    private final ZipEntry entry;

    private Content(InputStream raw, ZipEntry entry) {
      this(raw, entry, new CRC32());
    }

    private Content(InputStream raw, ZipEntry entry, CRC32 crc) {
      super(new CheckedInputStream(raw, crc));
      this.crc = crc;
      this.entry = entry;
    }

    /**
     * Checks that everything was read and that its checksum is right.
     *
     * @throws PalimpsestException if not
     */
    public void finish() throws IOException {
      boolean differs = crc.getValue() != entry.getCrc();
      if (differs && checksumsMayBeMissing && entry.getCrc() == 0) {
        checksumsAreMissing = true;
        differs = false;
      }
      if (in.read() >= 0 || differs) {
        throw new PalimpsestException(
            "'%s' in %s is damaged: its size or checksum differs. Copy or write the file again."
                .formatted(entry.getName(), file));
      }
    }
  }
}
