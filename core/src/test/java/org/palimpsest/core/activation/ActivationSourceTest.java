package org.palimpsest.core.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Probes;

class ActivationSourceTest {

  private static final Probes PROBES = Probes.of(Nd4j.rand(5, 3));

  private static ActivationSource oneLayer(BiFunction<Long, INDArray, INDArray> layer) {
    return FakeNetwork.computing((from, batch) -> Map.of("fc", layer.apply(from, batch)));
  }

  @Test
  void batchesAreJoinedInOrderAndCarryTheFingerprint() {
    try (ActivationSource network = oneLayer((from, batch) -> batch.mul(2))) {
      ActivationSet captured = network.capture(PROBES);

      assertThat(captured.layers()).containsExactly("fc");
      assertThat(captured.get("fc").values()).isEqualTo(PROBES.batch(0, 5).mul(2));
      assertThat(captured.probes()).isEqualTo(PROBES.fingerprint());
    }
  }

  @Test
  void aLayerThatChangesItsShapeBetweenBatchesIsRefused() {
    try (ActivationSource network =
        oneLayer((from, batch) -> from == 0 ? batch : Nd4j.ones(batch.size(0), 7))) {
      assertThatThrownBy(() -> network.capture(PROBES, LayerSelector.all()))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("'fc'")
          .hasMessageContaining("[2, 7]");
    }
  }

  @Test
  void aLayerWhoseFirstAxisIsNotTheSamplesIsRefused() {
    try (ActivationSource network = oneLayer((from, batch) -> Nd4j.ones(4, 7))) {
      assertThatThrownBy(() -> network.capture(PROBES, LayerSelector.all()))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("12 rows for 5 probes");
    }
  }

  @Test
  void anUnknownLayerOfASetListsTheNearest() {
    try (ActivationSource network = oneLayer((from, batch) -> batch)) {
      ActivationSet captured = network.capture(PROBES, LayerSelector.all());

      assertThatThrownBy(() -> captured.get("fd"))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("'fd'")
          .hasMessageContaining("fc");
    }
  }
}
