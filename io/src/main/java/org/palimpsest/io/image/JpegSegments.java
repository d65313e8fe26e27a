package org.palimpsest.io.image;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;

/**
 * The segments of a JPEG file that its pixels need, and one that says what its channels are.
 *
 * <p>The JDK's reader turns the numbers of images with a colour profile into other ones, and takes
 * channels without a mark for other ones than libjpeg does. So it is given no profile, and a mark
 * that says what libjpeg would decide.
 */
final class JpegSegments {

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
  private final byte[] bytes;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private byte[] frame = {};
  private byte[] adobe = {};
  private boolean jfif;

  private JpegSegments(Path file) throws IOException {
    this.file = file;
    this.bytes = Files.readAllBytes(file);
  }

  /**
   * The file with these alone.
   *
   * @throws PalimpsestException if the image is to be turned, or neither grey nor of three colours
   */
  static byte[] needed(Path file) throws IOException {
    if (InputFiles.size(file) > MOST_BYTES) {
      throw new PalimpsestException(
          "%s has %d bytes, of which JPEG images may have %d. Save it as TIFF."
              .formatted(file, InputFiles.size(file), MOST_BYTES));
    }
    return new JpegSegments(file).needed();
  }

  private byte[] needed() throws IOException {
    ByteArrayInputStream rest = new ByteArrayInputStream(bytes);
    try (DataInputStream in = new DataInputStream(rest)) {
      requireMark(in.readUnsignedByte() == 0xff && in.readUnsignedByte() == START);
      for (int marker = 0; marker != SCAN && marker != END; ) {
        marker = marker(in);
        take(marker, in);
      }
      ByteArrayOutputStream needed = new ByteArrayOutputStream();
      needed.write(new byte[] {(byte) 0xff, (byte) START});
      needed.write(colours());
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

  private byte[] colours() {
    int channels = frame.length > 5 ? frame[5] : 0;
    if (channels != 1 && channels != 3 || frame.length < 6 + 3 * channels) {
      throw new PalimpsestException(
          "%s is a JPEG image of %d channels (such as CMYK); grey ones and those of three colours are read. Save it as one of these."
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
