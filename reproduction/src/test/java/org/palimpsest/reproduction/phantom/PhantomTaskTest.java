package org.palimpsest.reproduction.phantom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.DoublePredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.reproduction.images.LabelledImage;
import org.palimpsest.reproduction.images.Raster;
import org.palimpsest.reproduction.images.SegmentationTask.Split;

class PhantomTaskTest {

  private static final List<Integer> PLANE = List.of(48, 64);
  private static final List<Integer> VOLUME = List.of(20, 20, 20);

  @ParameterizedTest
  @EnumSource(PhantomFamily.class)
  void theSameSeedDrawsTheSameImages(PhantomFamily family) {
    List<LabelledImage> once = task(family, PLANE, 7).draw(Split.TRAINING, 3);
    List<LabelledImage> again = task(family, PLANE, 7).draw(Split.TRAINING, 3);
    for (int i = 0; i < 3; i++) {
      assertThat(values(again.get(i).image())).isEqualTo(values(once.get(i).image()));
      assertThat(values(again.get(i).mask())).isEqualTo(values(once.get(i).mask()));
    }
  }

  @ParameterizedTest
  @EnumSource(PhantomFamily.class)
  void seedsSplitsAndNumbersDrawDifferentImages(PhantomFamily family) {
    PhantomTask task = task(family, PLANE, 7);
    float[] image = values(task.draw(Split.TRAINING, 1).get(0).image());
    assertThat(values(task.draw(Split.TRAINING, 2).get(1).image())).isNotEqualTo(image);
    assertThat(values(task.draw(Split.PROBES, 1).get(0).image())).isNotEqualTo(image);
    assertThat(values(task(family, PLANE, 8).draw(Split.TRAINING, 1).get(0).image()))
        .isNotEqualTo(image);
  }

  @ParameterizedTest
  @EnumSource(PhantomFamily.class)
  void masksAreBinaryAndCoverSomeButNotMost(PhantomFamily family) {
    for (List<Integer> extents : List.of(PLANE, VOLUME)) {
      double share = 0;
      for (LabelledImage image : task(family, extents, 3).draw(Split.TRAINING, 12)) {
        float[] mask = values(image.mask());
        for (float value : mask) {
          assertThat(value == 0 || value == 1).isTrue();
          share += value / mask.length / 12;
        }
      }
      assertThat(share).isBetween(0.02, 0.5);
    }
  }

  @ParameterizedTest
  @EnumSource(PhantomFamily.class)
  void imagesAreStandardised(PhantomFamily family) {
    float[] image = values(task(family, PLANE, 1).draw(Split.TRAINING, 1).get(0).image());
    double mean = 0;
    double square = 0;
    for (float value : image) {
      mean += value / image.length;
      square += (double) value * value / image.length;
    }
    assertThat(mean).isCloseTo(0, within(1e-4));
    assertThat(square).isCloseTo(1, within(1e-3));
  }

  @ParameterizedTest
  @EnumSource(value = PhantomFamily.class, mode = EnumSource.Mode.EXCLUDE, names = "CORTEX")
  void theSoughtStructureStandsOutLessWhereTheTaskIsHard(PhantomFamily family) {
    assertThat(contrast(family, 0.9, value -> true))
        .isLessThan(contrast(family, 0.1, value -> true));
  }

  @Test
  void greyMatterIsNearerToWhiteWhereTheTaskIsHard() {
    assertThat(contrast(PhantomFamily.CORTEX, 0.9, value -> value > 0.5))
        .isLessThan(contrast(PhantomFamily.CORTEX, 0.1, value -> value > 0.5));
  }

  @Test
  void mirroringTwiceGivesTheImageBack() {
    Raster image = task(PhantomFamily.ORGANS, PLANE, 1).draw(Split.TRAINING, 1).get(0).image();
    for (int axis = 0; axis < 2; axis++) {
      assertThat(values(image.flipped(axis))).isNotEqualTo(values(image));
      assertThat(values(image.flipped(axis).flipped(axis))).isEqualTo(values(image));
    }
  }

  @Test
  void impossibleTasksAreRefused() {
    assertThatThrownBy(() -> new PhantomTask(PhantomFamily.ORGANS, 1.5, PLANE, 1))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("1.5");
    assertThatThrownBy(() -> new PhantomTask(PhantomFamily.ORGANS, 0.5, List.of(64), 1))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("[64]");
  }

  /** The gap between mean inside and mean outside, in standard deviations of the image. */
  private static double contrast(
      PhantomFamily family, double difficulty, DoublePredicate background) {
    double sum = 0;
    for (LabelledImage drawn :
        new PhantomTask(family, difficulty, PLANE, 5).draw(Split.TRAINING, 6)) {
      double inside = 0;
      double outside = 0;
      int count = 0;
      int around = 0;
      for (int i = 0; i < drawn.mask().size(); i++) {
        boolean within = drawn.mask().get(i) == 1;
        count += within ? 1 : 0;
        inside += within ? drawn.image().get(i) : 0;
        if (!within && background.test(drawn.image().get(i))) {
          outside += drawn.image().get(i);
          around++;
        }
      }
      sum += Math.abs(inside / Math.max(1, count) - outside / Math.max(1, around));
    }
    return sum;
  }

  private static PhantomTask task(PhantomFamily family, List<Integer> extents, long seed) {
    return new PhantomTask(family, 0.3, extents, seed);
  }

  private static float[] values(Raster raster) {
    float[] values = new float[raster.size()];
    raster.copyTo(values, 0);
    return values;
  }
}
