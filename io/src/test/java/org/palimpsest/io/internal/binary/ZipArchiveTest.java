package org.palimpsest.io.internal.binary;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;

class ZipArchiveTest {

  private static final int DIRECTORY_ENTRY = 47;
  private static final int END = 22;

  @TempDir Path folder;

  /** An archive whose directory lists its one entry many times. */
  private Path archive(int listings, boolean sameName) throws IOException {
    byte[] content = new byte[1000];
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      ZipEntry entry = new ZipEntry("a");
      CRC32 crc = new CRC32();
      crc.update(content);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(content.length);
      entry.setCrc(crc.getValue());
      zip.putNextEntry(entry);
      zip.write(content);
    }
    byte[] whole = bytes.toByteArray();
    int directory = whole.length - END - DIRECTORY_ENTRY;
    ByteBuffer made = ByteBuffer.allocate(directory + listings * DIRECTORY_ENTRY + END);
    made.order(ByteOrder.LITTLE_ENDIAN).put(whole, 0, directory);
    for (int i = 0; i < listings; i++) {
      byte[] listing = Arrays.copyOfRange(whole, directory, directory + DIRECTORY_ENTRY);
      listing[DIRECTORY_ENTRY - 1] = (byte) (sameName ? 'a' : 'a' + i);
      made.put(listing);
    }
    int end = made.position();
    made.put(whole, whole.length - END, END);
    made.putShort(end + 8, (short) listings).putShort(end + 10, (short) listings);
    made.putInt(end + 12, listings * DIRECTORY_ENTRY);
    return Files.write(folder.resolve("made.zip"), made.array());
  }

  @Test
  void entriesThatOverlapAreRefused() throws IOException {
    Path file = archive(20, false);
    assertThatThrownBy(() -> ZipArchive.with(file, ZipArchive::names))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("overlap");
  }

  @Test
  void entriesThatAreListedTwiceAreRefused() throws IOException {
    Path file = archive(2, true);
    assertThatThrownBy(() -> ZipArchive.with(file, ZipArchive::names))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'a' twice");
  }
}
