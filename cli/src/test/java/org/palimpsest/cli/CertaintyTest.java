package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.io.npy.NpyFile;

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
        .isWellWithFewProbes()
        .json()
        .get(0);
  }

  @Test
  void intervalsHoldTheirLevel() {
    JsonNode row = json("--interval", "--level", "0.8");
    assertThat(row.fieldNames())
        .toIterable()
        .containsExactly(
            "layerA",
            "layerB",
            "measure",
            "value",
            "corrected",
            "low",
            "high",
            "level",
            "method",
            "units",
            "note");
    assertThat(row.get("units").asInt()).isEqualTo(20);
    assertThat(row.get("note").isNull()).isTrue();
    assertThat(row.get("low").asDouble()).isLessThan(row.get("high").asDouble());
    assertThat(row.get("level").asDouble()).isEqualTo(0.8);
  }

  @Test
  void unrelatedLayersLieAtTheirBaseline() {
    JsonNode row = json("--baseline", "--measure", "cca_mean");
    assertThat(row.fieldNames())
        .toIterable()
        .containsSequence("value", "nullMean", "nullSd", "pValue", "calibrated");
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
  void aRefusalLeavesTheValueAndSaysWhy() {
    JsonNode row = json("--interval", "--measure", "gulp");
    assertThat(row.get("value").isNumber()).isTrue();
    assertThat(row.get("low").isNull()).isTrue();
    assertThat(row.get("note").asText()).contains("With 20 images").contains("50 images or more");

    Outcome csv =
        Outcome.of("compare", x, y, "--interval", "--measure", "shape", "--format", "csv")
            .isWellWithFewProbes();
    assertThat(csv.out()).contains(",,,,,,20,No interval of shape");
    assertThat(
            Outcome.of("compare", x, y, "--interval", "--measure", "shape")
                .isWellWithFewProbes()
                .out())
        .contains("shape of x and y: No interval of shape");
  }

  @Test
  void fewProbesMakeWideIntervalsAndTheCommandSaysHowManyWouldHalveThem() {
    Path few = SampleFiles.array(folder.resolve("few.npy"), 3, 8, 30);
    Path others = SampleFiles.array(folder.resolve("others.npy"), 4, 8, 30);
    Outcome outcome =
        Outcome.of("compare", few, others, "--interval", "--measure", "debiased_linear_cka")
            .isWellWithFewProbes();
    assertThat(outcome.err())
        .contains("with 8 units (images, or batches)")
        .contains("25 would about halve");
  }

  @Test
  void heatMapsMarkWhatMayBeUnrelatedAndShowTheEnds() throws Exception {
    Outcome.of("compare", x, y, "--interval", "-o", folder.resolve("out")).isWellWithFewProbes();
    String svg = Files.readString(folder.resolve("out").resolve("linear_cka.svg"));
    assertThat(svg).contains(">x and y: ").contains(", interval ");
    assertThat(svg).contains("dot: the interval");
  }

  @Test
  void tableAndCsvHaveFurtherColumns() {
    String table = Outcome.of("compare", x, y, "--baseline", "--draws", "20").isWell().out();
    assertThat(table.lines().findFirst().orElseThrow())
        .matches("layer A +layer B +measure +value +null mean +null sd +p value +calibrated");
    String csv =
        Outcome.of("compare", x, y, "--interval", "--draws", "20", "--format", "csv")
            .isWellWithFewProbes()
            .out();
    assertThat(csv.lines().findFirst().orElseThrow())
        .endsWith(",version,corrected,low,high,level,method,units,note");
  }

  private Path withSampleOfZeros() {
    Path file = folder.resolve("zero.npy");
    INDArray values = SampleFiles.numbers(3, 20, 4);
    values.getRow(7).assign(0);
    NpyFile.write(file, values);
    return file;
  }

  /** Of a row without any signal angles and correlations tell nothing; other measures do. */
  @Test
  void aSampleOfZerosLeavesOutTheMeasuresThatItConcerns() throws Exception {
    Path zero = withSampleOfZeros();
    Path out = folder.resolve("out");
    Object[] command = {
      "compare",
      zero,
      y,
      "--measure",
      "rsa",
      "--measure",
      "linear_cka",
      "--measure",
      "mutual_knn:3",
      "--interval",
      "--baseline",
      "--draws",
      "40",
      "--format",
      "json",
      "-o",
      out
    };
    Outcome outcome = Outcome.of(command);

    assertThat(outcome.code()).isZero();
    assertThat(outcome.err())
        .containsPattern("warning: rsa of zero and y: no score. .*zero.npy: Sample 7 of layer")
        .containsPattern(
            "warning: mutual_knn:3 of zero and y: no score. .*zero.npy: Sample 7 of layer 'zero'");
    JsonNode rows = outcome.json();
    assertThat(rows.findValuesAsText("measure"))
        .containsExactly("linear_cka", "rsa", "mutual_knn:3");
    assertThat(rows.get(0).get("low").isNumber()).isTrue();
    assertThat(rows.get(1).get("value").isNull()).isTrue();
    assertThat(rows.get(1).get("note").asText()).contains("in every feature");
    assertThat(Files.readString(out.resolve("rsa.svg")))
        .contains("zero and y: no score. ", "zero.npy: Sample 7", "grey: no score");
    List<String> lines = Files.readAllLines(out.resolve("scores.csv"));
    assertThat(lines.get(2)).startsWith("zero,y,rsa,,similarity,,,,").endsWith(",,,,");
    assertThat(lines).hasSize(4);
  }

  @Test
  void aReasonStandsOnceAndRowsAreNoPositions() {
    Outcome table =
        Outcome.of(
            "compare", withSampleOfZeros(), y, "--measure", "rsa", "--measure", "linear_cka");

    assertThat(table.out()).containsOnlyOnce("zero.npy: Sample 7").contains("samples: rows\n");
    assertThat(table.err()).doesNotContain("no score");
  }

  @Test
  void reasonsStandInTablesWithoutIntervalsToo() {
    Path zero = withSampleOfZeros();
    Outcome csv =
        Outcome.of("compare", zero, y, "--measure", "rsa", "--measure", "svcca", "--format", "csv");
    assertThat(csv.out().lines().findFirst().orElseThrow()).endsWith(",version,note");
    assertThat(csv.out()).contains("zero,y,rsa,,similarity", "zero.npy: Sample 7 of layer 'zero'");
    Outcome table = Outcome.of("compare", zero, y, "--measure", "rsa", "--measure", "svcca");
    assertThat(table.out()).containsPattern("zero +y +- +\\*?0\\.").contains("zero.npy: Sample 7");
  }

  @Test
  void senselessRequestsAreWrongUse() {
    Outcome.of("compare", x, y, "--interval", "--level", "95").isOneLine(2, "95");
    Outcome.of("compare", x, y, "--interval", "--level", "0.1").isOneLine(2, "from 0.5 to 0.999");
    Outcome.of("compare", x, y, "--level", "0.8").isOneLine(2, "give --interval too");
    Outcome.of("compare", x, y, "--baseline", "--draws", "1").isOneLine(2, "1 permutations");
    Outcome.of("compare", x, y, "--draws", "50").isOneLine(2, "--interval or --baseline");
  }

  /** The ends at 2.5 and 97.5 % lie between draws from 39 on, those of 99.9 % from 1999 on. */
  @Test
  void fewerDrawsThanTheLevelNeedsMakeNoInterval() {
    Object[] command = {
      "compare", x, y, "--measure", "mutual_knn:3", "--interval", "--format", "csv", "--draws", "38"
    };
    assertThat(Outcome.of(command).out())
        .contains("38 draws do not reach the ends of an interval of level 0.95")
        .contains("(--draws 39)");
    command[command.length - 1] = "39";
    assertThat(Outcome.of(command).out()).doesNotContain("do not reach").contains("bootstrap");
    assertThat(
            Outcome.of(
                    "compare",
                    x,
                    y,
                    "--measure",
                    "mutual_knn:3",
                    "--interval",
                    "--level",
                    "0.999",
                    "--format",
                    "csv")
                .out())
        .doesNotContain("do not reach")
        .contains("bootstrap");
  }
}
