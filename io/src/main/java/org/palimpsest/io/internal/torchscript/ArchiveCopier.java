package org.palimpsest.io.internal.torchscript;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipOutputStream;
import org.palimpsest.internal.file.ZipContents;

/** Copies an archive with other code; sizes and checksums of all else are checked on the way. */
final class ArchiveCopier {

  private static final int BUFFER = 1 << 20;

  private ArchiveCopier() {}

  /**
   * Copies what lies in the archive's own folder: nothing that was not looked at comes along.
   *
   * @param source the archive
   * @param content what was read of it
   * @param code all files of the copy's code, by name; nothing else is copied of the code's folder
   * @param target the file to write
   */
  static void copy(
      ZipContents source, ArchiveContent content, Map<String, String> code, Path target)
      throws IOException {
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(target), BUFFER);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      for (ZipEntry entry : source.entries()) {
        String name = entry.getName();
        if (!entry.isDirectory()
            && name.startsWith(content.folder())
            && !name.startsWith(content.codeFolder())) {
          copyEntry(source, entry, zip);
        }
      }
      for (Map.Entry<String, String> text : code.entrySet()) {
        write(text.getKey(), text.getValue().getBytes(StandardCharsets.UTF_8), zip);
      }
    }
  }

  private static void copyEntry(ZipContents source, ZipEntry entry, ZipOutputStream zip)
      throws IOException {
    zip.putNextEntry(stored(entry.getName(), entry.getSize(), entry.getCrc()));
    try (InputStream content = source.read(entry)) {
      content.transferTo(zip);
      zip.closeEntry();
    } catch (ZipException | EOFException failure) {
      throw source.damaged(entry, String.valueOf(failure.getMessage()));
    }
  }

  private static void write(String name, byte[] content, ZipOutputStream zip) throws IOException {
    CRC32 sum = new CRC32();
    sum.update(content);
    zip.putNextEntry(stored(name, content.length, sum.getValue()));
    zip.write(content);
    zip.closeEntry();
  }

  private static ZipEntry stored(String name, long size, long crc) {
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(size);
    entry.setCompressedSize(size);
    entry.setCrc(crc);
    return entry;
  }
}
