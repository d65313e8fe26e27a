package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.palimpsest.cli.SampleFiles.MODEL_A;
import static org.palimpsest.cli.SampleFiles.MODEL_B;
import static org.palimpsest.cli.SampleFiles.PROBES;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.similarity.Measures;

class CompareCommandTest {

  @TempDir private Path folder;

  private static JsonNode json(Object... arguments) {
    return Outcome.of(
            Stream.concat(Stream.of("compare", "--format", "json"), Stream.of(arguments)).toArray())
        .isWellWithFewProbes()
        .json();
  }

  private static List<String> row(JsonNode row) {
    return List.of(
        row.get("layerA").asText(), row.get("layerB").asText(), row.get("measure").asText());
  }

  @Test
  void jsonRowsAreOrderedByLayersThenMeasuresAsAsked() {
    JsonNode rows =
        json(
            MODEL_A,
            MODEL_B,
            "--probes",
            PROBES,
            "--layers",
            "enc.0",
            "--layers",
            "bottom",
            "--measure",
            "svcca:0.90",
            "--measure",
            "linear_cka");
    List<List<String>> expected = new ArrayList<>();
    for (String a : List.of("enc.0", "bottom")) {
      for (String b : List.of("enc.0", "bottom")) {
        for (String measure : List.of("svcca:0.90", "linear_cka")) {
          expected.add(List.of(a, b, measure));
        }
      }
    }
    assertThat(rows).map(CompareCommandTest::row).isEqualTo(expected);
    assertThat(rows)
        .allSatisfy(
            row -> {
              assertThat(row.fieldNames())
                  .toIterable()
                  .containsExactly("layerA", "layerB", "measure", "value");
              assertThat(row.get("value").asDouble()).isBetween(0.0, 1.0);
            });
  }

  @Test
  void valuesHaveFullPrecisionAndLayersAreNamedAfterFiles() {
    Path x = SampleFiles.array(folder.resolve("left.npy"), 1, 20, 4);
    Path y = SampleFiles.array(folder.resolve("right.v2.npy"), 2, 20, 5);
    JsonNode rows = json(x, y, "--measure", "linear_cka");
    assertThat(rows)
        .map(CompareCommandTest::row)
        .containsExactly(List.of("left", "right.v2", "linear_cka"));
    Measure<?> cka = Measures.parse("linear_cka");
    double expected =
        cka.compare(
                Representation.of("left", NpyFile.read(x)),
                Representation.of("right.v2", NpyFile.read(y)))
            .value();
    assertThat(rows.get(0).get("value").asDouble()).isEqualTo(expected);
  }

  @Test
  void modelAndItsCaptureAgree() {
    Path captured = SampleFiles.captured(folder.resolve("a.npz"), MODEL_A, PROBES);
    JsonNode rows = json(MODEL_A, captured, "--probes", PROBES, "--matched");
    assertThat(rows).hasSizeGreaterThan(4);
    assertThat(rows)
        .allSatisfy(
            row -> {
              assertThat(row.get("layerA")).isEqualTo(row.get("layerB"));
              assertThat(row.get("value").asDouble()).isCloseTo(1, within(1e-6));
            });
  }

  /** Of activations alone nothing is shown, so that there is nothing to be treated. */
  @Test
  void whatIsSaidOfProbesThatAreNotGivenIsRefused() {
    Path arrays = array("arrays.npy", 6, 3);
    for (List<String> said :
        List.of(
            List.of("--normalise", "unit"),
            List.of("--size", "4x4"),
            List.of("--probe-files", "*.png"),
            List.of("--patches", "random", "--count", "3"),
            List.of("--masks", PROBES.toString()))) {
      List<Object> words = new ArrayList<>(List.of("compare", arrays, arrays));
      words.addAll(said);
      Outcome.of(words.toArray()).isOneLine(1, "none are given after --probes", said.get(0));
    }
  }

  @Test
  void activationsThatAreNotAsManyAsTheProbesAreRefused() throws IOException {
    Path arrays = array("arrays.npy", 5, 3);
    Outcome.of("compare", arrays, arrays, "--probes", PROBES)
        .isOneLine(1, "6 probes", "arrays.npy", "'arrays' 5", "--probes");
    Path both = Files.createDirectory(folder.resolve("both"));
    array("both/a.npy", 6, 3);
    array("both/b.npy", 7, 3);
    Outcome.of("compare", both, both, "--probes", PROBES).isOneLine(1, "'b' 7", "--layers");
    Outcome agreeing = Outcome.of("compare", both, both, "--probes", PROBES, "--layers", "a");
    assertThat(agreeing.code()).isZero();
    assertThat(agreeing.err()).contains("does not tell from which probes its activations are");
  }

  /** The model cannot take these probes, which running it would tell. */
  @Test
  void theNumberOfActivationsIsLookedAtBeforeAModelRuns() {
    Path probes = array("probes.npy", 4, 9, 3, 3);
    Path arrays = array("arrays.npy", 5, 3);
    Outcome.of("compare", MODEL_A, arrays, "--probes", probes)
        .isOneLine(1, "4 probes", "'arrays' 5");
  }

  private Path array(String name, long... shape) {
    Path file = folder.resolve(name);
    NpyFile.write(file, Nd4j.rand(DataType.FLOAT, shape));
    return file;
  }

  @Test
  void layersOfOtherNamesArePairedByHand() throws IOException {
    Path pairs = Files.writeString(folder.resolve("pairs.txt"), "# ours=theirs\n\nenc=out\n");
    JsonNode rows =
        json(MODEL_A, MODEL_B, "--probes", PROBES, "--pairs", "out=enc", "--pairs", pairs);
    assertThat(rows)
        .map(CompareCommandTest::row)
        .containsExactlyInAnyOrder(
            List.of("out", "enc", "linear_cka"), List.of("enc", "out", "linear_cka"));
    JsonNode all = json(MODEL_A, MODEL_B, "--probes", PROBES, "--layers", "enc", "--layers", "out");
    assertThat(rows).allMatch(row -> contains(all, row));
    assertThat(json(MODEL_A, MODEL_A, "--probes", PROBES, "--pairs", "out=enc")).hasSize(1);
  }

  private static boolean contains(JsonNode rows, JsonNode row) {
    for (JsonNode one : rows) {
      if (row(one).equals(row(row))) {
        return Math.abs(one.get("value").asDouble() - row.get("value").asDouble()) < 1e-9;
      }
    }
    return false;
  }

  @Test
  void pairsThatAreNoneAreRefused() {
    compare(2, "no pair of layers", "--pairs", "a=b=c");
    compare(2, "neither a pair", "--pairs", "nothing.txt");
    compare(2, "neither with --matched", "--pairs", "enc=out", "--matched");
    compare(1, "No layer matches 'nowhere'", "--pairs", "enc=nowhere");
  }

  private static void compare(int code, String why, String... options) {
    List<Object> arguments =
        new ArrayList<>(List.of("compare", MODEL_A, MODEL_B, "--probes", PROBES));
    arguments.addAll(List.of(options));
    Outcome outcome = Outcome.of(arguments.toArray());
    assertThat(outcome.code()).isEqualTo(code);
    assertThat(outcome.err()).contains(why);
  }

  @Test
  void modelAgainstItselfIsOneOnTheDiagonalAndSymmetric() {
    JsonNode rows = json(MODEL_A, MODEL_A, "--probes", PROBES, "--layers", "enc.*");
    assertThat(rows).hasSize(4);
    assertThat(rows.get(0).get("value").asDouble()).isCloseTo(1, within(1e-6));
    assertThat(rows.get(1).get("value").asDouble())
        .isCloseTo(rows.get(2).get("value").asDouble(), within(1e-6));
  }

  @Test
  void featureMapsArePooledFlattenedOrDrawnOnRequest() {
    Path x = SampleFiles.array(folder.resolve("x.npy"), 1, 9, 2, 4, 4);
    Path y = SampleFiles.array(folder.resolve("y.npy"), 2, 9, 3, 4, 4);
    List<Double> values =
        Stream.of(
                json(x, y),
                json(x, y, "--feature-map", "pool"),
                json(x, y, "--feature-map", "FLATTEN"),
                json(x, y, "--positions", "5", "--seed", "1"),
                json(x, y, "--positions", "5", "--seed", "2"))
            .map(rows -> rows.get(0).get("value").asDouble())
            .toList();
    assertThat(values).doesNotHaveDuplicates();
    assertThat(json(x, y, "--positions", "5", "--seed", "2").get(0).get("value").asDouble())
        .isEqualTo(values.get(4));
  }

  @Test
  void folderHoldsTablesAndPicturesOfEachMeasure() throws IOException {
    Path result = folder.resolve("new/result");
    Outcome outcome =
        Outcome.of(
            "compare",
            MODEL_A,
            MODEL_B,
            "--probes",
            PROBES,
            "--measure",
            "linear_cka",
            "--measure",
            "svcca:0.9",
            "--format",
            "json",
            "-o",
            result);
    assertThat(outcome.code()).isZero();
    try (Stream<Path> files = Files.list(result)) {
      assertThat(files)
          .map(file -> file.getFileName().toString())
          .containsExactlyInAnyOrder(
              "scores.csv",
              "scores.json",
              "linear_cka.png",
              "linear_cka.svg",
              "svcca-0.9.png",
              "svcca-0.9.svg");
    }
    ObjectMapper mapper = new ObjectMapper();
    assertThat(mapper.readTree(result.resolve("scores.json").toFile())).isEqualTo(outcome.json());
    assertThat(Files.readString(result.resolve("scores.csv")).lines())
        .hasSize(outcome.json().size() + 1);
  }

  @Test
  void csvHasAHeaderAndOneLinePerScore() {
    Path x = SampleFiles.array(folder.resolve("x.npy"), 1, 20, 4);
    Outcome outcome = Outcome.of("compare", x, x, "--format", "csv").isWell();
    assertThat(outcome.out().lines()).hasSize(2);
    assertThat(outcome.out()).startsWith("layer_a,layer_b,measure,value,");
  }

  @Test
  void tableShowsLayersAndMeasures() {
    Outcome outcome = Outcome.of("compare", MODEL_A, MODEL_B, "--probes", PROBES).isWell();
    assertThat(outcome.out()).contains("linear_cka", "enc.0", "bottom", "out");
  }

  @Test
  void warningsOfScoresGoToStandardErrorOncePerKind() {
    Path x = SampleFiles.array(folder.resolve("x.npy"), 1, 6, 9);
    Path y = SampleFiles.array(folder.resolve("y.npy"), 2, 6, 9);
    Outcome outcome = Outcome.of("compare", x, y, "--measure", "cca_mean", "--format", "json");
    assertThat(outcome.code()).isZero();
    assertThat(outcome.json()).hasSize(1);
    assertThat(outcome.err().lines())
        .hasSize(1)
        .allMatch(line -> line.startsWith("warning: cca_mean of x and y: "));
  }

  @Test
  void layersOfUnknownPositionsAreLeftOutAndNamed() {
    Path onnx = InspectCommandTest.ofIo("onnx/unet.onnx");
    Path probes = SampleFiles.array(folder.resolve("probes.npy"), 7, 5, 1, 8, 8);
    Outcome outcome = Outcome.of("compare", onnx, onnx, "--probes", probes, "--format", "json");
    assertThat(outcome.code()).isZero();
    assertThat(outcome.err().lines().filter(line -> line.startsWith("note: left out")))
        .isNotEmpty()
        .allMatch(line -> line.startsWith("note: left out: 5 layers, of which the first: " + onnx))
        .anyMatch(line -> line.contains("'/Reshape' has the shape [5, 8, 64]"));
    assertThat(outcome.json())
        .noneMatch(row -> row.get("layerA").asText().equals("/Reshape"))
        .anyMatch(row -> row.get("layerA").asText().equals("/Concat"));
    Object[] flat = {
      "compare", onnx, onnx, "--probes", probes, "--feature-map", "flatten", "--format", "json"
    };
    assertThat(Outcome.of(flat).json())
        .anyMatch(row -> row.get("layerA").asText().equals("/Reshape"));
  }

  @Test
  void capturesOfOneNameFromOneModelAreToldApart() throws IOException {
    Path x = Files.createDirectories(folder.resolve("x")).resolve("cap.npz");
    Path y = Files.createDirectories(folder.resolve("y")).resolve("cap.npz");
    SampleFiles.captured(x, SampleFiles.MODEL_A, SampleFiles.PROBES);
    SampleFiles.captured(y, SampleFiles.MODEL_A, SampleFiles.PROBES);
    assertThat(Outcome.of("compare", x, y).out())
        .contains("A: %s, read from %s".formatted(SampleFiles.MODEL_A, x))
        .contains("B: %s, read from %s".formatted(SampleFiles.MODEL_A, y));
  }
}
