package org.palimpsest.io.internal.image;

import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import javax.imageio.plugins.tiff.BaselineTIFFTagSet;
import javax.imageio.stream.ImageInputStream;
import org.palimpsest.internal.file.InputFiles;

/**
 * The strips or tiles of a TIFF image. The JDK's reader leaves pixels at 0 for which they hold
 * nothing; here that is an error.
 */
public final class TiffSegments {

  private static final int OLD_JPEG = 6;
  private static final int YCBCR = 6;
  private static final int SEPARATE = 2;
  private static final int REVERSED_BITS = 2;
  private static final Set<Long> FAX = Set.of(2L, 3L, 4L);
  private static final Set<Long> ZLIB = Set.of(8L, 32946L);

  private final TiffTags tags;
  private final ImageInputStream in;
  private final int compression;

  private TiffSegments(TiffTags tags, ImageInputStream in) {
    this.tags = tags;
    this.in = in;
    this.compression =
        (int) tags.one(BaselineTIFFTagSet.TAG_COMPRESSION, BaselineTIFFTagSet.COMPRESSION_NONE);
  }

  /**
   * @throws org.palimpsest.core.PalimpsestException if one is missing or too short
   */
  static void requireWhole(TiffTags tags, ImageInputStream in) throws IOException {
    long at = in.getStreamPosition();
    new TiffSegments(tags, in).requireAll();
    in.seek(at);
  }

  private void requireAll() throws IOException {
    boolean reversed = tags.one(BaselineTIFFTagSet.TAG_FILL_ORDER, 1) == REVERSED_BITS;
    boolean mayBeReversed =
        compression == BaselineTIFFTagSet.COMPRESSION_LZW || FAX.contains((long) compression);
    if (compression == OLD_JPEG || reversed && !mayBeReversed) {
      throw tags.refused(
          "has %s, which is not read. Save it anew."
              .formatted(reversed ? "bits in reverse order" : "the old form of JPEG compression"));
    }
    boolean tiled = tags.all(BaselineTIFFTagSet.TAG_TILE_WIDTH).length > 0;
    if (tiled) {
      requireTiles();
    } else {
      requireStrips();
    }
  }

  private void requireTiles() throws IOException {
    long width = tags.one(BaselineTIFFTagSet.TAG_TILE_WIDTH, 0);
    long height = tags.one(BaselineTIFFTagSet.TAG_TILE_LENGTH, 0);
    if (width < 1 || height < 1) {
      throw tags.refused("has tiles of %s x %s pixels.".formatted(width, height));
    }
    long across = divideUp(tags.one(BaselineTIFFTagSet.TAG_IMAGE_WIDTH, 0), width);
    long down = divideUp(tags.one(BaselineTIFFTagSet.TAG_IMAGE_LENGTH, 0), height);
    long[] offsets = tags.all(BaselineTIFFTagSet.TAG_TILE_OFFSETS);
    long[] counts = tags.all(BaselineTIFFTagSet.TAG_TILE_BYTE_COUNTS);
    long[] rows = new long[Math.toIntExact(across * down)];
    Arrays.fill(rows, height);
    require(offsets, counts, rows, width);
  }

  private void requireStrips() throws IOException {
    long height = tags.one(BaselineTIFFTagSet.TAG_IMAGE_LENGTH, 0);
    long each = tags.one(BaselineTIFFTagSet.TAG_ROWS_PER_STRIP, height);
    each = each < 1 ? height : Math.min(each, height);
    long[] rows = new long[Math.toIntExact(divideUp(height, each))];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Math.min(each, height - i * each);
    }
    require(
        tags.all(BaselineTIFFTagSet.TAG_STRIP_OFFSETS),
        tags.all(BaselineTIFFTagSet.TAG_STRIP_BYTE_COUNTS),
        rows,
        tags.one(BaselineTIFFTagSet.TAG_IMAGE_WIDTH, 0));
  }

  private void require(long[] offsets, long[] counts, long[] rows, long width) throws IOException {
    long samples = tags.one(BaselineTIFFTagSet.TAG_SAMPLES_PER_PIXEL, 1);
    boolean separate = tags.one(BaselineTIFFTagSet.TAG_PLANAR_CONFIGURATION, 1) == SEPARATE;
    long needed = rows.length * (separate ? samples : 1);
    if (offsets.length < needed || counts.length < needed) {
      throw tags.refused(
          "is damaged: it has %s strips or tiles with %s lengths, and needs %s."
              .formatted(offsets.length, counts.length, needed));
    }
    for (int i = 0; i < needed; i++) {
      long bytes = bytes(width, rows[i % rows.length], separate ? 1 : samples);
      requireOne(i, offsets[i], counts[i], bytes);
    }
  }

  private long bytes(long width, long rows, long samples) {
    long bits = tags.one(BaselineTIFFTagSet.TAG_BITS_PER_SAMPLE, 1);
    long photometric = tags.one(BaselineTIFFTagSet.TAG_PHOTOMETRIC_INTERPRETATION, 1);
    if (photometric == YCBCR && samples == 3) {
      long[] stated = tags.all(BaselineTIFFTagSet.TAG_Y_CB_CR_SUBSAMPLING);
      long across = stated.length == 2 ? Math.max(1, stated[0]) : 2;
      long down = stated.length == 2 ? Math.max(1, stated[1]) : 2;
      return divideUp(width, across) * divideUp(rows, down) * (across * down + 2) * bits / 8;
    }
    return rows * divideUp(width * samples * bits, 8);
  }

  private void requireOne(int index, long offset, long count, long needed) throws IOException {
    if (count < 1 || offset < 1) {
      throw tags.refused(
          "has no bytes for its strip or tile %s: sparse images are not read.".formatted(index));
    }
    if (count > InputFiles.size(tags.file()) - offset) {
      throw tags.refused(
          "is truncated: its strip or tile %s has %s bytes from %s on."
              .formatted(index, count, offset));
    }
    long there = count;
    if (compression != BaselineTIFFTagSet.COMPRESSION_NONE) {
      byte[] packed = new byte[Math.toIntExact(count)];
      in.seek(offset);
      in.readFully(packed);
      there = unfolded(packed, needed);
    }
    if (there < needed) {
      throw tags.refused(
          "is truncated or damaged: its strip or tile %s unfolds to %s bytes of %s."
              .formatted(index, there, needed));
    }
  }

  private long unfolded(byte[] packed, long needed) {
    if (ZLIB.contains((long) compression)) {
      return inflated(packed, needed);
    }
    return switch (compression) {
      case BaselineTIFFTagSet.COMPRESSION_LZW -> unfoldedLzw(packed);
      case BaselineTIFFTagSet.COMPRESSION_PACKBITS -> unfoldedPackBits(packed);
      case BaselineTIFFTagSet.COMPRESSION_JPEG -> endsAsJpeg(packed) ? needed : 0;
      default -> needed; // the JDK's reader warns of what is missing, or refuses the compression
    };
  }

  private static boolean endsAsJpeg(byte[] packed) {
    int end = packed.length;
    while (end > 2 && packed[end - 1] == 0) {
      end--;
    }
    return end > 2 && packed[end - 2] == (byte) 0xff && packed[end - 1] == (byte) 0xd9;
  }

  private long inflated(byte[] packed, long needed) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(packed);
      byte[] block = new byte[1 << 14];
      long total = 0;
      while (!inflater.finished() && total <= needed) {
        int count = inflater.inflate(block);
        if (count == 0 && !inflater.finished()) {
          break;
        }
        total += count;
      }
      return total;
    } catch (DataFormatException damaged) {
      throw tags.refused("is damaged: " + damaged.getMessage() + ".");
    } finally {
      inflater.end();
    }
  }

  private static long unfoldedPackBits(byte[] packed) {
    long total = 0;
    int at = 0;
    while (at < packed.length) {
      int head = packed[at++];
      if (head >= 0) {
        int count = Math.min(head + 1, packed.length - at);
        total += count;
        at += count;
      } else if (head != Byte.MIN_VALUE && at < packed.length) {
        total += 1 - head;
        at++;
      }
    }
    return total;
  }

  private long unfoldedLzw(byte[] packed) {
    LzwCodes codes =
        new LzwCodes(packed, tags.one(BaselineTIFFTagSet.TAG_FILL_ORDER, 1) == REVERSED_BITS);
    int[] lengths = new int[LzwCodes.MOST];
    Arrays.fill(lengths, 0, LzwCodes.CLEAR, 1);
    long total = 0;
    int previous = -1;
    for (int code = codes.next(); code >= 0 && code != LzwCodes.END; code = codes.next()) {
      if (code == LzwCodes.CLEAR) {
        codes.clear();
        previous = -1;
        continue;
      }
      if (previous >= 0 && codes.known < LzwCodes.MOST) {
        lengths[codes.known] = lengths[previous] + 1;
        codes.learn();
      }
      if (code >= codes.known) {
        throw tags.refused("is damaged: its LZW compression has a code that means nothing.");
      }
      total += lengths[code];
      previous = code;
    }
    return total;
  }

  private static long divideUp(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  /** Codes of 9 to 12 bits, which become wider one code before they need to. */
  private static final class LzwCodes {

    static final int CLEAR = 256;
    static final int END = 257;
    static final int MOST = 4096;
    private static final int FEWEST_BITS = 9;
    private static final int MOST_BITS = 12;

    private final byte[] packed;
    private final boolean reversed;
    private int known = END + 1;
    private int width = FEWEST_BITS;
    private long bit;

    LzwCodes(byte[] packed, boolean reversed) {
      this.packed = packed;
      this.reversed = reversed;
    }

    /** The next code, -1 at the end. */
    int next() {
      if (bit + width > packed.length * 8L) {
        return -1;
      }
      int code = 0;
      for (int i = 0; i < width; i++, bit++) {
        int within = (int) (bit % 8);
        code = code << 1 | packed[(int) (bit / 8)] >> (reversed ? within : 7 - within) & 1;
      }
      return code;
    }

    void clear() {
      known = END + 1;
      width = FEWEST_BITS;
    }

    void learn() {
      known++;
      if (known >= (1 << width) - 1 && width < MOST_BITS) {
        width++;
      }
    }
  }
}
