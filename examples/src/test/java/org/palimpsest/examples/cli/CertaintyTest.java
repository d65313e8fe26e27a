package org.palimpsest.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertaintyTest {

  @TempDir private Path folder;
  private Path x;
  private Path y;

  @BeforeEach
  void writeArrays() {
    x = SampleFiles.array(folder.resolve("x.npy"), 1, 20, 4);
    y = SampleFiles.array(folder.resolve("y.npy"), 2, 20, 5);
  }

  private JsonNode json(Object... options) {
    return Outcome.of(
            Stream.concat(
                    Stream.of("compare", x, y, "--format", "json", "--draws", "50"),
                    Stream.of(options))
                .toArray())
        .isWell()
        .json()
        .get(0);
  }

  @Test
  void intervalsHoldTheirLevel() {
    JsonNode row = json("--interval", "--level", "0.8");
    assertThat(row.fieldNames())
        .toIterable()
        .containsExactly("layerA", "layerB", "measure", "value", "low", "high", "level");
    assertThat(row.get("low").asDouble()).isLessThan(row.get("high").asDouble());
    assertThat(row.get("level").asDouble()).isEqualTo(0.8);
  }

  @Test
  void unrelatedLayersLieAtTheirBaseline() {
    JsonNode row = json("--baseline", "--measure", "cca_mean");
    assertThat(row.fieldNames())
        .toIterable()
        .endsWith("value", "nullMean", "nullSd", "pValue", "calibrated");
    assertThat(row.get("pValue").asDouble()).isGreaterThan(0.02);
    assertThat(row.get("calibrated").asDouble()).isBetween(-0.5, 0.5);
  }

  @Test
  void seedDecides() {
    JsonNode first = json("--interval", "--baseline", "--seed", "7");
    assertThat(json("--interval", "--baseline", "--seed", "7")).isEqualTo(first);
    assertThat(json("--interval", "--baseline", "--seed", "8")).isNotEqualTo(first);
  }

  @Test
  void tableAndCsvHaveFurtherColumns() {
    String table = Outcome.of("compare", x, y, "--baseline", "--draws", "20").isWell().out();
    assertThat(table.lines().findFirst().orElseThrow())
        .matches("layer A +layer B +measure +value +null mean +null sd +p value +calibrated");
    String csv =
        Outcome.of("compare", x, y, "--interval", "--draws", "20", "--format", "csv")
            .isWell()
            .out();
    assertThat(csv.lines().findFirst().orElseThrow()).endsWith(",version,low,high,level");
  }

  @Test
  void senselessRequestsAreWrongUse() {
    Outcome.of("compare", x, y, "--interval", "--level", "95").isOneLine(2, "95");
    Outcome.of("compare", x, y, "--baseline", "--draws", "1").isOneLine(2, "1 permutations");
  }
}
