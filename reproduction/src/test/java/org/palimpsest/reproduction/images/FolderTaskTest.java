package org.palimpsest.reproduction.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.reproduction.images.SegmentationTask.Split;

class FolderTaskTest {

  private static final int SIZE = 20;

  @TempDir private Path folder;

  /** Image i has a bright disc; the brightness of a corner pixel would tell which image it is. */
  @BeforeEach
  void drawImages() throws IOException {
    for (int i = 0; i < 6; i++) {
      BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_BYTE_GRAY);
      BufferedImage mask = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_BYTE_GRAY);
      for (int p = 0; p < SIZE * SIZE; p++) {
        int x = p % SIZE;
        int y = p / SIZE;
        boolean inside = Math.hypot(x - 10, y - 10) < 7;
        image.getRaster().setSample(x, y, 0, (inside ? 150 : 20) + (x * 7 + y * (3 + i)) % 50);
        mask.getRaster().setSample(x, y, 0, inside ? 255 : 0);
      }
      ImageIO.write(image, "png", folder.resolve("0" + i + ".png").toFile());
      ImageIO.write(mask, "png", folder.resolve("0" + i + "_mask.png").toFile());
    }
  }

  @Test
  void patchesAreCutAtTheSamePlaceFromImageAndMask() {
    for (LabelledImage patch : FolderTask.of(folder, 12, 2, 1).draw(Split.TRAINING, 8)) {
      assertThat(patch.image().extents()).containsExactly(12, 12);
      double least = Double.POSITIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < patch.mask().size(); i++) {
        if (patch.mask().get(i) == 1) {
          least = Math.min(least, patch.image().get(i));
        } else {
          most = Math.max(most, patch.image().get(i));
        }
      }
      assertThat(least).isGreaterThan(most);
    }
  }

  @Test
  void theSameTaskDrawsTheSamePatchesAndSplitsDiffer() {
    FolderTask task = FolderTask.of(folder, 12, 2, 1);
    assertThat(values(task.draw(Split.TRAINING, 3)))
        .isEqualTo(values(FolderTask.of(folder, 12, 2, 1).draw(Split.TRAINING, 3)));
    Set<String> training = new HashSet<>(values(task.draw(Split.TRAINING, 20)));
    assertThat(values(task.draw(Split.HELD_OUT, 20))).noneMatch(training::contains);
    assertThat(values(task.draw(Split.PROBES, 20))).noneMatch(training::contains);
  }

  @Test
  void anotherSeedOfTrainingLeavesHeldOutImagesAndProbesAsTheyAre() {
    FolderTask task = FolderTask.of(folder, 12, 2, 1);
    FolderTask other = task.withTraining(7);
    for (Split split : List.of(Split.HELD_OUT, Split.PROBES)) {
      assertThat(values(other.draw(split, 3))).isEqualTo(values(task.draw(split, 3)));
    }
    assertThat(values(other.draw(Split.TRAINING, 8)))
        .isNotEqualTo(values(task.draw(Split.TRAINING, 8)));
  }

  @Test
  void aChangedImageMakesAnotherTask() throws IOException {
    FolderTask before = FolderTask.of(folder, 12, 2, 1);
    Files.copy(folder.resolve("00_mask.png"), folder.resolve("07.png"));
    Files.copy(folder.resolve("00_mask.png"), folder.resolve("07_mask.png"));
    assertThat(FolderTask.of(folder, 12, 2, 1)).isNotEqualTo(before);
  }

  @Test
  void whatCannotBeUsedIsNamed() throws IOException {
    assertFails("no such folder", () -> FolderTask.of(folder.resolve("none"), 12, 2, 1));
    assertFails("32×32 do not fit", () -> FolderTask.of(folder, 32, 2, 1).draw(Split.TRAINING, 1));
    Files.writeString(folder.resolve("00.png"), "no image");
    assertFails("00.png", () -> FolderTask.of(folder, 12, 2, 1).draw(Split.TRAINING, 1));
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertFails("no pairs", () -> FolderTask.of(empty, 12, 2, 1));
  }

  private void replaceMasks(int type, @Nullable IndexColorModel palette, int inside, int outside)
      throws IOException {
    for (int i = 0; i < 6; i++) {
      Path file = folder.resolve("0" + i + "_mask.png");
      BufferedImage grey = ImageIO.read(file.toFile());
      BufferedImage mask =
          palette == null
              ? new BufferedImage(SIZE, SIZE, type)
              : new BufferedImage(SIZE, SIZE, type, palette);
      for (int p = 0; p < SIZE * SIZE; p++) {
        boolean isInside = grey.getRaster().getSample(p % SIZE, p / SIZE, 0) > 0;
        mask.setRGB(p % SIZE, p / SIZE, isInside ? inside : outside);
      }
      ImageIO.write(mask, "png", file.toFile());
    }
  }

  /** Whatever number the palette gives to white. */
  @Test
  void masksWithAPaletteAreReadByItsColours() throws IOException {
    List<String> grey = masks(FolderTask.of(folder, 12, 2, 1).draw(Split.TRAINING, 4));
    byte[] levels = new byte[200];
    levels[1] = -1;
    replaceMasks(
        BufferedImage.TYPE_BYTE_INDEXED,
        new IndexColorModel(8, levels.length, levels, levels, levels),
        0xffffffff,
        0xff000000);
    assertThat(masks(FolderTask.of(folder, 12, 2, 1).draw(Split.TRAINING, 4))).isEqualTo(grey);
    byte[] whiteFirst = {-1, 0};
    replaceMasks(
        BufferedImage.TYPE_BYTE_BINARY,
        new IndexColorModel(1, 2, whiteFirst, whiteFirst, whiteFirst),
        0xffffffff,
        0xff000000);
    assertThat(masks(FolderTask.of(folder, 12, 2, 1).draw(Split.TRAINING, 4))).isEqualTo(grey);
  }

  @Test
  void opaqueBlackIsNotHalfBright() throws IOException {
    List<String> grey = masks(FolderTask.of(folder, 12, 2, 1).draw(Split.TRAINING, 4));
    replaceMasks(BufferedImage.TYPE_4BYTE_ABGR, null, 0x00ffffff, 0xff050505);
    assertThat(masks(FolderTask.of(folder, 12, 2, 1).draw(Split.TRAINING, 4))).isEqualTo(grey);
  }

  /** Class numbers 0 and 1 are dark: networks would learn to find nothing. */
  @Test
  void masksInWhichNothingIsMarkedAreRefused() throws IOException {
    replaceMasks(BufferedImage.TYPE_BYTE_GRAY, null, 0xff010101, 0xff000000);
    assertFails("Nothing is marked", () -> FolderTask.of(folder, 12, 2, 1).draw(Split.TRAINING, 4));
  }

  private static List<String> masks(List<LabelledImage> patches) {
    return valuesOf(patches.stream().map(LabelledImage::mask).toList());
  }

  private static void assertFails(String message, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(message);
  }

  private static List<String> values(List<LabelledImage> patches) {
    return valuesOf(patches.stream().map(LabelledImage::image).toList());
  }

  private static List<String> valuesOf(List<Raster> rasters) {
    return rasters.stream()
        .map(
            raster -> {
              float[] values = new float[raster.size()];
              raster.copyTo(values, 0);
              return Arrays.toString(values);
            })
        .toList();
  }
}
