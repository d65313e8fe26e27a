package org.palimpsest.io.internal.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.network.LayerOutline;

/** Beside what PyTorch says of the same files, written by make_module_listing.py. */
class TorchScriptOutlineTest {

  private static Path file(String name) {
    try {
      return Path.of(TorchScriptOutlineTest.class.getResource(name).toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static TorchScriptOutline outline(String name) {
    return TorchScriptOutline.read(file(name + ".pt"));
  }

  private static JsonNode listing() throws IOException {
    return new ObjectMapper().readTree(file("modules.json").toFile());
  }

  static Stream<String> archives() throws IOException {
    List<String> names = new ArrayList<>();
    listing().fieldNames().forEachRemaining(names::add);
    return names.stream();
  }

  @ParameterizedTest
  @MethodSource("archives")
  void modulesAreThoseThatPyTorchFinds(String name) throws IOException {
    List<String> expected =
        StreamSupport.stream(listing().get(name).spliterator(), false)
            .map(m -> m.get(0).asText() + " " + m.get(1).asText() + " " + m.get(2).asLong())
            .toList();

    assertThat(modules(outline(name).layers())).containsExactlyElementsOf(expected);
  }

  /** Each with path, class and parameters; the network itself, which comes first, has no path. */
  private static List<String> modules(List<LayerOutline> layers) {
    List<String> lines = new ArrayList<>();
    for (LayerOutline layer : layers) {
      if (!layer.type().equals("operator")) {
        String path = lines.isEmpty() ? "" : layer.name();
        lines.add(path + " " + layer.type() + " " + layer.parameters().orElseThrow());
      }
    }
    return lines;
  }

  @Test
  void networksWithoutSubmodulesShowTheirOperators() {
    assertThat(outline("frozen_traced").layers())
        .extracting(LayerOutline::name)
        .containsExactly(
            "/_convolution",
            "/relu",
            "/_convolution#2",
            "/relu#2",
            "/max_pool2d",
            "/mul",
            "output");
    assertThat(outline("frozen_traced").notes()).anyMatch(note -> note.contains("no submodules"));
  }

  @Test
  void modulesThatAreUsedMoreThanOnceSaySo() {
    assertThat(outline("reused_traced").layers())
        .flatExtracting(LayerOutline::remarks)
        .anyMatch(remark -> remark.contains("forward1"));
    assertThat(outline("shared_scripted").layers())
        .flatExtracting(LayerOutline::remarks)
        .anyMatch(remark -> remark.equals("its parameters are those of first"));
  }

  @Test
  void modeInputAndTypesAreTold() {
    assertThat(outline("dropout_saved_in_training").notes())
        .anyMatch(note -> note.startsWith("saved in training mode"));
    assertThat(outline("traced_in_training").notes())
        .anyMatch(note -> note.startsWith("traced in training mode"));
    assertThat(outline("half_precision").notes())
        .contains("forward(x: Tensor) -> Tensor", "its tensors are of type Half");
    assertThat(outline("unet_scripted").writer())
        .isEqualTo("PyTorch before 2.1, TorchScript format 3");
  }

  @Test
  void whatCannotBeCapturedIsToldWithTheReasonAndStillListed() {
    TorchScriptOutline twoInputs = outline("two_inputs");
    assertThat(twoInputs.runnable()).isFalse();
    assertThat(twoInputs.notes()).anyMatch(note -> note.contains("takes 2 inputs"));
    assertThat(twoInputs.layers()).isNotEmpty();
    assertThat(outline("optimised").notes()).anyMatch(note -> note.contains("MKLDNN"));
    assertThat(outline("unet_scripted").runnable()).isTrue();
  }

  @Test
  void otherFilesAreRefusedBySayingWhatTheyAre() {
    assertThatThrownBy(() -> outline("not_state_dict"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("not a TorchScript model");
  }
}
