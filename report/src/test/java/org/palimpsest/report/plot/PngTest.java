package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PngTest {

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
      BufferedImage read = read(Png.bytes(image));
      assertThat(pixels(read)).as("type %d", type).isEqualTo(pixels(image));
    }
  }

  @Test
  void aPictureOfFewColoursStaysAsItIs() throws IOException {
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 1200; i++) {
      image.setRGB(i % 40, i / 40, i % 200 * 0x010203);
    }
    BufferedImage few = read(Png.smallBytes(image));
    assertThat(few.getRGB(0, 0, 40, 30, null, 0, 40))
        .isEqualTo(image.getRGB(0, 0, 40, 30, null, 0, 40));
  }

  @Test
  void frequentColoursStayAndRareOnesAreHardlyChanged() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    BufferedImage image = new BufferedImage(200, 100, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 20_000; i++) {
      int blue = i < 15_000 ? i / 100 : random.nextInt(256);
      int green = i < 15_000 ? 0 : random.nextInt(64);
      image.setRGB(i % 200, i / 200, 0x800000 | green << 8 | blue);
    }
    BufferedImage few = read(Png.smallBytes(image));
    assertThat(((IndexColorModel) few.getColorModel()).getMapSize()).isLessThanOrEqualTo(256);
    for (int i = 0; i < 20_000; i++) {
      int before = image.getRGB(i % 200, i / 200);
      int after = few.getRGB(i % 200, i / 200);
      assertThat(Math.abs((before & 0xff) - (after & 0xff))).isLessThan(i < 15_000 ? 1 : 40);
      assertThat(Math.abs((before >> 8 & 0xff) - (after >> 8 & 0xff))).isLessThan(40);
    }
  }

  private static BufferedImage read(byte[] png) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  private static int[] pixels(BufferedImage image) {
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }
}
