package org.palimpsest.io.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.Input;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/** Networks that were saved whole by {@code make_own_fixtures.py}, beside their descriptions. */
class SavedSettingsTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"attention", "odd", "volume"})
  void settingsThatAgreeAreReadAndTheCodeThatIsNotThereIsNoted(String name) throws IOException {
    Path file = copy(name + "_whole.pth");
    NetworkOptions options = NetworkOptions.none().withArchitecture(copy(name + ".json"));

    assertThat(Inputs.layers(file, options)).isEqualTo(Inputs.layers(copy(name + ".pth"), options));
    assertThat(notes(file, options))
        .anyMatch(note -> note.startsWith("the file has no code: what its own classes do"));
  }

  /** The description says otherwise than the file, and its weights fit all the same. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "odd | \"eps\": 0.001} | \"eps\": 0.3} | 'norm' (BatchNorm2d): eps 0.001, described as 0.3",
        "odd | \"num_groups\": 1 | \"num_groups\": 2 | 'gn' (GroupNorm): num_groups 1",
        "odd | \"reflect\"}, {\"function\" | \"zeros\"}, {\"function\" | 'c.0' (Conv2d): padding",
        "odd | \"circular\" | \"replicate\" | 'c.1' (Conv2d): padding [1, 2] of circular",
        "odd | \"padding\": [1, 2], | | 'c.1' (Conv2d): padding [1, 2] of circular",
        "odd | \"padding\": \"same\"}, {\"function\" | \"padding\": 1}, {\"function\" | 'c.2' (Conv2d): padding same",
        "odd | \"padding\": 2, \"dilation\": 2 | \"padding\": 1 | 'c.3' (Conv2d): dilation [2, 2], described as [1, 1]",
        "odd | \"ceil_mode\": true}, {\"module\": \"avg\" | \"ceil_mode\": false}, {\"module\": \"avg\" | 'pool' (MaxPool2d): ceil_mode true",
        "odd | \"count_include_pad\": false | \"count_include_pad\": true | 'avg' (AvgPool2d): count_include_pad false",
        "odd | \"output_padding\": 1 | \"output_padding\": 0 | 'ct' (ConvTranspose2d): output_padding [1, 1]",
        "odd | \"align_corners\": true | \"align_corners\": false | 'up' (Upsample): align_corners true",
        "odd | \"nearest-exact\" | \"nearest\" | 'ex' (Upsample): is of another kind",
        "odd | [20, 15] | [10, 15] | 'ex' (Upsample): size [20, 15]",
        "odd | \"type\": \"MaxPool2d\" | \"type\": \"AvgPool2d\" | 'pool' (MaxPool2d): is of another kind: the network calls avg_pool2d",
        "attention | {\"module\": \"relu\", \"type\": \"ReLU\"} | {\"module\": \"relu\", \"type\": \"LeakyReLU\"} | 'att.relu' (ReLU): is of another kind: the network calls leaky_relu",
        "attention | \"Sigmoid\" | \"Identity\" | 'att.psi.2' (Sigmoid): is of another kind",
        "volume | \"mode\": \"trilinear\"} | \"mode\": \"trilinear\", \"align_corners\": true} | 'up' (Upsample): align_corners false",
        "volume | \"kernel_size\": [1, 2, 2]} | \"kernel_size\": [1, 2, 2], \"stride\": 1} | 'pool' (AvgPool3d): stride [1, 2, 2]",
      })
  void anotherSettingIsRefused(String name, String described, String other, String told)
      throws IOException {
    Path description = copy(name + ".json");
    String text = Files.readString(description);
    assertThat(text).contains(described);
    Files.writeString(description, text.replace(described, other == null ? "" : other));
    NetworkOptions options = NetworkOptions.none().withArchitecture(description);

    assertThat(Inputs.layers(copy(name + ".pth"), options)).isPresent();
    assertThatThrownBy(() -> Inputs.layers(copy(name + "_whole.pth"), options))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("was saved whole", told, "save its state_dict() alone");
  }

  @ParameterizedTest
  @CsvSource({
    "changed_identity.pth, '1' (Identity): does nothing; the network calls relu",
    "changed_hook.pth, '0' (Conv2d): runs the hook __main__.double"
  })
  void aModuleThatWasTakenOutAndAHookAreRefused(String name, String told) throws IOException {
    NetworkOptions options = NetworkOptions.none().withArchitecture(copy("changed.json"));

    assertThatThrownBy(() -> Inputs.layers(copy(name), options))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(told);
  }

  @Test
  void torchsOwnClassesNeedNoCode() throws IOException {
    NetworkOptions options = NetworkOptions.none().withArchitecture(copy("changed.json"));
    assertThat(notes(copy("changed_not.pth"), options))
        .noneMatch(note -> note.contains("no code") || note.contains("not held against"));
  }

  private static List<String> notes(Path file, NetworkOptions options) {
    try (Input input = Inputs.open(file, RunLimits.withDefaults(), options)) {
      return ((Input.Model) input).source().provenance().notes();
    }
  }

  private Path copy(String name) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      try (InputStream resource = SavedSettingsTest.class.getResourceAsStream("/own/" + name)) {
        Files.write(file, resource.readAllBytes());
      }
    }
    return file;
  }
}
