package org.palimpsest.core.representation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;

class RepresentationTest {

  @Test
  void rowsOfFloat64KeepEveryDigit() {
    double[][] rows = {{1, 1 + 1e-15}, {-3, 4}, {5, 6}};
    Representation layer = Representation.of("enc1", rows);

    assertThat(layer.layer()).isEqualTo("enc1");
    assertThat(layer.samples()).isEqualTo(3);
    assertThat(layer.features()).isEqualTo(2);
    assertThat(layer.info().rowsPerProbe()).isEqualTo(1);
    assertThat(layer.matrix().dataType()).isEqualTo(DataType.DOUBLE);
    assertThat(layer.toArray()).isDeepEqualTo(rows);
  }

  @Test
  void rowsOfFloat32StayFloat32() {
    Representation layer = Representation.of(new float[][] {{0.1f, 2}, {3, 4}});

    assertThat(layer.layer()).isEqualTo("unnamed");
    assertThat(layer.matrix().dataType()).isEqualTo(DataType.FLOAT);
    assertThat(layer.toArray()).isDeepEqualTo(new double[][] {{0.1f, 2}, {3, 4}});
  }

  @Test
  void theRowsAreCopied() {
    double[][] rows = {{1, 2}, {3, 4}};
    Representation layer = Representation.of(rows);
    rows[0][0] = 99;
    layer.toArray()[0][0] = 77;

    assertThat(layer.toArray()[0][0]).isEqualTo(1);
  }

  @Test
  void aMatrixInAnyOrderBecomesRows() {
    assertThat(
            Representation.of("t", Nd4j.createFromArray(new int[][] {{1, 2}, {3, 4}}).transpose())
                .toArray())
        .isDeepEqualTo(new double[][] {{1, 3}, {2, 4}});
  }

  @Test
  void rowsOfDifferentLengthsAreRefused() {
    assertThatThrownBy(() -> Representation.of("enc1", new double[][] {{1, 2}, {3, 4}, {5}}))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("Row 2", "'enc1'", "1 features", "has 2");
  }

  @Test
  void nothingIsRefused() {
    assertThatThrownBy(() -> Representation.of("enc1", new double[0][]))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'enc1'", "0 rows");
    assertThatThrownBy(() -> Representation.of("enc1", new float[3][0]))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'enc1'", "3 rows");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void aValueThatIsNotFiniteIsRefused(double value) {
    assertThatThrownBy(() -> Representation.of("enc1", new double[][] {{1, 2}, {3, value}}))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'enc1'", "" + value, "probe 1");
  }

  @Test
  void aValueWhoseSquareWouldLeaveFloat64IsRefused() {
    Representation.of("enc1", new double[][] {{1, 2}, {3, -1e150}});
    assertThatThrownBy(() -> Representation.of("enc1", new double[][] {{1, 2}, {3, -2e150}}))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'enc1'", "-2.0E150", "probe 1", "Scale the layer down");
  }

  @Test
  void anArrayThatIsNoMatrixIsRefused() {
    assertThatThrownBy(() -> Representation.of("enc1", Nd4j.zeros(2, 3, 4)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'enc1'", "[2, 3, 4]");
  }
}
