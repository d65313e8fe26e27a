package org.palimpsest.io.image;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.plugins.tiff.BaselineTIFFTagSet;
import javax.imageio.plugins.tiff.TIFFDirectory;
import javax.imageio.plugins.tiff.TIFFField;
import org.palimpsest.core.PalimpsestException;

/**
 * What kind of numbers a TIFF image holds. The JDK stretches those of unusual depths to 8 or 16
 * bits, and takes others for what they are not, so that only these are read: unsigned ones of 1, 2,
 * 4, 8, 16 and 32 bits, signed ones of 16 and 32, floating ones of 32 and 64.
 */
record TiffSamples(int bits, int format) {

  private static final int UNSIGNED = 1;
  private static final int SIGNED = 2;
  private static final int FLOATING = 3;
  private static final int WHITE_IS_ZERO = 0;
  private static final Set<Integer> MAY_BE_INVERTED = Set.of(1, 2, 4, 8, 16);

  private static final Map<Integer, Set<Integer>> READ =
      Map.of(
          UNSIGNED, Set.of(1, 2, 4, 8, 16, 32), SIGNED, Set.of(16, 32), FLOATING, Set.of(32, 64));

  private static final Map<Integer, String> NAMES =
      Map.of(
          UNSIGNED, "unsigned integers", SIGNED, "signed integers", FLOATING, "floating numbers");

  /**
   * @throws PalimpsestException if they are of a kind that is not read
   */
  static TiffSamples of(IIOMetadata metadata, Path file) throws IIOInvalidTreeException {
    TIFFDirectory tags = TIFFDirectory.createFromMetadata(metadata);
    int[] bits = values(tags, BaselineTIFFTagSet.TAG_BITS_PER_SAMPLE, 1);
    int[] formats = values(tags, BaselineTIFFTagSet.TAG_SAMPLE_FORMAT, UNSIGNED);
    boolean inverted =
        values(tags, BaselineTIFFTagSet.TAG_PHOTOMETRIC_INTERPRETATION, 1)[0] == WHITE_IS_ZERO;
    TiffSamples samples = new TiffSamples(bits[0], formats[0]);
    boolean alike =
        Arrays.stream(bits).allMatch(b -> b == bits[0])
            && Arrays.stream(formats).allMatch(f -> f == formats[0]);
    boolean upright = !inverted || formats[0] == UNSIGNED && MAY_BE_INVERTED.contains(bits[0]);
    if (!alike || !upright || !READ.getOrDefault(formats[0], Set.of()).contains(bits[0])) {
      throw new PalimpsestException(
          "%s holds %s of %s bits%s, which are not read. Save it with 8 or 16 bits, or as float32."
              .formatted(
                  file,
                  NAMES.getOrDefault(formats[0], "numbers of an unknown kind"),
                  alike ? String.valueOf(bits[0]) : Arrays.toString(bits),
                  upright ? "" : " whose zero is white"));
    }
    return samples;
  }

  private static int[] values(TIFFDirectory tags, int tag, int fallback) {
    TIFFField field = tags.getTIFFField(tag);
    if (field == null || field.getCount() == 0) {
      return new int[] {fallback};
    }
    int[] values = new int[field.getCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = field.getAsInt(i);
    }
    return values;
  }

  boolean isUnsigned(int ofBits) {
    return format == UNSIGNED && bits == ofBits;
  }

  /** The greatest number that the type can hold, where it has a sign. */
  double greatest(double otherwise) {
    return format == SIGNED ? (double) (1L << (bits - 1)) - 1 : otherwise;
  }
}
