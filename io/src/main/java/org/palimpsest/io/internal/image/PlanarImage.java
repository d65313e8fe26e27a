package org.palimpsest.io.internal.image;

import java.nio.file.Path;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;

/**
 * An image in the numbers that nnU-Net's reader of images gives, channel by channel.
 *
 * @param channels per channel the pixels, row by row
 */
public record PlanarImage(int height, int width, float[][] channels) {

  private static final double MOST_OF_16_BITS = 65535;

  /**
   * Reads an image of one channel or three, or of four where it has transparency, as scikit-image
   * does: of a PNG in colours of 16 bits Pillow, which reads it there, hands on the upper eight.
   *
   * @throws PalimpsestException if it is damaged, of grey values with transparency, which nnU-Net
   *     refuses, or has zero for white, which some tools turn over
   */
  public static PlanarImage read(Path file) {
    if (TiffHeader.whiteIsZero(file)) {
      throw new PalimpsestException(
          "%s has zero for white (PhotometricInterpretation 0), which some tools turn over and nnU-Net's reader does not. Save it with zero for black, in the numbers that the network was given."
              .formatted(file));
    }
    Picture picture = PictureReader.readStored(file);
    int size = picture.height() * picture.width();
    boolean shortened =
        picture.channels() > 1
            && picture.greatest().orElse(0) == MOST_OF_16_BITS
            && FileKind.of(file) == FileKind.PNG;
    float[][] channels = new float[picture.channels()][size];
    for (int channel = 0; channel < channels.length; channel++) {
      for (int i = 0; i < size; i++) {
        double value = picture.values()[channel * size + i];
        channels[channel][i] = shortened ? (int) value >> Byte.SIZE : (float) value;
      }
    }
    return new PlanarImage(picture.height(), picture.width(), channels);
  }
}
