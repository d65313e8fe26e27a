package org.palimpsest.similarity.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.palimpsest.similarity.weights.TestNetworks.network;
import static org.palimpsest.similarity.weights.TestNetworks.numbered;
import static org.palimpsest.similarity.weights.TestNetworks.unknown;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

class FilterBankTest {

  @Test
  void aConvolutionsFirstAxisIsItsFilters() {
    FilterBank bank = FilterBank.of("enc1", LayerKind.CONVOLUTION, numbered(3, 2, 2, 4));

    assertThat(bank.filters()).isEqualTo(3);
    assertThat(bank.weightsPerFilter()).isEqualTo(16);
    assertThat(bank.layout().inputChannels()).isEqualTo(2);
    assertThat(bank.layout().kernel()).containsExactly(2, 4);
    assertThat(bank.get(2, 8 + 4 + 3)).isEqualTo(2113);
  }

  @Test
  void aTransposedConvolutionsSecondAxisIsItsFilters() {
    FilterBank bank = FilterBank.of("up1", LayerKind.TRANSPOSED_CONVOLUTION, numbered(3, 2, 2, 4));

    assertThat(bank.filters()).isEqualTo(2);
    assertThat(bank.layout().inputChannels()).isEqualTo(3);
    assertThat(bank.get(1, 2 * 8 + 4 + 3)).isEqualTo(2113);
    assertThat(bank.filter(0)).startsWith(0, 1, 2, 3, 10, 11, 12, 13, 1000);
  }

  @Test
  void threeDimensionalKernelsAreTaken() {
    FilterBank plain = FilterBank.of("a", LayerKind.CONVOLUTION, numbered(3, 2, 2, 2, 3));
    FilterBank up = FilterBank.of("b", LayerKind.TRANSPOSED_CONVOLUTION, numbered(3, 2, 2, 2, 3));

    assertThat(plain.get(2, 12 + 6 + 3 + 2)).isEqualTo(21112);
    assertThat(up.get(1, 2 * 12 + 6 + 3 + 2)).isEqualTo(21112);
    assertThat(up.layout().kernelSize()).isEqualTo(12);
  }

  @Test
  void aGroupedTransposedConvolutionHasAsManyFiltersAsBiases() {
    NetworkFilters network =
        NetworkFilters.of(network("n", unknown("up.weight", 6, 2, 2, 2), unknown("up.bias", 4)));

    FilterBank bank = network.bank("up");

    assertThat(bank.filters()).isEqualTo(4);
    assertThat(bank.layout().inputChannels()).isEqualTo(3);
    assertThat(bank.filter(3))
        .containsExactly(3100, 3101, 3110, 3111, 4100, 4101, 4110, 4111, 5100, 5101, 5110, 5111);
  }

  @Test
  void orderAndTypeOfTheTensorDoNotMatter() {
    INDArray weights = numbered(3, 2, 2, 4);

    assertThat(FilterBank.of("a", LayerKind.CONVOLUTION, weights.dup('f')).toArray())
        .containsExactly(FilterBank.of("a", LayerKind.CONVOLUTION, weights).toArray());
    assertThat(FilterBank.of("a", LayerKind.CONVOLUTION, weights.castTo(DataType.FLOAT)).toArray())
        .containsExactly(FilterBank.of("a", LayerKind.CONVOLUTION, weights).toArray());
  }

  @ParameterizedTest
  @MethodSource("org.palimpsest.similarity.weights.GoldenWeights#all")
  void rowsAgreeWithNumPy(GoldenWeights golden) {
    assertThat(golden.bank("before").toArray())
        .containsExactly(GoldenWeights.numbers(golden.node().get("rows_of_before")));
  }

  @Test
  void theBiasTellsATransposedConvolution() {
    NetworkFilters filters =
        NetworkFilters.of(
            network(
                "n",
                unknown("conv.weight", 4, 2, 3, 3),
                unknown("conv.bias", 4),
                unknown("up.weight", 4, 2, 3, 3),
                unknown("up.bias", 2),
                unknown("square.weight", 4, 4, 3, 3),
                unknown("square.bias", 4),
                unknown("bare.weight", 4, 2, 3, 3),
                unknown("fc.weight", 5, 4)));

    assertThat(filters.layouts())
        .extracting(FilterBank.Layout::kind)
        .containsExactly(
            LayerKind.CONVOLUTION,
            LayerKind.TRANSPOSED_CONVOLUTION,
            LayerKind.CONVOLUTION,
            LayerKind.CONVOLUTION,
            LayerKind.LINEAR);
    assertThat(filters.layout("up").orElseThrow().notes()).isEmpty();
    assertThat(filters.layout("square").orElseThrow().notes().get(0))
        .contains("bias of length 4 fits [4, 4, 3, 3]");
    assertThat(filters.layout("bare").orElseThrow().notes().get(0)).contains("no bias to tell by");
  }

  @Test
  void fanInIsCountedAsPyTorchDoes() {
    assertThat(
            FilterBank.of("a", LayerKind.CONVOLUTION, numbered(3, 2, 2, 4)).layout().pytorchFanIn())
        .isEqualTo(16);
    assertThat(
            FilterBank.of("a", LayerKind.TRANSPOSED_CONVOLUTION, numbered(3, 2, 2, 4))
                .layout()
                .pytorchFanIn())
        .isEqualTo(16);
  }

  @Test
  void aNaNIsNamedWithItsLayerAndPlace() {
    INDArray broken = numbered(3, 2, 2, 2);
    broken.putScalar(new int[] {2, 1, 0, 1}, Double.NaN);

    assertThatThrownBy(() -> FilterBank.of("enc1", LayerKind.CONVOLUTION, broken))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'enc1' holds NaN (filter 2, weight 5 of 8)");
  }

  @Test
  void aShapeThatDoesNotFitTheKindIsRefused() {
    assertThatThrownBy(() -> FilterBank.of("fc", LayerKind.LINEAR, numbered(3, 2, 2)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'fc'")
        .hasMessageContaining("[3, 2, 2]");
    assertThatThrownBy(() -> FilterBank.of("bn", LayerKind.NORMALISATION, numbered(3, 2)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("no filters");
    assertThatThrownBy(() -> FilterBank.ofRows("a", 2, List.of(3), 1, 2, 3, 4))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("4 values do not make 2 filters");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void aFilterThatIsNotThereIsNoZeros(int wrong) {
    FilterBank bank = FilterBank.ofRows("enc1", 3, List.of(2), 1, 2, 3, 4, 5, 6);

    assertThat(bank.filter(2)).containsExactly(5, 6);
    assertThatThrownBy(() -> bank.filter(wrong))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'enc1'", "0 to 2", String.valueOf(wrong));
    assertThatThrownBy(() -> bank.get(wrong, 0)).isInstanceOf(PalimpsestException.class);
    assertThatThrownBy(() -> bank.get(0, wrong))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("0 to 1", String.valueOf(wrong));
  }

  @Test
  void kernelsWithoutPositionsAreRefused() {
    for (List<Integer> kernel :
        List.of(List.of(0), List.of(-1, -2), List.of(2, 0), List.of(100_000, 100_000))) {
      assertThatThrownBy(() -> FilterBank.ofRows("enc1", 1, kernel, 1, 2))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll("'enc1'", "2 values", kernel.toString());
    }
    assertThatThrownBy(() -> FilterBank.ofRows("enc1", 0, List.of(), 1))
        .isInstanceOf(PalimpsestException.class);
    assertThatThrownBy(() -> FilterBank.ofRows("enc1", -1, List.of(-1), 1))
        .isInstanceOf(PalimpsestException.class);
  }
}
