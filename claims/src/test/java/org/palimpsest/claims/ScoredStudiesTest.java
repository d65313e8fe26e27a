package org.palimpsest.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.runs.RunsFolder;

/**
 * From folders of runs with logs to {@code assess.json}: figures, intervals, p values and verdicts
 * are those that {@code make_scored_studies.py} computes with SciPy from the same scores.
 */
class ScoredStudiesTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double ACCURACY = 1e-9;

  @TempDir private Path folder;

  static Stream<JsonNode> studies() throws IOException {
    JsonNode studies = JSON.readTree(ScoredStudiesTest.class.getResource("/scored_studies.json"));
    return IntStream.range(0, studies.size()).mapToObj(studies::get);
  }

  private static JsonNode study(String name) throws IOException {
    return studies()
        .filter(one -> one.path("name").asText().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private Path lay(JsonNode runs) throws IOException {
    Path root = Files.createDirectories(folder.resolve("runs"));
    for (JsonNode run : runs) {
      Path place = Files.createDirectories(root.resolve(run.path("folder").asText()));
      Files.write(place.resolve("step_0200.safetensors"), oneWeight());
      Files.writeString(place.resolve("log.json"), log(run.path("scores")).toString());
      if (!run.path("role").isEmpty()) {
        Files.writeString(place.resolve("run.json"), run.path("role").toString());
      }
    }
    return root;
  }

  /** In another order than that of steps, which does not matter. */
  private static ArrayNode log(JsonNode scores) {
    List<String> steps = new ArrayList<>();
    scores.fieldNames().forEachRemaining(steps::add);
    Collections.shuffle(steps, new Random(3));
    ArrayNode log = JSON.createArrayNode();
    steps.forEach(
        step ->
            log.addObject()
                .put("step", Long.parseLong(step))
                .put("dsc", scores.path(step).doubleValue()));
    return log;
  }

  private static byte[] oneWeight() {
    byte[] header =
        "{\"enc1.weight\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1],\"data_offsets\":[0,4]}}"
            .getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(12 + header.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .putFloat(1)
        .array();
  }

  private JsonNode assessed(Path runs, String name) throws IOException {
    Path out = folder.resolve(name);
    Assessor.of(RunsFolder.open(runs)).assess(out).write(out);
    return JSON.readTree(out.resolve("assess.json").toFile());
  }

  private static JsonNode claim(JsonNode assessment, String key) {
    for (JsonNode claim : assessment.path("claims")) {
      if (claim.path("claim").asText().equals(key)) {
        return claim;
      }
    }
    throw new AssertionError("no claim " + key);
  }

  @ParameterizedTest
  @MethodSource("studies")
  void figuresIntervalsAndVerdictsAreThoseOfSciPy(JsonNode study) throws IOException {
    JsonNode assessment = assessed(lay(study.path("runs")), "out");

    Map<String, List<JsonNode>> left = new TreeMap<>();
    Set<String> judged = new HashSet<>();
    study.path("claims").forEach(claim -> judged.add(claim.path("claim").asText()));
    judged.forEach(
        key -> {
          List<JsonNode> figures = new ArrayList<>();
          claim(assessment, key).path("figures").forEach(figures::add);
          left.put(key, figures);
        });
    for (JsonNode wanted : study.path("figures")) {
      List<JsonNode> figures = left.get(wanted.path("claim").asText());
      JsonNode found =
          figures.stream().filter(figure -> isMeant(figure, wanted)).findFirst().orElseThrow();
      figures.remove(found);
      assertSame(found, wanted);
    }
    assertThat(left.values()).as("figures that nobody computed").allMatch(List::isEmpty);
    for (JsonNode wanted : study.path("claims")) {
      JsonNode found = claim(assessment, wanted.path("claim").asText());
      assertThat(found.path("verdict").asText()).isEqualTo(wanted.path("verdict").asText());
      assertClose(found, wanted, "p_for");
      assertClose(found, wanted, "p_against");
    }
    assertThat(assessment.path("problems")).isEmpty();
  }

  /** The script says what condition a figure is of only where there are several. */
  private static boolean isMeant(JsonNode figure, JsonNode wanted) {
    String part = wanted.path("of").asText();
    return figure.path("quantity").equals(wanted.path("quantity"))
        && (part.isEmpty() || figure.path("of").asText().equals(part));
  }

  private static void assertSame(JsonNode found, JsonNode wanted) {
    for (String field :
        List.of("value", "low", "high", "claimed_from", "claimed_to", "p_for", "p_against")) {
      assertClose(found, wanted, field);
    }
    assertThat(found.path("decides")).as(wanted.toString()).isEqualTo(wanted.path("decides"));
    assertThat(found.path("networks")).as(wanted.toString()).isEqualTo(wanted.path("networks"));
    assertThat(found.path("units").asText()).isEqualTo("networks");
    assertThat(found.path("level").doubleValue()).isEqualTo(0.95);
  }

  private static void assertClose(JsonNode found, JsonNode wanted, String field) {
    String what = "%s of %s".formatted(field, wanted);
    if (wanted.path(field).isNull()) {
      assertThat(found.path(field).isNull()).as(what).isTrue();
    } else {
      assertThat(found.path(field).isNumber()).as(what).isTrue();
      assertThat(found.path(field).doubleValue())
          .as(what)
          .isCloseTo(wanted.path(field).doubleValue(), within(ACCURACY));
    }
  }

  /** Runs that lie anywhere, told by a file, are judged as those in folders. */
  @ParameterizedTest
  @ValueSource(strings = {"curves in pairs", "gains where hard and few alone"})
  void aFileThatTellsOfRunsGivesTheSameClaims(String name) throws IOException {
    JsonNode study = study(name);
    Path root = lay(study.path("runs"));
    ObjectNode told = JSON.createObjectNode();
    List<JsonNode> runs = new ArrayList<>();
    study.path("runs").forEach(runs::add);
    runs.sort(Comparator.comparing(run -> run.path("folder").asText()));
    for (JsonNode run : runs) {
      String place = "runs/" + run.path("folder").asText();
      ObjectNode entry = told.withArray("runs").addObject();
      entry.setAll((ObjectNode) run.path("role"));
      entry.put("name", run.path("folder").asText());
      entry.put("initialisation", place.split("/")[1]);
      entry.put("log", place + "/log.json").put("files", place + "/step_{step}.safetensors");
    }
    Path file = Files.writeString(folder.resolve("study.json"), told.toString());

    JsonNode ofFile = assessed(file, "ofFile");

    assertThat(ofFile.path("claims")).isEqualTo(assessed(root, "ofFolder").path("claims"));
    assertThat(ofFile.path("problems")).isEmpty();
  }

  @Test
  void aSecondAssessmentInTheSameFolderIsTheSame() throws IOException {
    Path root = lay(study("gains everywhere").path("runs"));

    JsonNode first = assessed(root, "out");

    assertThat(assessed(root, "out")).isEqualTo(first);
    assertThat(folder.resolve("out/assess.html")).exists();
    assertThat(folder.resolve("out/assess.md")).exists();
  }

  /** Of which the claims' own lines show what is drawn and what is not known. */
  @Test
  void theMarkdownHasATableRowForEveryRunThatIsScored() throws IOException {
    JsonNode study = study("most of the way");
    Path root = lay(study.path("runs"));
    assessed(root, "out");

    String text = Files.readString(folder.resolve("out/assess.md"));

    for (JsonNode run : study.path("runs")) {
      double[] last =
          Stream.of("10", "20", "30")
              .mapToDouble(step -> run.path("scores").path(step).doubleValue())
              .toArray();
      double dice = (last[0] + last[1] + last[2]) / 3;
      assertThat(text).contains("| %s | %.2f |".formatted(run.path("folder").asText(), dice));
    }
  }

  @Test
  void percentagesAreRefusedAndTheRunIsNamed() throws IOException {
    Path root = lay(study("most of the way").path("runs"));
    Files.writeString(root.resolve("floor/seed3/log.json"), "[{\"step\": 40, \"dsc\": 71.5}]");

    assertThatThrownBy(() -> assessed(root, "out"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("floor/seed3", "step 40", "71.5", "Divide percentages by 100");
    assertThat(folder.resolve("out/assess.html")).doesNotExist();
  }

  @Test
  void aFifthRunOfAPairThatIsNotInTheOtherArmUndoesThePairsAndIsNamed() throws IOException {
    JsonNode study = study("curves in pairs");
    Path root = lay(study.path("runs"));
    Files.writeString(root.resolve("random/seed0/run.json"), "{\"pair\": \"another\"}");

    JsonNode faster = claim(assessed(root, "out"), "faster");

    JsonNode paired = study.path("figures").get(0);
    JsonNode speed = faster.path("figures").get(0);
    assertThat(speed.path("value").doubleValue())
        .isCloseTo(paired.path("value").doubleValue(), within(ACCURACY));
    assertThat(speed.path("low").doubleValue()).isNotEqualTo(paired.path("low").doubleValue());
    assertThat(faster.path("caveats").toString())
        .contains("Runs are not compared within pairs here", "pair 'another' is missing beside");
  }
}
