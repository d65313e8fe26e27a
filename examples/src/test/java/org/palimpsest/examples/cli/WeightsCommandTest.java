package org.palimpsest.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

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
  void prefixesAreTakenOffOnRequest() {
    Outcome outcome = Outcome.of("weights", SampleFiles.WEIGHTS, "--without-prefix", "o");
    outcome.isOneLine(1, "'o'");
  }
}
