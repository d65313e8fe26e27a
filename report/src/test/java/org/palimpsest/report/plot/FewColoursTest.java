package org.palimpsest.report.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FewColoursTest {

  @Test
  void aPictureOfFewColoursStaysAsItIs() {
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 1200; i++) {
      image.setRGB(i % 40, i / 40, i % 200 * 0x010203);
    }
    BufferedImage few = FewColours.of(image);
    assertThat(few.getRGB(0, 0, 40, 30, null, 0, 40))
        .isEqualTo(image.getRGB(0, 0, 40, 30, null, 0, 40));
  }

  @Test
  void frequentColoursStayAndRareOnesAreHardlyChanged() {
    SplittableRandom random = new SplittableRandom(1);
    BufferedImage image = new BufferedImage(200, 100, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 20_000; i++) {
      int blue = i < 15_000 ? i / 100 : random.nextInt(256);
      int green = i < 15_000 ? 0 : random.nextInt(64);
      image.setRGB(i % 200, i / 200, 0x800000 | green << 8 | blue);
    }
    BufferedImage few = FewColours.of(image);
    assertThat(((IndexColorModel) few.getColorModel()).getMapSize()).isLessThanOrEqualTo(256);
    for (int i = 0; i < 20_000; i++) {
      int before = image.getRGB(i % 200, i / 200);
      int after = few.getRGB(i % 200, i / 200);
      assertThat(Math.abs((before & 0xff) - (after & 0xff))).isLessThan(i < 15_000 ? 1 : 40);
      assertThat(Math.abs((before >> 8 & 0xff) - (after >> 8 & 0xff))).isLessThan(40);
    }
  }
}
