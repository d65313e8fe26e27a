package org.palimpsest.io.internal.image;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;

/**
 * The chunks of a PNG file that hold its pixels, with their checksums held against them, which the
 * JDK's reader does not do. It unfolds compressed texts and profiles of any size, so that it is
 * given none.
 */
public final class PngChunks implements CheckedImage {

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
  private static final int HEADER_BYTES = 13;
  private static final int DEPTH = 8;
  private static final int TYPE = 9;
  private static final int INTERLACE = 12;
  private static final int OF_PALETTE = 3;
  private static final int BYTES_OF_A_COLOUR = 3;

  /** First column and row, and steps between columns and rows, of the passes of Adam7. */
  private static final int[][] PASSES = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  private final Path file;
  private final ByteArrayOutputStream needed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream pixels = new ByteArrayOutputStream();
  private ByteBuffer header = ByteBuffer.allocate(0);
  private int colours;
  private int previous;
  private boolean begun;
  private boolean animated;
  private boolean framed;

  private PngChunks(Path file) {
    this.file = file;
  }

  /**
   * Reads the file up to its last chunk.
   *
   * @throws PalimpsestException if a checksum is wrong, there are several images, or one that is to
   *     be turned, or chunks that are not known or not in their order
   * @throws IOException if the file ends before its last chunk
   */
  static PngChunks read(Path file) throws IOException {
    if (InputFiles.size(file) > MOST_BYTES) {
      throw new PalimpsestException(
          "%s has %s bytes, of which PNG images may have %s. Save it as TIFF."
              .formatted(file, InputFiles.size(file), MOST_BYTES));
    }
    PngChunks chunks = new PngChunks(file);
    chunks.read();
    return chunks;
  }

  /** The file without the chunks that are not needed. */
  @Override
  public byte[] needed() {
    return needed.toByteArray();
  }

  @Override
  public OptionalInt colours() {
    return header.get(TYPE) == OF_PALETTE ? OptionalInt.of(colours) : OptionalInt.empty();
  }

  private void read() throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      needed.write(in.readNBytes(SIGNATURE));
      while (copyChunk(in, new DataOutputStream(needed)) != LAST) {
        continue;
      }
    }
  }

  private int copyChunk(DataInputStream in, DataOutputStream out) throws IOException {
    long length = in.readInt() & 0xffffffffL;
    if (length > InputFiles.size(file)) {
      throw new PalimpsestException(
          "%s is truncated or damaged: a chunk claims %s bytes.".formatted(file, length));
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
    byte[] content = Arrays.copyOfRange(chunk, Integer.BYTES, chunk.length);
    require(type, content);
    keep(type, content);
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
          String.format(
              Locale.ROOT,
              "%s has a chunk of a kind that is not known (%08x) and needed to show it: it is damaged, or of another format.",
              file,
              type));
    }
    Orientation.requireUprightPng(type, content, file);
  }

  /** Readers differ in what they make of parts that are there twice, or in another order. */
  private void keep(int type, byte[] content) throws IOException {
    boolean first = previous == 0;
    boolean inOrder =
        switch (type) {
          case HEADER -> first && content.length == HEADER_BYTES;
          case PALETTE -> colours == 0 && !begun && isWholePalette(content);
          case PIXELS -> !first && (!begun || previous == PIXELS);
          default -> !first;
        };
    if (!inOrder) {
      throw new PalimpsestException(
          "%s is damaged: its header, palette and pixels (IHDR, PLTE, IDAT) are not once each, whole and in this order. Write it again."
              .formatted(file));
    }
    if (type == HEADER) {
      header = ByteBuffer.wrap(content);
    } else if (type == PALETTE) {
      colours = content.length / BYTES_OF_A_COLOUR;
    } else if (type == PIXELS) {
      pixels.write(content);
      begun = true;
    }
    previous = type;
  }

  private static boolean isWholePalette(byte[] content) {
    return content.length > 0 && content.length % BYTES_OF_A_COLOUR == 0;
  }

  /**
   * The pixels are to unfold to as many bytes as the header tells, and to those of the checksum.
   */
  @Override
  public void requireWholePixels() {
    long wanted = wanted();
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(pixels.toByteArray());
      byte[] buffer = new byte[1 << 16];
      long found = 0;
      for (int n = 1; n > 0 && found <= wanted; ) {
        n = inflater.inflate(buffer);
        found += n;
      }
      if (found < wanted || !inflater.finished() && found == wanted) {
        throw new PalimpsestException(
            "%s is truncated or damaged: its pixels unfold to %s of %s bytes%s. Copy or write it again."
                .formatted(file, found, wanted, found < wanted ? "" : ", without an end"));
      }
    } catch (DataFormatException failure) {
      throw new PalimpsestException(
          "%s is damaged: its pixels cannot be unfolded (%s). Copy or write it again."
              .formatted(file, failure.getMessage()),
          failure);
    } finally {
      inflater.end();
    }
  }

  /** The bytes of all rows, each with the one that tells its filter. */
  private long wanted() {
    int width = header.getInt(0);
    int height = header.getInt(Integer.BYTES);
    if (header.get(INTERLACE) == 0) {
      return rows(width, height);
    }
    long sum = 0;
    for (int[] pass : PASSES) {
      int columns = ceiling(width - pass[0], pass[2]);
      sum += rows(columns, ceiling(height - pass[1], pass[3]));
    }
    return sum;
  }

  private static int ceiling(int number, int step) {
    return Math.floorDiv(number + step - 1, step);
  }

  private long rows(int width, int height) {
    int depth = header.get(DEPTH);
    int samples =
        switch (header.get(TYPE)) {
          case 2 -> 3;
          case 4 -> 2;
          case 6 -> 4;
          default -> 1;
        };
    long bits = (long) Math.max(0, width) * depth * samples;
    return width < 1 || height < 1 ? 0 : height * (1 + (bits + Byte.SIZE - 1) / Byte.SIZE);
  }
}
