package org.palimpsest.io.internal.image;

import java.nio.file.Path;
import org.palimpsest.core.PalimpsestException;

/**
 * An image in the numbers of its file, channel by channel.
 *
 * @param channels per channel the pixels, row by row
 */
public record PlanarImage(int height, int width, float[][] channels) {

  /**
   * Reads an image of one channel or three.
   *
   * @throws PalimpsestException if it is damaged, or has transparency, which would be a channel to
   *     some tools and is none here
   */
  public static PlanarImage read(Path file) {
    Picture picture = Picture.readOpaque(file);
    int size = picture.height() * picture.width();
    float[][] channels = new float[picture.channels()][size];
    for (int channel = 0; channel < channels.length; channel++) {
      for (int i = 0; i < size; i++) {
        channels[channel][i] = (float) picture.values()[channel * size + i];
      }
    }
    return new PlanarImage(picture.height(), picture.width(), channels);
  }
}
