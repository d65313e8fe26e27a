package org.palimpsest.reproduction.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.reproduction.images.LabelledImage;
import org.palimpsest.reproduction.images.Raster;
import org.palimpsest.reproduction.training.TrainingPlan.Decay;

class TrainingPlanTest {

  @Property(tries = 200)
  void stepsAscendFromStartToEndAndAreScoredWhereSaved(
      @ForAll @IntRange(min = 1, max = 500) int steps,
      @ForAll @Size(max = 6) List<@IntRange(min = -5, max = 600) Integer> saved,
      @ForAll @Size(max = 6) List<@IntRange(min = -5, max = 600) Integer> scored) {
    TrainingPlan plan = new TrainingPlan(steps, 2, 1e-3f, saved, scored, Decay.NONE);
    for (List<Integer> some : List.of(plan.checkpointSteps(), plan.scoreSteps())) {
      assertThat(some).isSorted().doesNotHaveDuplicates().startsWith(0).endsWith(steps);
    }
    assertThat(plan.scoreSteps()).containsAll(plan.checkpointSteps());
    assertThat(plan.checkpointSteps())
        .containsAll(saved.stream().filter(s -> s > 0 && s < steps).toList());
    assertThat(plan.scoreSteps())
        .containsAll(scored.stream().filter(s -> s > 0 && s < steps).toList());
  }

  @Property(tries = 200)
  void spacedStepsBeginWithTheFirstAndEndBelowTheLast(
      @ForAll @IntRange(min = 1, max = 5000) int steps,
      @ForAll @IntRange(min = 1, max = 50) int first,
      @ForAll @DoubleRange(min = 1.05, max = 4) double factor) {
    List<Integer> spaced = TrainingPlan.spaced(steps, first, factor);
    assertThat(spaced)
        .isSorted()
        .doesNotHaveDuplicates()
        .allMatch(step -> step >= first && step < steps);
    assertThat(spaced.contains(first)).isEqualTo(first < steps);
    for (int i = 1; i < spaced.size(); i++) {
      double ratio = (double) spaced.get(i) / spaced.get(i - 1);
      assertThat(spaced.get(i) - factor * spaced.get(i - 1))
          .as("%s after %s, ratio %s", spaced.get(i), spaced.get(i - 1), ratio)
          .isLessThanOrEqualTo(0.5 + factor / 2);
    }
  }

  @Test
  @Timeout(20)
  void stepsThatDoNotGrowAreRefusedAndDoNotHang() {
    for (double factor : new double[] {1, 0.5, Double.NaN}) {
      assertThatThrownBy(() -> TrainingPlan.spaced(10, 2, factor))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining(String.valueOf(factor));
    }
    assertThatThrownBy(() -> TrainingPlan.spaced(10, 0, 2))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("0");
  }

  @Test
  void aPlanThatDoublesIsThatOfThePaper() {
    TrainingPlan plan = TrainingPlan.doubling(400, 100);
    assertThat(plan.checkpointSteps()).containsExactly(0, 100, 200, 400);
    assertThat(plan.scoredFrom(50, 2).scoreSteps()).containsExactly(0, 50, 100, 200, 400);
    TrainingPlan longer = plan.withCosineDecay().times(4);
    assertThat(longer.steps()).isEqualTo(1600);
    assertThat(longer.checkpointSteps()).containsExactly(0, 100, 200, 400, 800, 1600);
    assertThat(longer.decay()).isEqualTo(Decay.COSINE);
    assertThat(longer.learningRate()).isEqualTo(plan.learningRate());
    assertThat(plan.times(1)).isEqualTo(plan);
  }

  /** Image i holds i, 10 i, 100 i, …, so that a mirrored one still tells which it is. */
  private static LabelledImage image(int number) {
    float[] values = new float[6];
    for (int i = 0; i < 6; i++) {
      values[i] = number * 10 + i;
    }
    Raster raster = Raster.of(values, 2, 3);
    Raster mask = Raster.zeros(2, 3);
    for (int i = 0; i < 6; i++) {
      mask.set(i, i % 2);
    }
    return new LabelledImage(raster, mask);
  }

  @Property(tries = 60)
  void everyImageComesOnceBeforeAnyComesAgain(
      @ForAll @IntRange(min = 1, max = 7) int images,
      @ForAll @IntRange(min = 1, max = 9) int batch,
      @ForAll long seed) {
    List<LabelledImage> all = new ArrayList<>();
    for (int i = 1; i <= images; i++) {
      all.add(image(i));
    }
    BatchSampler sampler = new BatchSampler(all, seed);
    BatchSampler again = new BatchSampler(all, seed);
    Map<Integer, Integer> times = new HashMap<>();
    int drawn = 0;
    while (drawn < 3 * images) {
      List<LabelledImage> some = sampler.next(batch);
      assertThat(some).hasSize(batch);
      assertThat(numbers(again.next(batch))).isEqualTo(numbers(some));
      for (LabelledImage one : some) {
        times.merge(number(one), 1, Integer::sum);
        drawn++;
        assertThat(times.getOrDefault(number(one), 0))
            .isLessThanOrEqualTo((drawn + images - 1) / images);
        assertMirroredAlike(one);
      }
    }
    assertThat(times.keySet()).hasSize(images);
  }

  private static List<Float> numbers(List<LabelledImage> some) {
    return some.stream().map(one -> one.image().get(0)).toList();
  }

  private static int number(LabelledImage one) {
    return (int) one.image().get(0) / 10;
  }

  /** Where the image's values went, the mask's went too. */
  private static void assertMirroredAlike(LabelledImage one) {
    for (int i = 0; i < one.image().size(); i++) {
      assertThat(one.mask().get(i)).isEqualTo((int) one.image().get(i) % 2);
    }
  }

  @Test
  void allFourMirrorsAreDrawn() {
    BatchSampler sampler = new BatchSampler(List.of(image(1)), 3);
    assertThat(numbers(sampler.next(60)))
        .containsOnly(10f, 12f, 13f, 15f)
        .contains(10f, 12f, 13f, 15f);
  }

  @Test
  void networksThatCannotBeBuiltAreRefused() {
    UNetDesign small = UNetDesign.small();
    assertThatThrownBy(() -> small.withWidth(0)).hasMessageContaining("unlike 0, 3 and 2");
    assertThatThrownBy(() -> small.withWidth(1025)).hasMessageContaining("1 to 1024");
    assertThatThrownBy(() -> small.withDepth(1)).hasMessageContaining("depth of 2 to 6");
    assertThatThrownBy(() -> small.withDepth(7)).isInstanceOf(PalimpsestException.class);
    assertThatThrownBy(() -> small.withDimensions(4)).hasMessageContaining("8, 3 and 4");
    assertThat(small.withDepth(2).blocks()).containsExactly("enc1", "enc2", "up1", "dec1", "out");
    assertThat(small.canHalve(20)).isTrue();
    assertThat(small.canHalve(18)).isFalse();
  }
}
