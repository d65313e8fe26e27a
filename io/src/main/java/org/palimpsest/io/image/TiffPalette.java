package org.palimpsest.io.image;

import java.util.Arrays;
import javax.imageio.plugins.tiff.BaselineTIFFTagSet;

/**
 * The colours of a TIFF palette. They have 16 bits, of which the upper 8 count, as everywhere else;
 * the JDK rounds.
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
          "has a palette with colours up to %d of 65535, as if they had 8 bits. Save it as RGB."
              .formatted(greatest));
    }
    return new TiffPalette(tags, map);
  }

  int colour(int index, int channel) {
    int size = map.length / 3;
    if (index >= size) {
      throw tags.refused("has pixels of colour %d; its palette has %d.".formatted(index, size));
    }
    return (int) (map[channel * size + index] >> 8);
  }
}
