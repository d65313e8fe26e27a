package org.palimpsest.core.representation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.representation.FeatureMaps.Grid;

class FeatureMapsTest {

  /** Shape (2, 3, 2, 4): the value tells its own index, n.c.y.x as decimal digits. */
  private static final Activations MAPS =
      Activations.of(
          "enc1",
          Nd4j.createFromArray(numbered(2, 3, 2, 4))
              .reshape('c', 2, 3, 2, 4)
              .castTo(DataType.FLOAT));

  private static double[] numbered(int n, int c, int h, int w) {
    double[] values = new double[n * c * h * w];
    for (int i = 0; i < values.length; i++) {
      int x = i % w;
      int y = i / w % h;
      int channel = i / (w * h) % c;
      values[i] = 1000.0 * (i / (w * h * c)) + 100 * channel + 10 * y + x;
    }
    return values;
  }

  @Test
  void positionsAreSamplesInImageMajorOrderAndChannelsAreFeatures() {
    Representation r = FeatureMaps.positions().represent(MAPS);

    assertThat(r.matrix().shape()).containsExactly(16, 3);
    assertThat(r.matrix().getDouble(0, 0)).isEqualTo(0);
    assertThat(r.matrix().getDouble(0, 2)).isEqualTo(200);
    assertThat(r.matrix().getDouble(5, 1)).isEqualTo(111);
    assertThat(r.matrix().getDouble(15, 2)).isEqualTo(1213);
    assertThat(r.info().rowsPerProbe()).isEqualTo(8);
    assertThat(r.info().view()).isEqualTo("positions 2x4");
  }

  @Test
  void poolingAveragesEachChannel() {
    INDArray pooled = FeatureMaps.pool().represent(MAPS).matrix();

    assertThat(pooled.shape()).containsExactly(2, 3);
    assertThat(pooled.getDouble(1, 2)).isEqualTo(1200 + 5 + 1.5);
  }

  @Test
  void flatteningKeepsCOrder() {
    INDArray flat = FeatureMaps.flatten().represent(MAPS).matrix();

    assertThat(flat.shape()).containsExactly(2, 24);
    assertThat(flat.getDouble(1, 8 + 4 + 3)).isEqualTo(1113);
  }

  @Test
  void aCoarserGridHoldsAreaAverages() {
    INDArray halved = FeatureMaps.positions().represent(MAPS, Grid.of(1, 2)).matrix();

    assertThat(halved.shape()).containsExactly(4, 3);
    assertThat(halved.getDouble(1, 1)).isEqualTo(100 + 5 + 2.5);
  }

  @Test
  void areasThatCutAPositionCountItsShare() {
    INDArray thirds = FeatureMaps.positions().represent(MAPS, Grid.of(2, 3)).matrix();

    assertThat(thirds.getDouble(1, 0))
        .isEqualTo((0.5 * 1 + 0.5 * 2) / (4.0 / 3) * (4.0 / 3), within());
    assertThat(thirds.getDouble(0, 0)).isEqualTo((0 + 1.0 / 3) / (4.0 / 3), within());
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(1e-6);
  }

  @Test
  void drawnPositionsAreTheSameForEveryLayerOfTheGrid() {
    FeatureMaps drawn = FeatureMaps.positions().withPositionsPerProbe(3, 7);
    Activations doubled = new Activations("dec1", MAPS.values().mul(2), MAPS.probes());

    Representation one = drawn.represent(MAPS);
    Representation other = drawn.represent(doubled);

    assertThat(one.matrix().rows()).isEqualTo(6);
    assertThat(other.matrix()).isEqualTo(one.matrix().mul(2));
    assertThat(one.info().view()).isEqualTo("positions 2x4, 3 of 8 per probe, seed 7");
  }

  @Test
  void fortranOrderAndViewsGiveTheSameMatrix() {
    Activations fortran = Activations.of("enc1", MAPS.values().dup('f'));

    assertThat(FeatureMaps.positions().represent(fortran).matrix())
        .isEqualTo(FeatureMaps.positions().represent(MAPS).matrix());
  }

  @Test
  void aNaNIsNamedWithItsPlace() {
    INDArray broken = MAPS.values().dup();
    broken.putScalar(new int[] {1, 2, 0, 3}, Float.NaN);

    for (FeatureMaps maps : List.of(FeatureMaps.pool(), FeatureMaps.positions())) {
      assertThatThrownBy(() -> maps.represent(Activations.of("enc1", broken)))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("'enc1' holds NaN (probe 1, channel 2, position 3)");
    }
  }

  @Test
  void float32AndFloat64HoldTheSameNumbers() {
    Activations doubles = Activations.of("enc1", MAPS.values().castTo(DataType.DOUBLE));

    for (Grid grid : List.of(Grid.of(2, 4), Grid.of(1, 2))) {
      INDArray wide = FeatureMaps.positions().represent(doubles, grid).matrix();
      assertThat(wide.dataType()).isEqualTo(DataType.DOUBLE);
      assertThat(FeatureMaps.positions().represent(MAPS, grid).matrix().castTo(DataType.DOUBLE))
          .isEqualTo(wide);
    }
  }

  @Test
  void threeAxesNeedFlattening() {
    Activations tokens = Activations.of("attention", Nd4j.ones(2, 5, 4));

    assertThatThrownBy(() -> FeatureMaps.positions().represent(tokens))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("[2, 5, 4]")
        .hasMessageContaining("flatten");
    assertThat(FeatureMaps.flatten().represent(tokens).matrix().shape()).containsExactly(2, 20);
  }
}
