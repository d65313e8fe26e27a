package org.palimpsest.io.internal.image;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;

/** A file whose parts were looked at before the JDK's reader is given those that it needs. */
public interface CheckedImage {

  byte[] needed();

  /** How many colours its palette has, if its pixels are places in a palette. */
  OptionalInt colours();

  /**
   * Makes sure that no pixel is missing.
   *
   * @throws org.palimpsest.core.PalimpsestException if one is
   */
  void requireWholePixels();

  /**
   * A GIF file whose palette is filled up to 256 colours: of a smaller one the JDK's reader keeps
   * so many bits of each pixel as its colours need, and drops those of pixels beyond it.
   */
  static final class GifColours implements CheckedImage {

    private static final int SCREEN = 13;
    private static final int DESCRIPTOR = 9;
    private static final int EXTENSION = 0x21;
    private static final int IMAGE = 0x2c;
    private static final int HAS_PALETTE = 0x80;
    private static final int SIZE = 0x07;
    private static final int CHANNELS = 3;
    private static final int MOST_COLOURS = 256;
    private static final long MOST_BYTES = 1L << 30;

    private final DataInputStream in;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int colours;

    private GifColours(byte[] file) {
      this.in = new DataInputStream(new ByteArrayInputStream(file));
    }

    /**
     * @throws IOException if the file ends before its first image
     */
    static GifColours read(Path file) throws IOException {
      if (InputFiles.size(file) > MOST_BYTES) {
        throw new PalimpsestException(
            "%s has %s bytes, of which GIF images may have %s. Save it as TIFF."
                .formatted(file, InputFiles.size(file), MOST_BYTES));
      }
      GifColours image = new GifColours(Files.readAllBytes(file));
      image.copy();
      return image;
    }

    private void copy() throws IOException {
      copyWithPalette(bytes(SCREEN), SCREEN - 3);
      int block = in.readUnsignedByte();
      for (; block == EXTENSION; block = in.readUnsignedByte()) {
        out.write(block);
        out.write(in.readUnsignedByte());
        copyParts();
      }
      out.write(block);
      if (block == IMAGE) {
        copyWithPalette(bytes(DESCRIPTOR), DESCRIPTOR - 1);
      }
      out.writeBytes(in.readAllBytes());
    }

    private void copyParts() throws IOException {
      int length = in.readUnsignedByte();
      for (; length > 0; length = in.readUnsignedByte()) {
        out.write(length);
        out.writeBytes(bytes(length));
      }
      out.write(0);
    }

    private void copyWithPalette(byte[] head, int flags) throws IOException {
      boolean present = (head[flags] & HAS_PALETTE) != 0;
      int size = 2 << (head[flags] & SIZE);
      head[flags] |= (byte) (present ? SIZE : 0);
      out.writeBytes(head);
      if (present) {
        colours = size;
        out.writeBytes(Arrays.copyOf(bytes(CHANNELS * size), CHANNELS * MOST_COLOURS));
      }
    }

    private byte[] bytes(int count) throws IOException {
      byte[] bytes = new byte[count];
      in.readFully(bytes);
      return bytes;
    }

    @Override
    public byte[] needed() {
      return out.toByteArray();
    }

    @Override
    public OptionalInt colours() {
      return OptionalInt.of(colours);
    }

    /** What pixels are missing the JDK's reader tells. */
    @Override
    public void requireWholePixels() {}
  }

  /**
   * The segments of a JPEG file that its pixels need, and one that says what its channels are.
   *
   * <p>The JDK's reader turns the numbers of images with a colour profile into other ones, and
   * takes channels without a mark for other ones than libjpeg does. So it is given no profile, and
   * a mark that says what libjpeg would decide.
   */
  static final class JpegSegments implements CheckedImage {

    private static final long MOST_BYTES = 1L << 30;
    private static final int START = 0xd8;
    private static final int END = 0xd9;
    private static final int SCAN = 0xda;
    private static final int APPLICATION_0 = 0xe0;
    private static final int APPLICATION_1 = 0xe1;
    private static final int APPLICATION_14 = 0xee;
    private static final int APPLICATION_15 = 0xef;
    private static final int COMMENT = 0xfe;
    private static final int ADOBE_TRANSFORM = 11;

    private static final byte[] JFIF = {
      (byte) 0xff, (byte) APPLICATION_0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };
    private static final byte[] ADOBE_OF_RGB = {
      (byte) 0xff, (byte) APPLICATION_14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0
    };

    private final Path file;
    private final byte[] needed;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private byte[] frame = {};
    private byte[] adobe = {};
    private boolean jfif;

    private JpegSegments(Path file) throws IOException {
      this.file = file;
      this.needed = neededOf(Files.readAllBytes(file));
    }

    @Override
    public byte[] needed() {
      return needed;
    }

    @Override
    public OptionalInt colours() {
      return OptionalInt.empty();
    }

    /** The JDK's reader warns of those that are missing. */
    @Override
    public void requireWholePixels() {}

    /**
     * The file with these alone.
     *
     * @throws PalimpsestException if the image is to be turned, or neither grey nor of three
     *     colours
     */
    static JpegSegments read(Path file) throws IOException {
      if (InputFiles.size(file) > MOST_BYTES) {
        throw new PalimpsestException(
            "%s has %s bytes, of which JPEG images may have %s. Save it as TIFF."
                .formatted(file, InputFiles.size(file), MOST_BYTES));
      }
      return new JpegSegments(file);
    }

    private byte[] neededOf(byte[] bytes) throws IOException {
      ByteArrayInputStream rest = new ByteArrayInputStream(bytes);
      try (DataInputStream in = new DataInputStream(rest)) {
        requireMark(in.readUnsignedByte() == 0xff && in.readUnsignedByte() == START);
        for (int marker = 0; marker != SCAN && marker != END; ) {
          marker = marker(in);
          take(marker, in);
        }
        ByteArrayOutputStream needed = new ByteArrayOutputStream();
        needed.write(new byte[] {(byte) 0xff, (byte) START});
        needed.write(channelMark());
        kept.writeTo(needed);
        needed.write(rest.readAllBytes());
        return needed.toByteArray();
      } catch (EOFException early) {
        throw new PalimpsestException(
            file + " is a truncated JPEG image. Copy or write it again.", early);
      }
    }

    private int marker(DataInputStream in) throws IOException {
      requireMark(in.readUnsignedByte() == 0xff);
      int marker = in.readUnsignedByte();
      while (marker == 0xff) { // which may stand there any number of times
        marker = in.readUnsignedByte();
      }
      return marker;
    }

    private void requireMark(boolean mark) {
      if (!mark) {
        throw new PalimpsestException(
            file + " is a damaged JPEG image: no segment begins where one should. Write it again.");
      }
    }

    private void take(int marker, DataInputStream in) throws IOException {
      boolean alone = marker == END || marker == 1 || marker >= 0xd0 && marker <= START;
      if (alone) {
        return;
      }
      int length = in.readUnsignedShort();
      requireMark(length >= Short.BYTES);
      byte[] segment = new byte[length - Short.BYTES];
      in.readFully(segment);
      if (marker == APPLICATION_1) {
        Orientation.requireUprightProfile(segment, file);
      } else if (marker == APPLICATION_0) {
        jfif |= begins("JFIF\0", segment);
      } else if (marker == APPLICATION_14 && begins("Adobe", segment)) {
        adobe = segment;
      } else if (marker >= 0xc0 && marker <= 0xcf && marker % 4 != 0 || marker == 0xc0) {
        frame = segment;
      }
      if (marker != COMMENT && (marker < APPLICATION_0 || marker > APPLICATION_15)) {
        kept.write(new byte[] {(byte) 0xff, (byte) marker, (byte) (length >> 8), (byte) length});
        kept.write(segment);
      }
    }

    private static boolean begins(String text, byte[] segment) {
      byte[] key = text.getBytes(StandardCharsets.US_ASCII);
      return segment.length >= key.length
          && Arrays.equals(segment, 0, key.length, key, 0, key.length);
    }

    private byte[] channelMark() {
      int channels = frame.length > 5 ? frame[5] : 0;
      if (channels != 1 && channels != 3 || frame.length < 6 + 3 * channels) {
        throw new PalimpsestException(
            "%s is a JPEG image of %s channels (such as CMYK); grey ones and those of three colours are read. Save it as one of these."
                .formatted(file, channels));
      }
      return channels == 3 && isRgb() ? ADOBE_OF_RGB : JFIF;
    }

    /** As libjpeg decides it. */
    private boolean isRgb() {
      if (jfif) {
        return false;
      }
      return adobe.length > ADOBE_TRANSFORM
          ? adobe[ADOBE_TRANSFORM] == 0
          : frame[6] == 'R' && frame[9] == 'G' && frame[12] == 'B';
    }
  }

  /**
   * A BMP image of one form: without compression, of 8 bits with a palette, or of colours of 24 or
   * 32 bits, the last eight of which mean nothing. All of its pixels are there.
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
            "%s has %s bytes, of which BMP images may have %s. Save it as TIFF."
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
            "%s is a BMP image of %s bits a pixel, in a form that is not read: without compression, those of 8, 24 and 32 bits are. Save it as PNG."
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
        Raster pixels = new Raster((int) begin, (int) row, header.getInt(WIDTH), (int) rows);
        requireColours(content, pixels, colours, file);
      }
      return new BmpHeader(content);
    }

    /**
     * Where the pixels of one byte lie in the file.
     *
     * @param row bytes from one row to the next, of which the first {@code width} are pixels
     */
    private record Raster(int begin, int row, int width, int rows) {}

    /** For colours that the palette does not have, tools show different ones. */
    private static void requireColours(byte[] content, Raster pixels, int colours, Path file) {
      for (int i = 0; i < pixels.rows() * pixels.row(); i++) {
        int colour = content[pixels.begin() + i] & 0xff;
        if (colour >= colours && i % pixels.row() < pixels.width()) {
          throw new PalimpsestException(
              "%s has pixels of colour %s; its palette has %s colours, of which the first is 0. Save it as a grey or colour image."
                  .formatted(file, colour, colours));
        }
      }
    }

    private static int colours(ByteBuffer header, Path file) {
      int colours = header.getInt(COLOURS) == 0 ? 256 : header.getInt(COLOURS);
      if (colours < 3 || colours > 256) {
        throw new PalimpsestException(
            "%s is a BMP image of 8 bits with %s colours, which tools take for different ones. Save it as PNG."
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
}
