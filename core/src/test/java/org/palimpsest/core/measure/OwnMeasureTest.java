package org.palimpsest.core.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Set;
import java.util.function.ToDoubleBiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.representation.Representation;

class OwnMeasureTest {

  private static final MeasureProperties DISTANCE =
      MeasureProperties.distance("difference of sums").build();

  private final Representation a = Representation.of("a", new double[][] {{1, 2}, {3, 4}, {5, 6}});
  private final Representation b = Representation.of("b", new double[][] {{1}, {1}, {1}});

  private static Measure<?> measure(ToDoubleBiFunction<Representation, Representation> value) {
    return Measure.of("sums", DISTANCE, value);
  }

  @Test
  void comparesByItsFunction() {
    Score score = measure((x, y) -> sum(x) - sum(y)).compare(a, b);

    assertThat(score.value()).isEqualTo(18);
    assertThat(score.direction()).isEqualTo(Direction.DISTANCE);
    assertThat(score.range()).isEqualTo(Range.NON_NEGATIVE);
    assertThat(score.diagnostics().samples()).isEqualTo(3);
  }

  private static double sum(Representation layer) {
    return layer.matrix().sumNumber().doubleValue();
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY})
  void aValueOutsideItsRangeIsRefused(double value) {
    assertThatThrownBy(() -> measure((x, y) -> value).compare(a, b))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'sums'", "" + value, "'a'", "'b'", "[0, inf)");
  }

  @Test
  void aFunctionThatFailsIsNamedWithItsLayers() {
    ArithmeticException failure = new ArithmeticException("/ by zero");
    assertThatThrownBy(
            () ->
                measure(
                        (x, y) -> {
                          throw failure;
                        })
                    .compare(a, b))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'sums'", "'a'", "'b'", "/ by zero")
        .hasCause(failure);
  }

  @Test
  void whatAFunctionRefusesItselfStaysAsItSaysIt() {
    PalimpsestException refused = new PalimpsestException("Two columns are needed.");
    assertThatThrownBy(
            () ->
                measure(
                        (x, y) -> {
                          throw refused;
                        })
                    .compare(a, b))
        .isSameAs(refused);
  }

  @Test
  void aRoundingErrorOutsideItsRangeIsKept() {
    assertThat(measure((x, y) -> -1e-12).compare(a, b).value()).isEqualTo(-1e-12);
  }

  @Test
  void layersOfDifferentSamplesAreRefused() {
    Representation fewer = Representation.of("fewer", new double[][] {{1}, {2}});

    assertThatThrownBy(() -> measure((x, y) -> 0).compare(a, fewer))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'fewer' has 2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "two words", "a;b", "=1", "a\nb"})
  void aNameThatTablesCannotTellIsRefused(String name) {
    assertThatThrownBy(() -> Measure.of(name, DISTANCE, (x, y) -> 0))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("cannot be called");
  }

  @Test
  void twoMeasuresShareTheirPreparation() {
    assertThat(measure((x, y) -> 1).preparation())
        .isEqualTo(Measure.of("other", DISTANCE, (x, y) -> 2).preparation());
  }

  @Test
  void whatWasPutAsideGivesTheSameValue() throws IOException {
    assertThat(valueOfPutAside(measure((x, y) -> sum(x) - sum(y)))).isEqualTo(18);
  }

  private <P extends Prepared> double valueOfPutAside(Measure<P> measure) throws IOException {
    PreparedFormat<P> format = measure.preparation().format().orElseThrow();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    format.write(measure.preparation().prepare(a), new PreparedOutput(bytes));
    PreparedInput in =
        new PreparedInput(new ByteArrayInputStream(bytes.toByteArray()), bytes.size());
    return measure.compare(format.read(in), measure.preparation().prepare(b)).value();
  }

  @Test
  void propertiesAreWhatTheBuilderWasTold() {
    MeasureProperties properties =
        MeasureProperties.similarity("of rows")
            .range(new Range(-1, 1))
            .asymmetric()
            .noticesOnly(Set.of(Transformation.ROTATION))
            .source("this test")
            .cost("O(n)")
            .build();

    assertThat(properties.description()).isEqualTo("of rows");
    assertThat(properties.direction()).isEqualTo(Direction.SIMILARITY);
    assertThat(properties.range()).isEqualTo(new Range(-1, 1));
    assertThat(properties.symmetric()).isFalse();
    assertThat(properties.notices()).containsExactly(Transformation.ROTATION);
    assertThat(properties.ignores())
        .hasSize(Transformation.values().length - 1)
        .doesNotContain(Transformation.ROTATION);
    assertThat(properties.source()).isEqualTo("this test");
    assertThat(properties.cost()).isEqualTo("O(n)");
  }

  @Test
  void aBuilderThatGoesOnChangesNothingThatItMade() {
    MeasureProperties.Builder builder = MeasureProperties.similarity("of rows");
    MeasureProperties first = builder.build();
    builder.range(new Range(-1, 1)).asymmetric();

    assertThat(first.range()).isEqualTo(Range.UNIT);
    assertThat(first.symmetric()).isTrue();
  }

  @Test
  void aTransformationCannotBeIgnoredAndNoticed() {
    MeasureProperties.Builder builder =
        MeasureProperties.distance("of rows")
            .ignores(Transformation.ROTATION, Transformation.TRANSLATION)
            .notices(Transformation.ROTATION);

    assertThatThrownBy(builder::build)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("ROTATION");
  }
}
