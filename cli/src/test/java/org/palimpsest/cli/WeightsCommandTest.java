package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

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
        .isOneLine(1, "unet.onnx", "an ONNX model", "--key");
  }

  @Test
  void prefixesAreTakenOffOnRequest() {
    Outcome outcome = Outcome.of("weights", SampleFiles.WEIGHTS, "--without-prefix", "o");
    outcome.isOneLine(1, "--without-prefix o");
  }

  /** Of 1, -2, 3 and 4: mean 1.5, deviation √5.25, norm √30. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 1e200, 1e-200, 1e-310})
  void squaresOfFiniteValuesNeitherOverflowNorVanish(double unit) {
    double[] values = {unit, -2 * unit, 3 * unit, 4 * unit};

    WeightsCommand.TensorSummary summary =
        WeightsCommand.TensorSummary.of(
            new WeightTensor("w", Nd4j.createFromArray(values), "float64", LayerKind.UNKNOWN));

    double rounding = Math.max(1e-14, Double.MIN_VALUE / unit);
    assertThat(summary.isFinite()).isTrue();
    assertThat(summary.mean() / unit).isEqualTo(1.5, within(2 * rounding));
    assertThat(summary.deviation() / unit).isEqualTo(Math.sqrt(5.25), within(4 * rounding));
    assertThat(summary.norm() / unit).isEqualTo(Math.sqrt(30), within(8 * rounding));
  }
}
