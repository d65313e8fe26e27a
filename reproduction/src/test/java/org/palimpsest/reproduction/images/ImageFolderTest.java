package org.palimpsest.reproduction.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;

class ImageFolderTest {

  @TempDir private Path folder;

  /** By hand: greys 0, 1 and 2 have the mean 1 and the standard deviation √(2/3). */
  private static final double OUTER = 1 / Math.sqrt(2 / 3.0);

  @Test
  void depthAndColourMakeNoDifference() throws IOException {
    write("eight", BufferedImage.TYPE_BYTE_GRAY, new int[][] {{10}, {60}, {110}});
    write("sixteen", BufferedImage.TYPE_USHORT_GRAY, new int[][] {{1000}, {30000}, {59000}});
    write(
        "colour",
        BufferedImage.TYPE_3BYTE_BGR,
        new int[][] {{0, 10, 20}, {60, 60, 60}, {255, 35, 40}});
    for (String name : new String[] {"eight", "sixteen", "colour"}) {
      Raster image = ImageFolder.read(folder.resolve(name + ".png")).image();
      assertThat(image.extents()).containsExactly(1, 3);
      assertThat((double) image.get(0)).as(name).isCloseTo(-OUTER, within(1e-6));
      assertThat((double) image.get(1)).as(name).isCloseTo(0, within(1e-6));
      assertThat((double) image.get(2)).as(name).isCloseTo(OUTER, within(1e-6));
    }
  }

  /** 127 of 255 lies below half, 128 above; of 65,535 it is 32,767 and 32,768. */
  @Test
  void aMaskIsWhatIsBrighterThanHalf() throws IOException {
    write("eight", BufferedImage.TYPE_BYTE_GRAY, new int[][] {{127}, {128}, {255}});
    write("sixteen", BufferedImage.TYPE_USHORT_GRAY, new int[][] {{32767}, {32768}, {65535}});
    for (String name : new String[] {"eight", "sixteen"}) {
      Files.copy(folder.resolve(name + ".png"), mask(name), StandardCopyOption.REPLACE_EXISTING);
      Raster mask = ImageFolder.read(folder.resolve(name + ".png")).mask();
      assertThat(new float[] {mask.get(0), mask.get(1), mask.get(2)})
          .as(name)
          .containsExactly(0, 1, 1);
    }
  }

  @Test
  void onlyImagesWithMasksAreListedInTheOrderOfTheirNames() throws IOException {
    for (String name : new String[] {"b", "a", "c"}) {
      write(name, BufferedImage.TYPE_BYTE_GRAY, new int[][] {{0}, {200}});
    }
    Files.delete(mask("c"));
    Files.writeString(folder.resolve("notes.txt"), "none");
    assertThat(ImageFolder.images(folder))
        .extracting(image -> String.valueOf(image.getFileName()))
        .containsExactly("a.png", "b.png");
  }

  @Test
  void sizesThatDifferAreNamed() throws IOException {
    write("one", BufferedImage.TYPE_BYTE_GRAY, new int[][] {{0}, {200}});
    ImageIO.write(
        new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_GRAY), "png", mask("one").toFile());
    assertThatThrownBy(() -> ImageFolder.read(folder.resolve("one.png")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("one.png and one_mask.png differ in size");
  }

  /** A damaged file is read, or refused by name; nothing else may come of it. */
  @Test
  void damagedFilesAreRefusedByName() throws IOException {
    int[][] greys = new int[200][1];
    for (int i = 0; i < greys.length; i++) {
      greys[i][0] = i * 37 % 251;
    }
    write("one", BufferedImage.TYPE_BYTE_GRAY, greys);
    Path file = folder.resolve("one.png");
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(5);
    int refused = 0;
    for (int attempt = 0; attempt < 150; attempt++) {
      byte[] damaged =
          attempt % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
      for (int change = 0; change < 1 + attempt % 3 && damaged.length > 0; change++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      Files.write(file, damaged);
      try {
        assertThat(ImageFolder.read(file).image().size()).isPositive();
      } catch (PalimpsestException told) {
        assertThat(told).hasMessageContaining("one");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(50);
  }

  private Path mask(String name) {
    return folder.resolve(name + "_mask.png");
  }

  /** One row of pixels, and a mask that is white. */
  private void write(String name, int type, int[][] pixels) throws IOException {
    BufferedImage image = new BufferedImage(pixels.length, 1, type);
    BufferedImage mask = new BufferedImage(pixels.length, 1, BufferedImage.TYPE_BYTE_GRAY);
    for (int x = 0; x < pixels.length; x++) {
      for (int band = 0; band < pixels[x].length; band++) {
        image.getRaster().setSample(x, 0, band, pixels[x][band]);
      }
      mask.getRaster().setSample(x, 0, 0, 255);
    }
    ImageIO.write(image, "png", folder.resolve(name + ".png").toFile());
    ImageIO.write(mask, "png", mask(name).toFile());
  }
}
