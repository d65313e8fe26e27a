package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.similarity.MeasureEntry;
import org.palimpsest.similarity.Measures;

/**
 * The table, the JSON, the CSV and the files of a command say the same numbers: those of JSON and
 * CSV to the last digit, those of the table as far as its digits go.
 */
class OutputsAgreeTest {

  @TempDir private Path folder;

  /** A file without quoted cells that hold commas but at its end. */
  private static List<Map<String, String>> csv(String text) {
    List<String> lines = text.lines().toList();
    String[] header = lines.get(0).split(",");
    List<Map<String, String>> rows = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1);
      assertThat(cells).as(line).hasSameSizeAs(header);
      Map<String, String> row = new LinkedHashMap<>();
      for (int i = 0; i < header.length; i++) {
        row.put(header[i], cells[i]);
      }
      rows.add(row);
    }
    return rows;
  }

  private static void assertNumber(JsonNode number, String cell, String what) {
    if (cell.isEmpty()) {
      assertThat(number == null || number.isNull()).as(what).isTrue();
    } else {
      assertThat(number).as(what).isNotNull();
      assertThat(number.doubleValue()).as(what).isEqualTo(Double.parseDouble(cell));
    }
  }

  private Outcome compare(String format) {
    return Outcome.of(
        "compare",
        SampleFiles.MODEL_A,
        SampleFiles.MODEL_B,
        "--probes",
        SampleFiles.PROBES,
        "--measure",
        "linear_cka",
        "--measure",
        "procrustes_normalized",
        "--interval",
        "--baseline",
        "--draws",
        "40",
        "--seed",
        "5",
        "--format",
        format,
        "-o",
        folder.resolve(format));
  }

  @Test
  void compareSaysTheSameInEachFormatAndInItsFiles() throws IOException {
    Outcome json = compare("json");
    List<Map<String, String>> rows = csv(compare("csv").out());
    Outcome table = compare("table");
    JsonNode objects = json.json();

    assertThat(objects).hasSameSizeAs(rows).isNotEmpty();
    Map<String, String> columns =
        Map.of(
            "value", "value",
            "corrected", "corrected",
            "low", "low",
            "high", "high",
            "nullMean", "null_mean",
            "nullSd", "null_sd",
            "pValue", "p_value",
            "calibrated", "calibrated");
    for (int i = 0; i < rows.size(); i++) {
      Map<String, String> row = rows.get(i);
      JsonNode object = objects.get(i);

      assertThat(object.get("layerA").asText()).isEqualTo(row.get("layer_a"));
      assertThat(object.get("layerB").asText()).isEqualTo(row.get("layer_b"));
      assertThat(object.get("measure").asText()).isEqualTo(row.get("measure"));
      assertThat(object.has("warnings")).isEqualTo(!row.get("warnings").isEmpty());
      columns.forEach((field, column) -> assertNumber(object.get(field), row.get(column), field));
      assertThat(table.out().lines().anyMatch(line -> isLineOf(line, row)))
          .as("%s in%n%s", row, table.out())
          .isTrue();
    }
    for (String format : List.of("json", "csv", "table")) {
      assertThat(new ObjectMapper().readTree(folder.resolve(format + "/scores.json").toFile()))
          .isEqualTo(objects);
      assertThat(csv(Files.readString(folder.resolve(format + "/scores.csv")))).isEqualTo(rows);
    }
  }

  private static boolean isLineOf(String line, Map<String, String> row) {
    List<String> cells = List.of(line.strip().split(" {2,}"));
    return cells.size() > 4
        && cells
            .subList(0, 3)
            .equals(List.of(row.get("layer_a"), row.get("layer_b"), row.get("measure")))
        && cells.get(3).replace("*", "").equals(fiveDecimals(row.get("value")))
        && cells.get(cells.size() - 1).equals(fiveDecimals(row.get("calibrated")));
  }

  private static String fiveDecimals(String number) {
    return String.format(Locale.ROOT, "%.5f", Double.parseDouble(number));
  }

  private Outcome compareWeights(String format) {
    return Outcome.of(
            "weights-compare",
            SampleFiles.MODEL_A,
            SampleFiles.WEIGHTS,
            "--filters",
            "--format",
            format,
            "-o",
            folder.resolve(format))
        .isWell();
  }

  @Test
  void weightsCompareSaysTheSameInEachFormatAndInItsFiles() throws IOException {
    JsonNode json = compareWeights("json").json();
    List<Map<String, String>> rows = csv(compareWeights("csv").out());
    String table = compareWeights("table").out();

    assertThat(json.get("figures")).hasSameSizeAs(rows).isNotEmpty();
    Map<String, Map<String, String>> byLayer = new HashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      Map<String, String> row = rows.get(i);
      JsonNode figure = json.get("figures").get(i);
      for (String text : List.of("about", "layer", "statistic")) {
        assertThat(figure.get(text).asText()).isEqualTo(row.get(text));
      }
      for (String number : List.of("filter", "value", "low", "high", "p", "corrected_p", "n")) {
        assertNumber(figure.get(number), row.get(number), row + " " + number);
      }
      if (row.get("filter").isEmpty() && row.get("about").equals("change")) {
        byLayer
            .computeIfAbsent(row.get("layer"), layer -> new HashMap<>())
            .put(row.get("statistic"), row.get("value"));
      }
    }
    assertThat(byLayer).containsKeys("enc.0", "bottom", "out");
    byLayer.forEach((layer, values) -> assertInTable(table, layer, values));
    for (String format : List.of("json", "csv", "table")) {
      assertThat(csv(Files.readString(folder.resolve(format + "/weights.csv")))).isEqualTo(rows);
      assertThat(
              new ObjectMapper()
                  .readTree(folder.resolve(format + "/weights.json").toFile())
                  .get("figures"))
          .isEqualTo(json.get("figures"));
    }
  }

  private static void assertInTable(String table, String layer, Map<String, String> values) {
    if (values.containsKey("mean_cosine")) {
      List<String> expected = new ArrayList<>();
      for (String statistic :
          List.of(
              "relative_change",
              "mean_cosine",
              "sign_flips",
              "moved_share",
              "relative_norm_change")) {
        expected.add(String.format(Locale.ROOT, "%.4f", Double.parseDouble(values.get(statistic))));
      }
      assertThat(
              table
                  .lines()
                  .map(line -> List.of(line.strip().split(" +")))
                  .filter(cells -> cells.get(0).equals(layer) && cells.size() > 6)
                  .findFirst()
                  .orElseThrow()
                  .subList(1, 6))
          .as(layer)
          .isEqualTo(expected);
    }
  }

  @Test
  void weightsSaysTheSameInTableAndJson() {
    Outcome table = Outcome.of("weights", SampleFiles.WEIGHTS).isWell();
    JsonNode json = Outcome.of("weights", SampleFiles.WEIGHTS, "--format", "json").isWell().json();
    List<String> lines = table.out().lines().skip(1).toList();

    assertThat(json).hasSameSizeAs(lines).isNotEmpty();
    for (int i = 0; i < lines.size(); i++) {
      String[] cells = lines.get(i).strip().split(" {2,}");
      JsonNode tensor = json.get(i);

      assertThat(cells).hasSize(6);
      assertThat(cells[0]).isEqualTo(tensor.get("name").asText());
      assertThat(cells[1]).isEqualTo(tensor.get("shape").toString().replace(",", ", "));
      assertThat(cells[2]).isEqualTo(tensor.get("dtype").asText());
      assertFiveDigits(cells[3], tensor.get("mean").doubleValue());
      assertFiveDigits(cells[4], tensor.get("sd").doubleValue());
      assertFiveDigits(cells[5], tensor.get("norm").doubleValue());
    }
  }

  private static void assertFiveDigits(String cell, double value) {
    double shown = Double.parseDouble(cell);
    assertThat(Math.abs(shown - value)).as(cell).isLessThanOrEqualTo(5.1e-5 * Math.abs(value));
  }

  @Test
  void measuresAreThoseOfTheCatalogueInTableAndJson() {
    String table = Outcome.of("measures").isWell().out();
    JsonNode json = Outcome.of("measures", "--format", "json").isWell().json();
    List<MeasureEntry> catalogue = Measures.catalogue();

    assertThat(json).hasSameSizeAs(catalogue);
    for (int i = 0; i < catalogue.size(); i++) {
      MeasureEntry entry = catalogue.get(i);
      JsonNode object = json.get(i);
      String direction = entry.example().properties().direction().name().toLowerCase(Locale.ROOT);

      assertThat(object.get("measure").asText()).isEqualTo(entry.name());
      assertThat(object.get("direction").asText()).isEqualTo(direction);
      assertThat(object.get("symmetric").asBoolean())
          .isEqualTo(entry.example().properties().symmetric());
      assertThat(object.get("ignores").size())
          .isEqualTo(entry.example().properties().ignores().size());
      assertThat(table.lines())
          .anyMatch(line -> line.matches("\\Q" + entry.name() + "\\E.* " + direction + " .*"));
    }
  }
}
