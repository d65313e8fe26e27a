package org.palimpsest.similarity.filters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.weights.FilterBank;

class InitialisationNamesTest {

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
}
