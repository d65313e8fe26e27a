package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddedPngTest {

  private static final int[] TYPES = {
    BufferedImage.TYPE_INT_RGB,
    BufferedImage.TYPE_INT_ARGB,
    BufferedImage.TYPE_3BYTE_BGR,
    BufferedImage.TYPE_BYTE_INDEXED
  };

  @ParameterizedTest
  @CsvSource({"1, 1", "7, 5", "301, 40", "3, 2000"})
  void theJdkReadsTheSamePixels(int width, int height) throws IOException {
    for (int type : TYPES) {
      SplittableRandom random = new SplittableRandom(width);
      BufferedImage image = new BufferedImage(width, height, type);
      for (int i = 0; i < width * height; i++) {
        image.setRGB(i % width, i / width, random.nextInt() & (i % 3 == 0 ? -1 : 0xff00ff00));
      }
      BufferedImage read = ImageIO.read(new ByteArrayInputStream(EmbeddedPng.bytes(image)));
      assertThat(pixels(read)).as("type %d", type).isEqualTo(pixels(image));
    }
  }

  private static int[] pixels(BufferedImage image) {
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }
}
