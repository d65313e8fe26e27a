package org.palimpsest.core.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights.LoadReport;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

/** The weights of a network by name. */
class WeightsTest {

  private static WeightTensor tensor(String name, double... values) {
    return new WeightTensor(name, Nd4j.createFromArray(values), "float32", LayerKind.CONVOLUTION);
  }

  private static Weights weights(WeightTensor... tensors) {
    return Weights.of(Provenance.inMemory("a.pt"), "a", List.of(tensors));
  }

  @Test
  void tensorsKeepTheOrderOfTheirFile() {
    Weights weights = weights(tensor("z.weight", 1), tensor("a.bias", 2));

    assertThat(weights.tensors())
        .extracting(WeightTensor::name)
        .containsExactly("z.weight", "a.bias");
    assertThat(weights.find("a.bias").orElseThrow().values().getDouble(0)).isEqualTo(2);
    assertThat(weights.find("a")).isEmpty();
    assertThat(weights.name()).isEqualTo("a");
    assertThat(weights.provenance().origin()).isEqualTo("a.pt");
  }

  @Test
  void nothingAndANameThatStandsTwiceAreRefused() {
    assertThatThrownBy(WeightsTest::weights)
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("'a' holds no weights.");
    assertThatThrownBy(() -> weights(tensor("w", 1), tensor("v", 1), tensor("w", 2)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'a'", "'w' twice");
  }

  @Test
  void aCommonPrefixIsTakenFromNamesAlone() {
    Weights plain =
        weights(tensor("module.enc.weight", 1, 2), tensor("module.enc.bias", 3))
            .withoutPrefix("module.");

    assertThat(plain.tensors())
        .extracting(WeightTensor::name)
        .containsExactly("enc.weight", "enc.bias");
    assertThat(plain.find("enc.weight").orElseThrow().dtype()).isEqualTo("float32");
    assertThat(plain.find("enc.weight").orElseThrow().layerKind()).isEqualTo(LayerKind.CONVOLUTION);
  }

  @Test
  void aPrefixThatIsNotCommonIsRefused() {
    Weights weights = weights(tensor("module.w", 1), tensor("w", 1));
    Weights whole = weights(tensor("module.", 1));

    assertThatThrownBy(() -> weights.withoutPrefix("module."))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'w'", "'module.'");
    assertThatThrownBy(() -> whole.withoutPrefix("module."))
        .isInstanceOf(PalimpsestException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "enc1.0.weight, enc1.0, weight",
    "weight, '', weight",
    "enc1., enc1, ''",
    ".weight, '', weight"
  })
  void aNameIsAModuleAndARole(String name, String layer, String role) {
    assertThat(tensor(name, 1).layer()).isEqualTo(layer);
    assertThat(tensor(name, 1).role()).isEqualTo(role);
  }

  @Property(tries = 20)
  void numbersAreHandedOverInTheOrderOfTheAxesWhateverTheirOrderInMemory(
      @ForAll @IntRange(min = 1, max = 5) int rows,
      @ForAll @IntRange(min = 1, max = 5) int columns,
      @ForAll boolean isTurned) {
    double[] numbers = new double[rows * columns];
    Arrays.setAll(numbers, i -> i);
    INDArray values = Nd4j.createFromArray(numbers).reshape('c', rows, columns);
    List<Double> heard = new ArrayList<>();
    new WeightTensor("w", isTurned ? values.dup('f') : values, "float64", LayerKind.LINEAR)
        .forEach(heard::add);

    assertThat(heard).hasSize(rows * columns).isSorted();
  }

  @Test
  void longTensorsAreHandedOverInBlocks() {
    INDArray values = Nd4j.arange(20_000).castTo(DataType.FLOAT);
    double[] sum = new double[2];
    new WeightTensor("w", values, "float16", LayerKind.UNKNOWN)
        .forEach(
            value -> {
              sum[0] += value;
              sum[1]++;
            });

    assertThat(sum).containsExactly(20_000.0 * 19_999 / 2, 20_000);
  }

  @Test
  void aReportTellsWhatFoundItsPlace() {
    LoadReport whole = new LoadReport(List.of("a", "b"), List.of(), List.of(), List.of());
    LoadReport partial =
        new LoadReport(
            List.of("a"),
            List.of("fc.weight", "fc.bias"),
            List.of("head"),
            List.of(
                LoadReport.ShapeMismatch.of("enc.weight", new long[] {8, 3}, new long[] {8, 1})));

    assertThat(whole.isComplete()).isTrue();
    assertThat(whole.describe()).isEqualTo("2 matched");
    assertThat(partial.isComplete()).isFalse();
    assertThat(partial.describe())
        .isEqualTo(
            "1 matched; missing: fc.weight, fc.bias; unexpected: head; other shape: enc.weight [8, 3] (weights: [8, 1])");
  }

  @Test
  void oneTensorWithoutItsPlaceIsEnough() {
    List<String> none = List.of();
    List<String> one = List.of("x");

    assertThat(new LoadReport(none, one, none, List.of()).isComplete()).isFalse();
    assertThat(new LoadReport(none, none, one, List.of()).isComplete()).isFalse();
    assertThat(
            new LoadReport(
                    none,
                    none,
                    none,
                    List.of(LoadReport.ShapeMismatch.of("x", new long[] {1}, new long[] {2})))
                .isComplete())
        .isFalse();
  }
}
