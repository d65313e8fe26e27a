package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.ToDoubleBiFunction;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.representation.Representation;

/** What a plug-in's measure does wrong is told as the plug-in's. */
class PluginMeasureTest {

  private static final Representation LAYER = Representation.of(new double[][] {{1}, {2}, {4}});

  private static Measure<?> named(
      String name, ToDoubleBiFunction<Representation, Representation> value) {
    return Measure.of(name, MeasureProperties.similarity("Something.").build(), value);
  }

  @Test
  void aMeasureIsHeldToTheNameOfItsEntry() {
    MeasureEntry entry =
        MeasureEntry.of("mine", () -> named("linear_cka", (x, y) -> 0.5)).ofPlugin("example.Mine");
    assertThatThrownBy(entry::example)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("example.Mine", "'mine'", "'linear_cka'");
    assertThat(
            MeasureEntry.parsing("mine", "", text -> named("mine:" + text, (x, y) -> 0.5))
                .ofPlugin("example.Mine")
                .measure("3")
                .name())
        .isEqualTo("mine:3");
  }

  @Test
  void whatAMeasureThrowsNamesTheMeasure() {
    Measure<?> measure =
        MeasureEntry.of(
                "mine",
                () ->
                    named(
                        "mine",
                        (x, y) -> {
                          throw new IllegalStateException("in score");
                        }))
            .ofPlugin("example.Mine")
            .example();
    assertThatThrownBy(() -> measure.compare(LAYER, LAYER))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("the measure 'mine'", "in score");
  }

  @Test
  void aMeasureThatIsNoneNamesThePlugin() {
    MeasureEntry entry = MeasureEntry.of("mine", () -> null).ofPlugin("example.Mine");
    assertThatThrownBy(entry::example)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("example.Mine", "null");
  }

  @Test
  void anEmptyNameIsRefused() {
    MeasureEntry entry = MeasureEntry.of(" ", () -> named("x", (x, y) -> 0.5));
    assertThatThrownBy(() -> entry.ofPlugin("example.Mine"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("example.Mine");
  }
}
