package org.palimpsest.similarity.filters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.similarity.weights.FilterBank;
import org.palimpsest.similarity.weights.NetworkFilters;

class InitialisationTest {

  /** 16 filters of 8 input channels and 3 × 3 positions. */
  private static final FilterBank.Layout LAYOUT =
      FilterBank.ofRows("conv", 16, List.of(3, 3), new double[16 * 72]).layout();

  /** The standard deviations that PyTorch 2 and Keras 3 document for this shape. */
  @ParameterizedTest
  @CsvSource({
    "pytorch-default, UNIFORM, 0.0680414",
    "monai, UNIFORM, 0.0680414",
    "nnunet, NORMAL, 0.1666583",
    "keras-default, UNIFORM, 0.0962250",
    "glorot_uniform, UNIFORM, 0.0962250",
    "glorot-normal, TRUNCATED_NORMAL, 0.0962250",
    "xavier-normal, NORMAL, 0.0962250",
    "he-uniform, UNIFORM, 0.1666667",
    "he-normal, NORMAL, 0.1666667",
    "keras-he-normal, TRUNCATED_NORMAL, 0.1666667",
    "lecun-uniform, UNIFORM, 0.1178511",
    "lecun-normal, TRUNCATED_NORMAL, 0.1178511",
    "uniform:0.3, UNIFORM, 0.1732051",
    "normal:0.02, NORMAL, 0.02"
  })
  void usualStartsHaveTheirFormAndScale(String name, ValueForm form, double standardDeviation) {
    Initialisation named = Initialisation.named(name);

    assertThat(named.form()).isEqualTo(form);
    assertThat(named.standardDeviation(LAYOUT)).isCloseTo(standardDeviation, within(1e-7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"normal", "uniform", "truncated-normal", "orthogonal"})
  void aFormAloneHasNoScale(String name) {
    assertThat(Initialisation.named(name).standardDeviation(LAYOUT)).isNaN();
  }

  @ParameterizedTest
  @ValueSource(strings = {"pytorh", "normal:", "normal:x", "lecun:3", ""})
  void unknownStartsAreRefusedWithTheNamesThatThereAre(String name) {
    assertThatThrownBy(() -> Initialisation.named(name))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("keras-he-normal");
  }

  @Test
  void aScaleMustBePositive() {
    assertThatThrownBy(() -> Initialisation.named("normal:-1"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("must be positive");
  }

  private static FilterBank.Layout layout(LayerKind kind, long filters, long... shape) {
    WeightTensor weight =
        new WeightTensor("layer.weight", Nd4j.zeros(shape).addi(0.5), "float32", kind);
    WeightTensor bias =
        new WeightTensor("layer.bias", Nd4j.zeros(filters), "float32", LayerKind.OTHER);
    Weights weights =
        Weights.of(new Provenance("made up", "", List.of()), "weights", List.of(weight, bias));
    return NetworkFilters.of(weights).layout("layer").orElseThrow();
  }

  /**
   * Fans as {@code torch.nn.init._calculate_fan_in_and_fan_out} of PyTorch 2.7 takes them: the
   * second and the first axis of the tensor, times the kernel's size.
   */
  @ParameterizedTest
  @CsvSource({
    "CONVOLUTION, 8, 8 3 3 3, 27, 72",
    "CONVOLUTION, 12, 12 1 3 3, 9, 108",
    "CONVOLUTION, 4, 4 2 3 3 3, 54, 108",
    "LINEAR, 10, 10 5, 5, 10",
    "TRANSPOSED_CONVOLUTION, 4, 6 4 2 2, 16, 24",
    "TRANSPOSED_CONVOLUTION, 4, 8 1 2 2, 4, 32",
  })
  void deviationsAreByTheFansOfTheStoredTensor(
      LayerKind kind, long filters, String shape, double fanIn, double fanOut) {
    long[] axes = List.of(shape.split(" ")).stream().mapToLong(Long::parseLong).toArray();
    FilterBank.Layout layout = layout(kind, filters, axes);

    assertDeviation("pytorch-default", layout, Math.sqrt(1 / (3 * fanIn)));
    assertDeviation("monai", layout, Math.sqrt(1 / (3 * fanIn)));
    assertDeviation("nnunet", layout, Math.sqrt(2 / (1.0001 * fanIn)));
    for (String he : List.of("he-uniform", "he-normal", "keras-he-normal")) {
      assertDeviation(he, layout, Math.sqrt(2 / fanIn));
    }
    for (String glorot :
        List.of("keras-default", "glorot-uniform", "glorot-normal", "xavier-normal")) {
      assertDeviation(glorot, layout, Math.sqrt(2 / (fanIn + fanOut)));
    }
    assertDeviation("lecun-uniform", layout, Math.sqrt(1 / fanIn));
    assertDeviation("lecun_normal", layout, Math.sqrt(1 / fanIn));
  }

  private static void assertDeviation(String name, FilterBank.Layout layout, double expected) {
    assertThat(Initialisation.named(name).standardDeviation(layout))
        .as(name)
        .isCloseTo(expected, within(1e-12));
  }

  @Test
  void whatIsMadeByAMethodHasTheNameThatIsReadAgain() {
    for (Initialisation start :
        List.of(
            Initialisation.heNormal(),
            Initialisation.heUniform(),
            Initialisation.pytorchDefault(),
            Initialisation.uniform(0.25),
            Initialisation.normal(1e-3))) {
      assertThat(Initialisation.named(start.name()).name()).isEqualTo(start.name());
      assertThat(start).hasToString(start.name());
    }
  }
}
