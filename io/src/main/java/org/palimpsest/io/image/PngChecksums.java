package org.palimpsest.io.image;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.palimpsest.core.PalimpsestException;

/** Checks the checksums of a PNG file's chunks, which the JDK's reader does not look at. */
final class PngChecksums {

  private static final int SIGNATURE = 8;
  private static final int TYPE = 4;
  private static final int BLOCK = 1 << 14;
  private static final int LAST = 0x49454e44; // IEND

  private PngChecksums() {}

  /**
   * Reads the file up to its last chunk.
   *
   * @throws PalimpsestException if a checksum is wrong
   * @throws IOException if the file ends before its last chunk
   */
  static void require(Path file) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      in.skipNBytes(SIGNATURE);
      while (requireChunk(in, file) != LAST) {
        continue;
      }
    }
  }

  private static int requireChunk(DataInputStream in, Path file) throws IOException {
    long left = TYPE + (in.readInt() & 0xffffffffL);
    CRC32 crc = new CRC32();
    int type = 0;
    byte[] block = new byte[BLOCK];
    for (boolean first = true; left > 0; first = false) {
      int size = (int) Math.min(left, first ? TYPE : BLOCK);
      in.readFully(block, 0, size);
      crc.update(block, 0, size);
      if (first) {
        type = block[0] << 24 | (block[1] & 0xff) << 16 | (block[2] & 0xff) << 8 | block[3] & 0xff;
      }
      left -= size;
    }
    if ((in.readInt() & 0xffffffffL) != crc.getValue()) {
      throw new PalimpsestException(
          file + " is damaged: a checksum differs. Copy or write it again.");
    }
    return type;
  }
}
