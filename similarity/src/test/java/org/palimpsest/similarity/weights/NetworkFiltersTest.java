package org.palimpsest.similarity.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.palimpsest.similarity.weights.TestNetworks.network;
import static org.palimpsest.similarity.weights.TestNetworks.numbered;
import static org.palimpsest.similarity.weights.TestNetworks.tensor;
import static org.palimpsest.similarity.weights.TestNetworks.unknown;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.similarity.weights.NetworkFilters.LeftOut;

class NetworkFiltersTest {

  private static final NetworkFilters NETWORK =
      NetworkFilters.of(
          network(
              "unet",
              unknown("enc1.conv.weight", 4, 1, 3, 3),
              unknown("enc1.conv.bias", 4),
              unknown("enc1.bn.weight", 4),
              unknown("enc1.bn.bias", 4),
              unknown("enc1.bn.running_mean", 4),
              unknown("enc1.bn.running_var", 4),
              tensor("enc1.bn.num_batches_tracked", LayerKind.UNKNOWN, Nd4j.scalar(7L)),
              unknown("norm.weight", 4),
              unknown("norm.bias", 4),
              unknown("lstm.weight_ih", 8, 4),
              tensor("told.gamma", LayerKind.NORMALISATION, numbered(4)),
              tensor("table.weight", LayerKind.OTHER, numbered(9, 4)),
              tensor("odd.weight", LayerKind.LINEAR, numbered(2, 3, 4))));

  @Test
  void onlyWeightsOfConvolutionsAndLinearLayersAreFilters() {
    assertThat(NETWORK.layouts())
        .extracting(FilterBank.Layout::layer)
        .containsExactly("enc1.conv", "lstm.weight_ih");
    assertThat(NETWORK.banks().mapToInt(FilterBank::filters)).containsExactly(4, 8);
  }

  @Test
  void filtersThatDl4jCallsWAreTheirLayers() {
    NetworkFilters ofDl4j =
        NetworkFilters.of(
            network(
                "dl4j",
                tensor("enc.W", LayerKind.CONVOLUTION, numbered(4, 2, 3, 3)),
                tensor("enc.b", LayerKind.CONVOLUTION, numbered(4))));

    assertThat(ofDl4j.layouts()).extracting(FilterBank.Layout::layer).containsExactly("enc");
    assertThat(ofDl4j.biases()).extracting(WeightTensor::name).containsExactly("enc.b");
  }

  @Test
  void normalisationIsKeptApart() {
    assertThat(NETWORK.normalisation())
        .extracting(WeightTensor::name)
        .containsExactly(
            "enc1.bn.weight",
            "enc1.bn.bias",
            "enc1.bn.running_mean",
            "enc1.bn.running_var",
            "norm.weight",
            "norm.bias",
            "told.gamma");
    assertThat(NETWORK.biases()).extracting(WeightTensor::name).containsExactly("enc1.conv.bias");
  }

  @Test
  void whatIsNeitherIsListedWithTheReason() {
    assertThat(NETWORK.leftOut())
        .extracting(LeftOut::name)
        .containsExactly("enc1.bn.num_batches_tracked", "table.weight", "odd.weight");
    assertThat(NETWORK.leftOut().get(2).reason()).contains("[2, 3, 4]");
  }

  @Test
  void anUnknownLayerIsAnsweredWithTheNearest() {
    assertThatThrownBy(() -> NETWORK.bank("enc1.con"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'enc1.con'")
        .hasMessageContaining("enc1.conv");
  }
}
