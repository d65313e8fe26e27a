package org.palimpsest.similarity.internal.intervals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.Data;

class EffectiveImagesTest {

  private static final Representation.Info INFO =
      Data.representation("enc1", Data.normal(8, 2, 1)).info();

  private static double count(double... weights) {
    return EffectiveImages.of(INFO, weights, weights).count();
  }

  @Test
  void imagesOfEqualSpreadCountEach() {
    assertThat(count(3, 3, 3, 3, 3, 3, 3, 3)).isCloseTo(8, within(1e-12));
    assertThat(count(0, 0, 0, 0, 0, 0, 0, 5)).isCloseTo(1, within(1e-12));
    assertThat(count(1, 1, 0, 0, 0, 0, 0, 0)).isCloseTo(2, within(1e-12));
  }

  @Property(tries = 200)
  void theyAreBetweenOneAndAllWhateverTheUnit(
      @ForAll @Size(8) List<@DoubleRange(min = 0, max = 100) Double> some,
      @ForAll @DoubleRange(min = 0.01, max = 1000) double unit) {
    double[] weights = some.stream().mapToDouble(w -> w).toArray();
    double[] scaled = Arrays.stream(weights).map(w -> unit * w).toArray();
    assertThat(count(weights)).isBetween(1 - 1e-9, 8 + 1e-9);
    assertThat(count(scaled)).isCloseTo(count(weights), within(1e-9));
  }

  @Test
  void weightsWhoseSquaresOverflowCountAsOthersDo() {
    assertThat(count(1e300, 1e300, 0, 0, 0, 0, 0, 0)).isCloseTo(2, within(1e-12));
    assertThat(count(0, 0, 0, 0, 0, 0, 0, 0)).isEqualTo(8);
  }

  @Test
  void theReasonNamesTheLayerAndItsLargestImage() {
    double[] weights = {1, 1, 1, 1000, 1, 1, 1, 1};
    EffectiveImages few = EffectiveImages.of(INFO, weights, weights);
    EffectiveImages all = EffectiveImages.all(INFO, new double[] {1, 2, 3, 4, 5, 6, 7, 8});
    assertThat(EffectiveImages.tooFew(all, few, 1.6).orElseThrow())
        .contains("Layer 'enc1'", "8 images: they are worth 1.0", "Image 3 alone has 99 %");
    assertThat(EffectiveImages.tooFew(all, all, 1.6)).isEmpty();
  }
}
