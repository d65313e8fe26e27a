package org.palimpsest.io.internal.image;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;

/**
 * A BMP image of one form: without compression, of 8 bits with a palette, or of colours of 24 or 32
 * bits, the last eight of which mean nothing. All of its pixels are there.
 *
 * @param needed the whole file
 */
record BmpHeader(byte[] needed) implements CheckedImage {

  private static final long MOST_BYTES = 1L << 30;
  private static final int OF_THE_FILE = 14;
  private static final int OF_THE_IMAGE = 40;
  private static final int PIXELS_AT = 10;
  private static final int WIDTH = 18;
  private static final int HEIGHT = 22;
  private static final int BITS = 28;
  private static final int COMPRESSION = 30;
  private static final int COLOURS = 46;
  private static final int BYTES_OF_A_COLOUR = 4;

  static BmpHeader read(Path file) throws IOException {
    if (InputFiles.size(file) > MOST_BYTES) {
      throw new PalimpsestException(
          "%s has %d bytes, of which BMP images may have %d. Save it as TIFF."
              .formatted(file, InputFiles.size(file), MOST_BYTES));
    }
    byte[] content = Files.readAllBytes(file);
    if (content.length < OF_THE_FILE + OF_THE_IMAGE) {
      throw new EOFException();
    }
    ByteBuffer header = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    int bits = header.getShort(BITS);
    if (header.getInt(OF_THE_FILE) != OF_THE_IMAGE
        || header.getInt(COMPRESSION) != 0
        || bits != 8 && bits != 24 && bits != 32) {
      throw new PalimpsestException(
          "%s is a BMP image of %d bits a pixel, in a form that is not read: without compression, those of 8, 24 and 32 bits are. Save it as PNG."
              .formatted(file, bits));
    }
    int colours = bits == 8 ? colours(header, file) : 0;
    long begin = header.getInt(PIXELS_AT);
    long row = ((long) header.getInt(WIDTH) * bits + 31) / 32 * 4;
    long rows = Math.abs((long) header.getInt(HEIGHT));
    long least = OF_THE_FILE + OF_THE_IMAGE + (long) BYTES_OF_A_COLOUR * colours;
    if (header.getInt(WIDTH) < 1 || rows < 1 || begin < least) {
      throw new PalimpsestException(file + " is a damaged BMP image: its header makes no sense.");
    }
    if (rows > (content.length - begin) / row) {
      throw new EOFException();
    }
    if (bits == 8) {
      requireColours(
          content, (int) begin, (int) row, header.getInt(WIDTH), (int) rows, colours, file);
    }
    return new BmpHeader(content);
  }

  /** For colours that the palette does not have, tools show different ones. */
  private static void requireColours(
      byte[] content, int begin, int row, int width, int rows, int colours, Path file) {
    for (int i = 0; i < rows * row; i++) {
      int colour = content[begin + i] & 0xff;
      if (colour >= colours && i % row < width) {
        throw new PalimpsestException(
            "%s has pixels of colour %d; its palette has %d colours, of which the first is 0. Save it as a grey or colour image."
                .formatted(file, colour, colours));
      }
    }
  }

  private static int colours(ByteBuffer header, Path file) {
    int colours = header.getInt(COLOURS) == 0 ? 256 : header.getInt(COLOURS);
    if (colours < 3 || colours > 256) {
      throw new PalimpsestException(
          "%s is a BMP image of 8 bits with %d colours, which tools take for different ones. Save it as PNG."
              .formatted(file, colours));
    }
    return colours;
  }

  @Override
  public OptionalInt colours() {
    return OptionalInt.empty();
  }

  @Override
  public void requireWholePixels() {}
}
