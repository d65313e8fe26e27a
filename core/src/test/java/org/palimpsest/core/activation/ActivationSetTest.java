package org.palimpsest.core.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.ActivationSource.CapturedBatch;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.LayerMatrices.MatrixBatch;

/** Sets of layers that were captured, and networks that give batches of unusual forms. */
class ActivationSetTest {

  private static final Fingerprint PROBES = Fingerprint.of(Nd4j.ones(4, 2));

  private static Activations layer(String name, long samples) {
    return new Activations(name, Nd4j.ones(samples, 3), PROBES);
  }

  private static ActivationSet set(Activations... layers) {
    return ActivationSet.of(Provenance.inMemory("net"), "net", List.of(layers));
  }

  @Test
  void layersKeepTheirOrder() {
    assertThat(set(layer("z", 4), layer("a", 4), layer("m", 4)).layers())
        .containsExactly("z", "a", "m");
  }

  @Test
  void nothingIsNoSet() {
    assertThatThrownBy(ActivationSetTest::set)
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("'net' holds no layer.");
  }

  @Test
  void aNameThatStandsTwiceIsRefused() {
    assertThatThrownBy(() -> set(layer("a", 4), layer("b", 4), layer("a", 4)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'net'", "'a' twice");
  }

  @Test
  void layersOfOtherSamplesOrProbesAreRefused() {
    Activations unknown = Activations.of("b", Nd4j.ones(4, 3));

    assertThatThrownBy(() -> set(layer("a", 4), layer("b", 5)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'a' has 4 samples", "'b' has 5");
    assertThatThrownBy(() -> set(layer("a", 4), unknown))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(PROBES.abbreviated(), "unknown");
  }

  @Test
  void aSelectionHidesTheOtherLayers() {
    ActivationSet all = set(layer("enc1", 4), layer("enc2", 4), layer("out", 4));
    ActivationSet some = all.select(LayerSelector.of("enc*"));

    assertThat(some.layers()).containsExactly("enc1", "enc2");
    assertThat(some.name()).isEqualTo("net");
    assertThat(some.probes()).isEqualTo(PROBES);
    assertThat(some.provenance()).isEqualTo(all.provenance());
    assertThat(some.get("enc2").layer()).isEqualTo("enc2");
    assertThatThrownBy(() -> some.get("out"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'out'", "2 layers");
    assertThatThrownBy(() -> all.select(LayerSelector.of("dec*")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'dec*'");
  }

  @Test
  void aVectorIsOneFeatureOfEachSample() {
    Activations vector = Activations.of("loss", Nd4j.createFromArray(new float[] {1, 2, 3}));

    assertThat(vector.values().shape()).containsExactly(3, 1);
    assertThat(vector.samples()).isEqualTo(3);
  }

  @Test
  void aScalarAndNothingAreNoActivations() {
    for (INDArray wrong : List.of(Nd4j.scalar(2.0), Nd4j.empty(DataType.FLOAT))) {
      assertThatThrownBy(() -> Activations.of("loss", wrong))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll("'loss'", "at least one sample");
    }
  }

  private static ActivationBatch batch(long from, long samples, String... layers) {
    Map<String, INDArray> tensors = new LinkedHashMap<>();
    for (String layer : layers) {
      tensors.put(layer, Nd4j.valueArrayOf(new long[] {samples, 2}, (double) from));
    }
    return new ActivationBatch(from, tensors);
  }

  private static ActivationSet captured(ActivationBatch... batches) {
    try (ActivationSource network = FakeNetwork.giving(batches)) {
      return network.capture(Probes.of(Nd4j.ones(5, 2)));
    }
  }

  @Test
  void batchesOfAnySizesAreJoined() {
    ActivationSet joined =
        captured(batch(0, 1, "a", "b"), batch(1, 3, "a", "b"), batch(4, 1, "a", "b"));

    assertThat(joined.layers()).containsExactly("a", "b");
    assertThat(joined.get("b").values().getColumn(0).toDoubleVector())
        .containsExactly(0, 1, 1, 1, 4);
  }

  @Test
  void aNetworkThatStopsEarlyIsRefused() {
    assertThatThrownBy(() -> captured(batch(0, 2, "a"), batch(2, 2, "a")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'a'", "4 rows for 5 probes");
  }

  @Test
  void aLayerThatIsMissingFromSomeBatchesIsRefused() {
    assertThatThrownBy(() -> captured(batch(0, 2, "a", "b"), batch(2, 3, "a")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'b'", "2 rows for 5 probes");
  }

  @Test
  void aNetworkThatGivesNothingIsRefused() {
    assertThatThrownBy(ActivationSetTest::captured)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'recorded' holds no layer");
  }

  @Test
  void tensorsThatAreFreedAreClosedAndViewsAreLeft() {
    INDArray own = Nd4j.ones(3, 2);
    INDArray whole = Nd4j.ones(6, 2);
    INDArray view = whole.getRow(1);
    List<CapturedBatch> batches =
        new ArrayList<>(List.of(new ActivationBatch(0, Map.of("a", own, "view", view))));
    batches.add(new MatrixBatch(0, 3, Map.of(), Map.of("b", "it holds NaN")));
    batches.forEach(CapturedBatch::free);

    assertThat(own.wasClosed()).isTrue();
    assertThat(whole.wasClosed()).isFalse();
    assertThat(batches.get(1).tensors()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"enc1.conv", "enc1/conv", "a.b.conv"})
  void twoStarsCrossDotsAndSlashes(String layer) {
    assertThat(LayerSelector.of("**conv").selects(layer)).isTrue();
    assertThat(LayerSelector.of("*conv").selects(layer)).isFalse();
    assertThat(LayerSelector.all().selects(layer)).isTrue();
  }

  @Test
  void charactersOfRegularExpressionsStandForThemselves() {
    LayerSelector selector = LayerSelector.of("conv[0].(a|b)+$");

    assertThat(selector.selects("conv[0].(a|b)+$")).isTrue();
    assertThat(selector.selects("conv0.a")).isFalse();
    assertThat(LayerSelector.of("\\Qx").selects("\\Qx")).isTrue();
    assertThat(LayerSelector.of("\\E*").selects("\\Eabc")).isTrue();
  }

  @Test
  void aSelectorTellsWhatItWasMadeOf() {
    assertThat(LayerSelector.of("enc*", "out")).hasToString("enc* out");
    assertThat(LayerSelector.all()).hasToString("**");
    assertThat(LayerSelector.of("enc*", "out").isNamed("out")).isTrue();
    assertThat(LayerSelector.of("enc*", "out").isNamed("enc1")).isFalse();
    assertThat(LayerSelector.of("enc*", "out").globs()).containsExactly("enc*", "out");
  }
}
