package org.palimpsest.io.internal.image;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;

/**
 * The first directory of a TIFF file, or of what a camera wrote into another file, read before
 * anybody decodes the image: settings that the JDK's reader does not know are refused by name.
 *
 * @param isBig whether it is a BigTIFF, of which nothing else is read
 * @param tags the first number of each tag that holds small numbers
 */
public record TiffHeader(boolean isBig, Map<Integer, Long> tags) {

  private static final int BIG = 43;
  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int BITS = 258;
  private static final int COMPRESSION = 259;
  private static final int PHOTOMETRIC = 262;
  private static final int ORIENTATION = 274;
  private static final int PREDICTOR = 317;
  private static final long HORIZONTAL = 2;
  private static final Set<Long> COMPRESSIONS =
      Set.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 32773L, 32946L);
  private static final Set<Long> PREDICTED = Set.of(5L, 8L, 32946L);
  private static final Map<Long, String> OTHER_COMPRESSIONS =
      Map.of(
          34712L, "JPEG 2000", 34925L, "LZMA", 50000L, "Zstandard", 50001L, "WebP", 34887L, "LERC");

  /** That of a TIFF file. */
  static TiffHeader ofTiff(Path file) throws IOException {
    try (InputStream bytes = Files.newInputStream(file);
        ImageInputStream in = new MemoryCacheImageInputStream(bytes)) {
      return of(in);
    }
  }

  /** That of what a camera wrote into an image of another format. */
  static TiffHeader ofExif(byte[] exif) throws IOException {
    return of(new MemoryCacheImageInputStream(new ByteArrayInputStream(exif)));
  }

  private static TiffHeader of(ImageInputStream in) throws IOException {
    Map<Integer, Long> tags = new HashMap<>();
    try {
      int order = in.readUnsignedShort();
      in.setByteOrder(order == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
      if (in.readUnsignedShort() == BIG) {
        return new TiffHeader(true, tags);
      }
      in.seek(in.readUnsignedInt());
      int entries = in.readUnsignedShort();
      for (int i = 0; i < entries; i++) {
        int tag = in.readUnsignedShort();
        int type = in.readUnsignedShort();
        long count = in.readUnsignedInt();
        long next = in.getStreamPosition() + Integer.BYTES;
        if (type == SHORT && count > 2) {
          in.seek(in.readUnsignedInt());
        }
        if (type == SHORT && count > 0 || type == LONG && count == 1) {
          tags.put(tag, type == SHORT ? in.readUnsignedShort() : in.readUnsignedInt());
        }
        in.seek(next);
      }
    } catch (EOFException | IndexOutOfBoundsException toldByTheDecoder) {
      return new TiffHeader(false, tags);
    }
    return new TiffHeader(false, tags);
  }

  /** Whether a file is a TIFF whose zero stands for white, so that the decoder turns it over. */
  public static boolean whiteIsZero(Path file) {
    try {
      return FileKind.of(file) == FileKind.TIFF
          && ofTiff(file).tags.getOrDefault(PHOTOMETRIC, 1L) == 0;
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  /**
   * @throws PalimpsestException if the file is of a form that the decoder does not know
   */
  void requireReadable(Path file) {
    if (isBig) {
      throw refused(file, "is a BigTIFF, which is not read. Save it as an ordinary TIFF");
    }
    long compression = tags.getOrDefault(COMPRESSION, 1L);
    if (!COMPRESSIONS.contains(compression)) {
      throw refused(
          file,
          "is compressed by %s, which is not read. Save it with deflate, LZW or no compression"
              .formatted(
                  OTHER_COMPRESSIONS.getOrDefault(compression, "the method " + compression)));
    }
    long predictor = tags.getOrDefault(PREDICTOR, 1L);
    long bits = tags.getOrDefault(BITS, 1L);
    boolean known = predictor == 1 || predictor == HORIZONTAL && bits == Byte.SIZE;
    if (PREDICTED.contains(compression) && !known) {
      throw refused(
          file,
          "is compressed by differences (Predictor %s) of %s bits, which are not read. Save it without a predictor"
              .formatted(predictor, bits));
    }
    Orientation.requireUpright(orientation(), file);
  }

  /** How the image is to be turned or mirrored; 1 if it is not, or nothing is said. */
  long orientation() {
    return tags.getOrDefault(ORIENTATION, Orientation.UPRIGHT);
  }

  private static PalimpsestException refused(Path file, String why) {
    return new PalimpsestException(file + " " + why + ", or save the probes as .npy.");
  }
}
