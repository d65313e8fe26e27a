package org.palimpsest.io.image;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.file.InputFiles;

/**
 * The chunks of a PNG file that hold its pixels, with their checksums held against them, which the
 * JDK's reader does not do. It unfolds compressed texts and profiles of any size, so that it is
 * given none.
 */
final class PngChunks {

  private static final int SIGNATURE = 8;
  private static final int LAST = 0x49454e44; // IEND
  private static final int ANIMATION = 0x6163544c; // acTL
  private static final int NOT_NEEDED = 0x20000000; // the first letter is small
  private static final long MOST_BYTES = 1L << 30;

  private PngChunks() {}

  /**
   * The file up to its last chunk, without those that are not needed.
   *
   * @throws PalimpsestException if a checksum is wrong, or there are several images
   * @throws IOException if the file ends before its last chunk
   */
  static byte[] needed(Path file) throws IOException {
    if (InputFiles.size(file) > MOST_BYTES) {
      throw new PalimpsestException(
          "%s has %d bytes, of which PNG images may have %d. Save it as TIFF."
              .formatted(file, InputFiles.size(file), MOST_BYTES));
    }
    ByteArrayOutputStream needed = new ByteArrayOutputStream();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      needed.write(in.readNBytes(SIGNATURE));
      while (copyChunk(in, new DataOutputStream(needed), file) != LAST) {
        continue;
      }
    }
    return needed.toByteArray();
  }

  private static int copyChunk(DataInputStream in, DataOutputStream needed, Path file)
      throws IOException {
    long length = in.readInt() & 0xffffffffL;
    if (length > InputFiles.size(file)) {
      throw new PalimpsestException(
          "%s is truncated or damaged: a chunk claims %d bytes.".formatted(file, length));
    }
    byte[] chunk = new byte[Integer.BYTES + (int) length];
    in.readFully(chunk);
    CRC32 sum = new CRC32();
    sum.update(chunk);
    int stated = in.readInt();
    if (stated != (int) sum.getValue()) {
      throw new PalimpsestException(
          file + " is damaged: a checksum differs. Copy or write it again.");
    }
    ByteBuffer bytes = ByteBuffer.wrap(chunk);
    int type = bytes.getInt();
    if (type == ANIMATION && length >= Integer.BYTES && bytes.getInt() != 1) {
      throw new PalimpsestException(
          file + " is an animation, of which it is not known which image is meant.");
    }
    if ((type & NOT_NEEDED) == 0) {
      needed.writeInt((int) length);
      needed.write(chunk);
      needed.writeInt(stated);
    }
    return type;
  }
}
