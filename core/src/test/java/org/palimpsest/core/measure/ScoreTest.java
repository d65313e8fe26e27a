package org.palimpsest.core.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.representation.FeatureMaps;

/** What a score carries, and what it refuses to carry. */
class ScoreTest {

  private static final MeasureProperties COSINE =
      MeasureProperties.similarity("The mean cosine.").range(new Range(-1, 1)).build();

  private static final Score PLAIN = Score.of(0.25, COSINE, Diagnostics.of(8).withRanks(3, 2));

  private static Interval.Known interval(double low, double high, OptionalDouble unrelated) {
    return new Interval.Known(
        0.25, OptionalDouble.empty(), low, high, 0.95, Interval.Method.BOOTSTRAP, 8, unrelated);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void aValueThatIsNotFiniteIsNoScore(double value) {
    assertThatThrownBy(() -> Score.of(value, COSINE, Diagnostics.of(8)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("[-1, 1]", String.valueOf(value));
  }

  @Test
  void directionAndRangeAreThoseOfTheMeasure() {
    assertThat(PLAIN.direction()).isEqualTo(Direction.SIMILARITY);
    assertThat(PLAIN.range()).isEqualTo(new Range(-1, 1));
    assertThat(PLAIN.interval()).isEmpty();
  }

  @Test
  void warningsAreAddedInOrderAndNothingElseChanges() {
    Score warned = PLAIN.withWarning("First.").withWarning("Second.");

    assertThat(warned.diagnostics().warnings()).containsExactly("First.", "Second.");
    assertThat(warned.diagnostics().rankA()).isEqualTo(3);
    assertThat(warned.diagnostics().rankB()).isEqualTo(2);
    assertThat(warned.diagnostics().samples()).isEqualTo(8);
    assertThat(warned.value()).isEqualTo(0.25);
    assertThat(PLAIN.diagnostics().warnings()).isEmpty();
  }

  @Test
  void anIntervalOutlivesAWarningThatComesLater() {
    Interval known = interval(0.1, 0.4, OptionalDouble.empty());

    assertThat(PLAIN.withInterval(known).withWarning("Few samples.").interval()).contains(known);
  }

  @Test
  void warningsCannotBeChangedThroughTheListThatWasGiven() {
    List<String> given = new ArrayList<>(List.of("One."));
    Diagnostics diagnostics = new Diagnostics(4, -1, -1, given);
    given.add("Two.");

    assertThat(diagnostics.warnings()).containsExactly("One.");
  }

  @Test
  void aRankOfZeroIsARank() {
    assertThat(Diagnostics.of(4).hasRanks()).isFalse();
    assertThat(Diagnostics.of(4).withRanks(0, 0).hasRanks()).isTrue();
    assertThat(Diagnostics.of(4).withRanks(2, 1).withWarning("w").hasRanks()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 0.2", // ends out of order
    "NaN, 0.2",
    "0.2, NaN"
  })
  void anIntervalWhoseEndsAreNoIntervalIsRefused(double low, double high) {
    assertThatThrownBy(() -> interval(low, high, OptionalDouble.empty()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("No interval", "8 units");
  }

  @ParameterizedTest
  @CsvSource({"-0.1, 0.4, 0, true", "0, 0.4, 0, true", "0.1, 0.4, 0, false", "0, 0, 0, true"})
  void unrelatedLayersAreHeldEndsIncluded(
      double low, double high, double unrelated, boolean holds) {
    assertThat(interval(low, high, OptionalDouble.of(unrelated)).holdsUnrelated()).isEqualTo(holds);
  }

  @Test
  void whereUnrelatedLayersHaveNoKnownValueNothingIsHeld() {
    Interval.Known known = interval(-1, 1, OptionalDouble.empty());

    assertThat(known.holdsUnrelated()).isFalse();
    assertThat(known.holds(-1)).isTrue();
    assertThat(known.holds(1.0000001)).isFalse();
    assertThat(known.width()).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(Interval.Method.class)
  void aMethodIsFoundByItsLabel(Interval.Method method) {
    assertThat(Interval.Method.labelled(method.label())).contains(method);
  }

  @Test
  void anUnknownLabelIsNoMethod() {
    assertThat(Interval.Method.labelled("jackknife")).isEmpty();
    assertThat(Interval.Method.labelled("")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, '[0, 1]'",
    "0, Infinity, '[0, inf)'",
    "-Infinity, Infinity, '(-inf, inf)'",
    "-1, 0.5, '[-1, 0.5000]'",
    "0, 3.141592653589793, '[0, 3.142]'",
    "-1e300, 4294967296, '[-1.000e+300, 4294967296]'"
  })
  void aRangeIsWrittenWithOpenInfiniteEnds(double low, double high, String words) {
    assertThat(new Range(low, high)).hasToString(words);
  }

  @ParameterizedTest
  @ValueSource(strings = {"de-DE", "ar-EG"})
  void wordsOfTablesAreTheSameInEveryLocale(String language) {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag(language));
      assertThat("%d %.1f".formatted(5, 0.5)).isNotEqualTo("5 0.5");
      assertThat(new Range(-1, 0.5)).hasToString("[-1, 0.5000]");
      FeatureMaps drawn = FeatureMaps.positions().withPositionsPerProbe(3, 7);
      assertThat(drawn.describe()).endsWith("3 of each probe drawn with seed 7");
      Activations layer = Activations.of("a", Nd4j.zeros(2, 1, 2, 4));
      assertThat(drawn.represent(layer).info().view())
          .isEqualTo("positions 2x4, 3 of 8 per probe, seed 7");
    } finally {
      Locale.setDefault(before);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, true", "1, true", "1.001, false", "-0.001, false", "NaN, false"})
  void aRangeHoldsItsEndsAndNothingThatIsNoNumber(double value, boolean holds) {
    assertThat(Range.UNIT.contains(value, 0)).isEqualTo(holds);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "NaN, 1", "0, NaN"})
  void aRangeWithoutValuesIsRefused(double low, double high) {
    assertThatThrownBy(() -> new Range(low, high))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(String.valueOf(low), String.valueOf(high));
  }

  @Test
  void whatIsNoticedAndWhatIsIgnoredShareOutAllTransformations() {
    MeasureProperties only =
        MeasureProperties.distance("d")
            .noticesOnly(List.of(Transformation.ROTATION, Transformation.TRANSLATION))
            .build();
    List<Transformation> all = new ArrayList<>(only.ignores());
    all.addAll(only.notices());

    assertThat(only.notices())
        .containsExactlyInAnyOrder(Transformation.ROTATION, Transformation.TRANSLATION);
    assertThat(all).containsExactlyInAnyOrder(Transformation.values());
  }

  @Test
  void propertiesSayTheLeastWhereNothingIsSaid() {
    MeasureProperties similarity = MeasureProperties.similarity("s").build();
    MeasureProperties distance = MeasureProperties.of(Direction.DISTANCE, "d").build();

    assertThat(similarity.range()).isEqualTo(Range.UNIT);
    assertThat(distance.range()).isEqualTo(Range.NON_NEGATIVE);
    assertThat(List.of(similarity, distance)).allMatch(MeasureProperties::symmetric);
    assertThat(similarity.ignores()).isEmpty();
    assertThat(similarity.notices()).isEmpty();
    assertThat(similarity.source() + similarity.cost()).isEmpty();
    assertThat(distance).hasToString("d (DISTANCE in [0, inf))");
  }
}
