package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsCommandTest {

  @Test
  void stateDictAndModelOfOneNetworkHoldTheSame() {
    JsonNode weights = Outcome.of("weights", SampleFiles.WEIGHTS, "--format", "json").json();
    JsonNode model = Outcome.of("weights", SampleFiles.MODEL_B, "--format", "json").json();
    assertThat(weights).hasSize(6).containsExactlyInAnyOrderElementsOf(model);
    JsonNode bottom = weights.get(2);
    assertThat(bottom.get("name").asText()).isEqualTo("bottom.weight");
    assertThat(bottom.get("shape").toString()).isEqualTo("[4,3,3,3]");
    assertThat(bottom.get("dtype").asText()).isEqualTo("float32");
    double mean = bottom.get("mean").asDouble();
    double sd = bottom.get("sd").asDouble();
    double norm = bottom.get("norm").asDouble();
    assertThat(norm * norm / 108).isCloseTo(mean * mean + sd * sd, within(1e-12));
  }

  @Test
  void tableHasAHeaderAndALinePerTensor() {
    assertThat(Outcome.of("weights", SampleFiles.WEIGHTS).isWell().out().lines())
        .hasSize(7)
        .first()
        .asString()
        .matches("NAME +SHAPE +TYPE +MEAN +SD +NORM");
  }

  @Test
  void filesOfOtherToolsAreListedToo(@TempDir Path folder) throws IOException {
    assertThat(Outcome.of("weights", InspectCommandTest.ofIo("onnx/unet.onnx")).out())
        .containsPattern("enc.0.weight +\\[4, 1, 3, 3\\] +float32");
    assertThat(Outcome.of("weights", InspectCommandTest.ofIo("keras/unet3.h5")).out())
        .containsPattern("enc_conv\\.weight +\\[4, 2, 3, 3\\] +float32");
    assertThat(Outcome.of("weights", SampleFiles.savedByDl4j(folder.resolve("net.zip"))).out())
        .containsPattern("hidden\\.W +\\[4, 3\\] +float32");
    Outcome.of("weights", InspectCommandTest.ofIo("hdf5/activations.h5"))
        .isOneLine(1, "activations.h5", "not one of Keras");
  }

  @Test
  void anEntryOfACheckpointIsChosenByItsKey() {
    Path two = InspectCommandTest.ofIo("torch/two.ckpt");
    String refusal = Outcome.of("weights", two).isOneLine(1, "several entries").err();
    String key = refusal.replaceAll("(?s).*several entries: ([^,]+),.*", "$1");
    Outcome chosen = Outcome.of("weights", two, "--key", key);
    assertThat(chosen.code()).isZero();
    assertThat(chosen.err()).contains("weights taken from entry '" + key + "'");
    Outcome.of("weights", two, "--key", "nothing").isOneLine(1, "no entry 'nothing'", key);
    Outcome.of("weights", InspectCommandTest.ofIo("onnx/unet.onnx"), "--key", "x")
        .isOneLine(1, "unet.onnx", "not a file of PyTorch's");
  }

  @Test
  void prefixesAreTakenOffOnRequest() {
    Outcome outcome = Outcome.of("weights", SampleFiles.WEIGHTS, "--without-prefix", "o");
    outcome.isOneLine(1, "--without-prefix o");
  }
}
