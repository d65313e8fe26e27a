package org.palimpsest.core.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;

class LayerSelectorTest {

  @ParameterizedTest
  @CsvSource({
    "enc1,        enc1,          true",
    "enc1,        enc1.conv,     false",
    "enc*,        enc2,          true",
    "enc*,        enc2.conv,     false",
    "enc*.conv,   enc2.conv,     true",
    "**.conv,     a.b.conv,      true",
    "**conv,      conv,          true",
    "enc**,       enc2.conv.0,   true",
    "enc?,        enc2,          true",
    "enc?,        enc,           false",
    "/relu*,      /relu#3,       true",
    "relu,        relu#2,        false",
    "relu#2,      relu#2,        true",
    "a+b,         a+b,           true",
    "a.b,         axb,           false",
    "\\E.*,       anything,      false",
    "enc😀𝛼,      enc😀𝛼,        true",
    "enc😀*,      enc😀1,        true",
    "enc?1,       enc😀1,        true",
    "enc??1,      enc😀1,        false",
  })
  void globsMatchWithinAndAcrossPathElements(String glob, String layer, boolean expected) {
    assertThat(LayerSelector.of(glob).selects(layer)).isEqualTo(expected);
  }

  @Test
  void noGlobSelectsEverything() {
    assertThat(LayerSelector.all().select(List.of("b", "a"))).containsExactly("b", "a");
  }

  @Test
  void selectionKeepsTheOrderOfExecution() {
    assertThat(LayerSelector.of("dec*", "enc*").select(List.of("enc1", "mid", "dec1")))
        .containsExactly("enc1", "dec1");
  }

  @Test
  void aGlobInVainListsTheNearestNames() {
    assertThatThrownBy(() -> LayerSelector.of("enc*", "dce1").select(List.of("enc1", "dec1", "up")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("No layer matches 'dce1'. Nearest of the 3 layers: dec1, enc1, up.");
  }

  @Test
  void aGlobThatEndsAtADotSaysWhatWouldReachFurther() {
    List<String> layers = List.of("encoder.0.conv", "encoder.1.conv", "head");
    assertThatThrownBy(() -> LayerSelector.of("enc*").select(layers))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage(
            "No layer matches 'enc*', since * ends at a dot or slash. 'enc**' matches 2 of the 3"
                + " layers, such as encoder.0.conv.");
    assertThatThrownBy(() -> LayerSelector.of("dec*").select(layers))
        .hasMessageContaining("Nearest of the 3 layers");
  }
}
