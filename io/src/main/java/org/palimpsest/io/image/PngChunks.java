package org.palimpsest.io.image;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
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

  private static final int HEADER = 0x49484452; // IHDR
  private static final int PALETTE = 0x504c5445; // PLTE
  private static final int PIXELS = 0x49444154; // IDAT
  private static final int FRAME = 0x6663544c; // fcTL
  private static final Set<Integer> KNOWN = Set.of(HEADER, PALETTE, PIXELS, LAST);

  private final Path file;
  private final ByteArrayOutputStream needed = new ByteArrayOutputStream();
  private boolean animated;
  private boolean framed;

  private PngChunks(Path file) {
    this.file = file;
  }

  /**
   * The file up to its last chunk, without those that are not needed.
   *
   * @throws PalimpsestException if a checksum is wrong, there are several images, or one that is to
   *     be turned, or chunks that are not known
   * @throws IOException if the file ends before its last chunk
   */
  static byte[] needed(Path file) throws IOException {
    if (InputFiles.size(file) > MOST_BYTES) {
      throw new PalimpsestException(
          "%s has %d bytes, of which PNG images may have %d. Save it as TIFF."
              .formatted(file, InputFiles.size(file), MOST_BYTES));
    }
    return new PngChunks(file).needed();
  }

  private byte[] needed() throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      needed.write(in.readNBytes(SIGNATURE));
      while (copyChunk(in, new DataOutputStream(needed)) != LAST) {
        continue;
      }
    }
    return needed.toByteArray();
  }

  private int copyChunk(DataInputStream in, DataOutputStream out) throws IOException {
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
    int type = ByteBuffer.wrap(chunk).getInt();
    require(type, Arrays.copyOfRange(chunk, Integer.BYTES, chunk.length));
    if ((type & NOT_NEEDED) == 0) {
      out.writeInt((int) length);
      out.write(chunk);
      out.writeInt(stated);
    }
    return type;
  }

  private void require(int type, byte[] content) throws IOException {
    boolean several =
        type == ANIMATION && content.length >= 4 && ByteBuffer.wrap(content).getInt() != 1;
    animated |= type == ANIMATION;
    framed |= type == FRAME;
    if (several || type == PIXELS && animated && !framed) { // the image is beside the animation
      throw new PalimpsestException(
          file + " is an animation, of which it is not known which image is meant.");
    }
    if ((type & NOT_NEEDED) == 0 && !KNOWN.contains(type)) {
      throw new PalimpsestException(
          "%s has a chunk of a kind that is not known (%08x) and needed to show it: it is damaged, or of another format."
              .formatted(file, type));
    }
    Orientation.requireUprightPng(type, content, file);
  }
}
