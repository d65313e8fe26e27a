package org.palimpsest.similarity.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;

class OutputMeasuresTest {

  private static final Representation MASK = layer(new double[][] {{2}, {-1}, {0.5}, {-3}, {1}});
  private static final Representation OTHER = layer(new double[][] {{1}, {4}, {-2}, {-1}, {9}});

  @Test
  void diceOfMasksIsTwiceTheCommonForegroundOverBoth() {
    assertThat(Predictions.dice().compare(MASK, OTHER).value())
        .isCloseTo(2 * 2 / 6.0, within(1e-15));
  }

  @Test
  void disagreementIsTheShareOfDifferentAnswers() {
    assertThat(Predictions.disagreement().compare(MASK, OTHER).value())
        .isCloseTo(2 / 5.0, within(1e-15));
  }

  @Test
  void oneLogitIsTwoClassesOfWhichTheFirstHasLogitZero() {
    Representation two = layer(new double[][] {{0, 2}, {0, -1}, {3, 3.5}, {0, -3}, {-1, 0}});

    assertThat(Predictions.jensenShannon().compare(MASK, two).value()).isCloseTo(0, within(1e-15));
    assertThat(Predictions.dice().compare(two, OTHER).value())
        .isCloseTo(2 * 2 / 6.0, within(1e-15));
  }

  @Test
  void diceOfClassesIsTheMeanOverForegroundClassesThatOccur() {
    Representation a =
        layer(new double[][] {{9, 0, 0, 0}, {0, 9, 0, 0}, {0, 9, 0, 0}, {0, 0, 9, 0}});
    Representation b =
        layer(new double[][] {{9, 0, 0, 0}, {0, 9, 0, 0}, {0, 0, 9, 0}, {9, 0, 0, 0}});

    // Class 1: 2·1/(2 + 1); class 2: 2·0/(1 + 1); class 3 occurs nowhere.
    assertThat(Predictions.dice().compare(a, b).value())
        .isCloseTo((2 / 3.0 + 0) / 2, within(1e-15));
  }

  @Test
  void noForegroundAnywhereIsAgreementWithAWarning() {
    Representation empty = layer(new double[][] {{-2}, {-1}, {0}});
    Score score = Predictions.dice().compare(empty, empty);

    assertThat(score.value()).isEqualTo(1);
    assertThat(score.diagnostics().warnings()).singleElement().asString().contains("foreground");
  }

  @Test
  void divergenceOfCertaintiesThatContradictIsOneBit() {
    Representation yes = layer(new double[][] {{800}, {800}});
    Representation no = layer(new double[][] {{-800}, {-800}});

    assertThat(Predictions.jensenShannon().compare(yes, no).value()).isCloseTo(1, within(1e-12));
  }

  @Test
  void divergenceIsThatOfItsDefinition() {
    Measure<Prepared> measure = Predictions.jensenShannon(Predictions.Scale.PROBABILITIES);
    Representation p = layer(new double[][] {{0.5, 0.5}});
    Representation q = layer(new double[][] {{1.0, 0.0}});
    double expected = (0.5 * Math.log(0.5 / 0.75) + 0.5 * Math.log(2) + Math.log(1 / 0.75)) / 2;

    assertThat(measure.compare(p, q).value()).isCloseTo(expected / Math.log(2), within(1e-14));
    assertThat(measure.compare(layer(new double[][] {{0.5}}), layer(new double[][] {{0}})).value())
        .isCloseTo(expected / Math.log(2), within(1e-14));
  }

  @Test
  void logitsGivenAsProbabilitiesAreNamed() {
    assertThatThrownBy(
            () -> Predictions.disagreement(Predictions.Scale.PROBABILITIES).compare(MASK, OTHER))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("the value 2.0 in sample 0, which is no probability");
    Representation unequal = layer(new double[][] {{0.5, 0.5}, {0.9, 0.3}});
    assertThatThrownBy(
            () ->
                Predictions.disagreement(Predictions.Scale.PROBABILITIES).compare(unequal, unequal))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("sum to 1.2")
        .hasMessageContaining("sample 1");
  }

  @Test
  void differentClassesAreNamed() {
    Representation three = layer(new double[5][3]);

    assertThatThrownBy(() -> Predictions.disagreement().compare(MASK, three))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("(1 columns) predicts 2 classes")
        .hasMessageContaining("(3 columns) predicts 3");
  }

  private static Representation layer(double[][] rows) {
    return Representation.of("out", Nd4j.createFromArray(rows));
  }
}
