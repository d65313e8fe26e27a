package org.palimpsest.similarity.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.palimpsest.similarity.weights.TestNetworks.network;
import static org.palimpsest.similarity.weights.TestNetworks.numbered;
import static org.palimpsest.similarity.weights.TestNetworks.tensor;
import static org.palimpsest.similarity.weights.TestNetworks.unknown;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.similarity.weights.NetworkFilters.LeftOut;

/** State dicts of PyTorch, which name tensors and tell no kinds: what each is taken for. */
class SortedTensorsTest {

  private static long[] shape(String text) {
    return Arrays.stream(text.split("x")).mapToLong(Long::parseLong).toArray();
  }

  /**
   * The shapes that PyTorch gives the weights of these layers. With as many outputs as inputs, or
   * without a bias, a transposed convolution looks as any other.
   */
  @ParameterizedTest
  @CsvSource({
    // Conv2d(3, 8, 3), Conv2d(8, 3, 1), Conv3d(1, 4, 3), Conv1d(2, 6, 5), Conv2d(8, 8, 3, groups=8)
    "8x3x3x3, 8, CONVOLUTION, 8, 3, 1, false",
    "3x8x1x1, 3, CONVOLUTION, 3, 8, 1, false",
    "4x1x3x3x3, 4, CONVOLUTION, 4, 1, 1, false",
    "6x2x5, 6, CONVOLUTION, 6, 2, 1, false",
    "8x1x3x3, 8, CONVOLUTION, 8, 1, 1, false",
    // ConvTranspose2d(16, 8, 2), (8, 16, 2), ConvTranspose3d(4, 2, 2), (8, 12, 2, groups=4)
    "16x8x2x2, 8, TRANSPOSED_CONVOLUTION, 8, 16, 1, false",
    "8x16x2x2, 16, TRANSPOSED_CONVOLUTION, 16, 8, 1, false",
    "4x2x2x2x2, 2, TRANSPOSED_CONVOLUTION, 2, 4, 1, false",
    "8x3x2x2, 12, TRANSPOSED_CONVOLUTION, 12, 2, 4, false",
    // no telling: both axes fit, or nothing to tell by
    "8x8x3x3, 8, CONVOLUTION, 8, 8, 1, true",
    "16x8x2x2, , CONVOLUTION, 16, 8, 1, true",
    // Linear(6, 4)
    "4x6, 4, LINEAR, 4, 6, 1, false",
    "4x6, , LINEAR, 4, 6, 1, false"
  })
  void layersOfUnknownKindAreToldByTheirShapes(
      String weight,
      Integer bias,
      LayerKind kind,
      int filters,
      int inputs,
      int groups,
      boolean noted) {
    List<WeightTensor> tensors =
        bias == null
            ? List.of(unknown("up.weight", shape(weight)))
            : List.of(unknown("up.weight", shape(weight)), unknown("up.bias", bias));
    FilterBank.Layout layout =
        NetworkFilters.of(network("net", tensors)).layout("up").orElseThrow();
    assertThat(layout.kind()).isEqualTo(kind);
    assertThat(layout.filters()).isEqualTo(filters);
    assertThat(layout.inputChannels()).isEqualTo(inputs);
    assertThat(layout.groups()).isEqualTo(groups);
    assertThat(layout.notes()).hasSize(noted ? 1 : 0);
  }

  /** LayerNorm of several axes, whose weight and bias have one shape, and a plain LayerNorm. */
  @Test
  void layerNormalisationIsNoLayerOfFilters() {
    NetworkFilters sorted =
        NetworkFilters.of(
            network(
                "net",
                unknown("norm.weight", 4, 5),
                unknown("norm.bias", 4, 5),
                unknown("plain.weight", 6),
                unknown("plain.bias", 6),
                unknown("fc.weight", 3, 6)));
    assertThat(sorted.layouts()).extracting(FilterBank.Layout::layer).containsExactly("fc");
    assertThat(sorted.normalisation())
        .extracting(WeightTensor::name)
        .containsExactly("norm.weight", "norm.bias", "plain.weight", "plain.bias");
    assertThat(sorted.biases()).isEmpty();
  }

  @Test
  void attentionAndRecurrentWeightsKeepTheirWholeNames() {
    NetworkFilters sorted =
        NetworkFilters.of(
            network(
                "net",
                unknown("attn.in_proj_weight", 12, 4),
                unknown("attn.in_proj_bias", 12),
                unknown("attn.out_proj.weight", 4, 4),
                unknown("attn.out_proj.bias", 4),
                unknown("rnn.weight_ih_l0", 8, 3),
                unknown("rnn.weight_hh_l0", 8, 2),
                unknown("rnn.bias_ih_l0", 8)));
    assertThat(sorted.layouts())
        .extracting(FilterBank.Layout::layer)
        .containsExactly(
            "attn.in_proj_weight", "attn.out_proj", "rnn.weight_ih_l0", "rnn.weight_hh_l0");
    assertThat(sorted.biases())
        .extracting(WeightTensor::name)
        .containsExactly("attn.in_proj_bias", "attn.out_proj.bias", "rnn.bias_ih_l0");
  }

  @Test
  void aSharedTensorIsToldOnce() {
    INDArray shared = numbered(4, 3);
    NetworkFilters sorted =
        NetworkFilters.of(
            network(
                "net",
                tensor("in.weight", LayerKind.UNKNOWN, shared),
                tensor("out.weight", LayerKind.UNKNOWN, shared)));
    assertThat(sorted.layouts()).extracting(FilterBank.Layout::layer).containsExactly("in");
    assertThat(sorted.leftOut())
        .containsExactly(
            new LeftOut("out.weight", "It is the same tensor as 'in.weight', which is told."));
    assertThat(sorted.leavesOut("out")).isTrue();
    assertThat(sorted.leavesOut("in")).isFalse();
  }

  /** Of a tensor at the top of a file, which no module owns. */
  @Test
  void weightsWithoutAModuleAreLayersOfTheirOwnNames() {
    NetworkFilters sorted =
        NetworkFilters.of(network("net", unknown("weight", 8, 4, 2, 2), unknown("bias", 4)));
    assertThat(sorted.layouts()).extracting(FilterBank.Layout::layer).containsExactly("weight");
    assertThat(sorted.layout("weight").orElseThrow().kind())
        .isEqualTo(LayerKind.TRANSPOSED_CONVOLUTION);
    assertThat(sorted.biases()).extracting(WeightTensor::name).containsExactly("bias");
  }

  @Test
  void whatIsOfNoUseIsListedWithAReason() {
    NetworkFilters sorted =
        NetworkFilters.of(
            network(
                "net",
                unknown("fc.weight", 2, 3),
                tensor("step", LayerKind.UNKNOWN, Nd4j.scalar(DataType.DOUBLE, 5)),
                tensor("conv.weight", LayerKind.CONVOLUTION, numbered(2, 3)),
                tensor("table.weight", LayerKind.OTHER, numbered(5, 2))));
    assertThat(sorted.leftOut())
        .extracting(LeftOut::name)
        .containsExactly("step", "conv.weight", "table.weight");
    assertThat(sorted.leftOut().get(0).reason()).contains("single number");
    assertThat(sorted.leftOut().get(1).reason()).contains("CONVOLUTION", "[2, 3]");
    assertThat(sorted.arrays()).extracting(WeightTensor::name).containsExactly("table.weight");
  }
}
