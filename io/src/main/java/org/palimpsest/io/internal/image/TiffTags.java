package org.palimpsest.io.internal.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.plugins.tiff.BaselineTIFFTagSet;
import javax.imageio.plugins.tiff.TIFFDirectory;
import javax.imageio.plugins.tiff.TIFFField;
import javax.imageio.plugins.tiff.TIFFTag;
import javax.imageio.stream.ImageInputStream;
import org.palimpsest.core.PalimpsestException;

/** What a TIFF file says of its image. */
public record TiffTags(TIFFDirectory directory, long depth, Path file) {

  private static final int DEPTH = 32997;
  private static final int BIG = 43;
  private static final int SHORT = 3;

  static TiffTags of(IIOMetadata metadata, ImageInputStream in, Path file) throws IOException {
    long at = in.getStreamPosition();
    long depth = depth(in);
    in.seek(at);
    return new TiffTags(TIFFDirectory.createFromMetadata(metadata), depth, file);
  }

  /** How many slices the image has. The JDK's reader passes over tags that it does not know. */
  private static long depth(ImageInputStream in) throws IOException {
    in.seek(2);
    boolean big = in.readUnsignedShort() == BIG;
    in.seek(big ? 8 : 4);
    in.seek(big ? in.readLong() : in.readUnsignedInt());
    long entries = big ? in.readLong() : in.readUnsignedShort();
    for (long i = 0; i < entries; i++) {
      int tag = in.readUnsignedShort();
      int type = in.readUnsignedShort();
      in.skipBytes(big ? 8 : 4);
      long next = in.getStreamPosition() + (big ? 8 : 4);
      if (tag == DEPTH) {
        return type == SHORT ? in.readUnsignedShort() : in.readUnsignedInt();
      }
      in.seek(next);
    }
    return 1;
  }

  /** The numbers of a tag; only the fallback if it is not there. */
  long[] all(int tag, long fallback) {
    long[] there = all(tag);
    return there.length == 0 ? new long[] {fallback} : there;
  }

  /** The numbers of a tag, none if it is not there. */
  long[] all(int tag) {
    TIFFField field = directory.getTIFFField(tag);
    if (field == null) {
      return new long[0];
    }
    long[] values = new long[field.getCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = field.getAsLong(i);
    }
    return values;
  }

  long one(int tag, long fallback) {
    return all(tag, fallback)[0];
  }

  Optional<String> text(int tag) {
    TIFFField field = directory.getTIFFField(tag);
    return field == null || field.getType() != TIFFTag.TIFF_ASCII || field.getCount() == 0
        ? Optional.empty()
        : Optional.of(field.getAsString(0));
  }

  PalimpsestException refused(String why) {
    return new PalimpsestException(file + " " + why);
  }

  /**
   * What kind of numbers a TIFF image holds. The JDK stretches those of unusual depths to 8 or 16
   * bits, and takes others for what they are not, so that only these are read: unsigned ones of 1,
   * 2, 4, 8, 16 and 32 bits, signed ones of 16 and 32, floating ones of 32 and 64.
   */
  record TiffSamples(int bits, int format) {

    private static final int UNSIGNED = 1;
    private static final int SIGNED = 2;
    private static final int FLOATING = 3;
    private static final int WHITE_IS_ZERO = 0;
    private static final Set<Integer> MAY_BE_INVERTED = Set.of(1, 2, 4, 8, 16);

    private static final Set<Long> TRANSPARENCY = Set.of(1L, 2L);
    private static final Pattern TIFFFILE_TRUNCATED =
        Pattern.compile("^\\{.*\"truncated\": *true", Pattern.DOTALL);
    private static final Pattern IMAGEJ_STACK =
        Pattern.compile("^ImageJ=.*\\bimages=(?!1\\b)", Pattern.DOTALL);

    private static final Map<Integer, String> COLOUR_SPACES =
        Map.of(8, "CIELab", 9, "ICCLab", 10, "ITULab", 32844, "CIE LogL", 32845, "CIE LogLuv");

    private static final Map<Integer, Set<Integer>> READ =
        Map.of(
            UNSIGNED, Set.of(1, 2, 4, 8, 16, 32), SIGNED, Set.of(16, 32), FLOATING, Set.of(32, 64));

    private static final Map<Integer, String> NAMES =
        Map.of(
            UNSIGNED, "unsigned integers", SIGNED, "signed integers", FLOATING, "floating numbers");

    /**
     * @throws PalimpsestException if they are of a kind that is not read
     */
    static TiffSamples of(TiffTags tags) {
      long[] bits = tags.all(BaselineTIFFTagSet.TAG_BITS_PER_SAMPLE, 1);
      long[] formats = tags.all(BaselineTIFFTagSet.TAG_SAMPLE_FORMAT, UNSIGNED);
      int photometric = (int) tags.one(BaselineTIFFTagSet.TAG_PHOTOMETRIC_INTERPRETATION, -1);
      if (photometric < 0) {
        throw tags.refused("does not say what its numbers stand for (PhotometricInterpretation).");
      }
      boolean alike =
          Arrays.stream(bits).allMatch(b -> b == bits[0])
              && Arrays.stream(formats).allMatch(f -> f == formats[0]);
      TiffSamples samples = new TiffSamples((int) bits[0], (int) formats[0]);
      boolean upright =
          photometric != WHITE_IS_ZERO
              || samples.format == UNSIGNED && MAY_BE_INVERTED.contains(samples.bits);
      if (!alike
          || !upright
          || !READ.getOrDefault(samples.format, Set.of()).contains(samples.bits)) {
        throw tags.refused(
            "holds %s of %s bits%s, which are not read. Save it with 8 or 16 bits, or as float32."
                .formatted(
                    NAMES.getOrDefault(samples.format, "numbers of an unknown kind"),
                    alike ? String.valueOf(bits[0]) : Arrays.toString(bits),
                    upright ? "" : " whose zero is white"));
      }
      if (COLOUR_SPACES.containsKey(photometric)) {
        throw tags.refused(
            "has colours in %s, which are not read. Save it as RGB."
                .formatted(COLOUR_SPACES.get(photometric)));
      }
      requireChannels(tags);
      requireOneSlice(tags);
      return samples;
    }

    private static void requireChannels(TiffTags tags) {
      long all = tags.one(BaselineTIFFTagSet.TAG_SAMPLES_PER_PIXEL, 1);
      long[] extra = tags.all(BaselineTIFFTagSet.TAG_EXTRA_SAMPLES);
      boolean transparency = extra.length == 1 && TRANSPARENCY.contains(extra[0]);
      long channels = transparency ? all - 1 : all;
      if (channels != 1 && channels != 3) {
        throw tags.refused(
            "has %s channels%s; grey and colour images are read. Save the probes as .npy."
                .formatted(all, transparency ? ", the last of which is transparency" : ""));
      }
    }

    private static void requireOneSlice(TiffTags tags) {
      String description = tags.text(BaselineTIFFTagSet.TAG_IMAGE_DESCRIPTION).orElse("");
      boolean several =
          TIFFFILE_TRUNCATED.matcher(description).find()
              || IMAGEJ_STACK.matcher(description).find();
      if (tags.depth() != 1 || several) {
        throw tags.refused(
            "holds several slices%s. Save each as a file of its own, or all as .npy."
                .formatted(
                    tags.depth() != 1
                        ? " (%s)".formatted(tags.depth())
                        : ", as its description says"));
      }
    }

    boolean isUnsigned(int ofBits) {
      return format == UNSIGNED && bits == ofBits;
    }

    /** The greatest number that the type can hold, where it has a sign. */
    OptionalDouble greatest(OptionalDouble otherwise) {
      return format == SIGNED ? OptionalDouble.of((double) (1L << (bits - 1)) - 1) : otherwise;
    }
  }

  /**
   * The colours of a TIFF palette. They have 16 bits, of which the upper 8 count, as everywhere
   * else; the JDK rounds.
   */
  record TiffPalette(TiffTags tags, long[] map) {

    static final double GREATEST = 255;
    private static final int PALETTE = 3;

    static boolean isIn(TiffTags tags) {
      return tags.one(BaselineTIFFTagSet.TAG_PHOTOMETRIC_INTERPRETATION, 1) == PALETTE;
    }

    /**
     * @throws org.palimpsest.core.PalimpsestException if the colours seem to have 8 bits
     */
    static TiffPalette of(TiffTags tags) {
      long[] map = tags.all(BaselineTIFFTagSet.TAG_COLOR_MAP);
      long greatest = Arrays.stream(map).max().orElse(0);
      if (greatest > 0 && greatest <= GREATEST) {
        throw tags.refused(
            "has a palette with colours up to %s of 65535, as if they had 8 bits. Save it as RGB."
                .formatted(greatest));
      }
      return new TiffPalette(tags, map);
    }

    int colour(int index, int channel) {
      int size = map.length / 3;
      if (index >= size) {
        throw tags.refused("has pixels of colour %s; its palette has %s.".formatted(index, size));
      }
      return (int) (map[channel * size + index] >> 8);
    }
  }
}
