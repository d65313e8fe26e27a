package org.palimpsest.report.table;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.ComparisonResult.MissingScore;
import org.palimpsest.core.comparison.ComparisonResult.PairScore;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.report.Results;

/**
 * Table, CSV and JSON of any result, read by readers of this test's own, say of each pair the same:
 * its value to the last digit, its interval, warnings and further columns, or why it has none.
 */
class TablesAgreeTest {

  private static final List<String> NAMES =
      List.of("enc1", "up, 2", "a \"quoted\" layer", "x;y", "π", "0", "-1", "deep.er/path");
  private static final List<String> WARNINGS =
      List.of("Few samples.", "It is \"flat\", says layer 'a'.", "100 % of it, or 3.5.");
  private static final MeasureProperties ANY =
      MeasureProperties.distance("Any number.")
          .range(new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY))
          .build();

  /** What came of one pair by one measure. */
  private record Cell(String layerA, String layerB, String measure) {}

  private static ComparisonResult result(Random random, int size, int measures) {
    List<String> layers = NAMES.subList(0, size);
    boolean withIntervals = random.nextBoolean();
    List<SimilarityMatrix> matrices = new ArrayList<>();
    for (int m = 0; m < measures; m++) {
      List<List<Optional<Score>>> scores = new ArrayList<>();
      List<List<String>> reasons = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        List<Optional<Score>> row = new ArrayList<>();
        List<String> why = new ArrayList<>();
        for (int j = 0; j < size; j++) {
          boolean isMissing = i + j + m > 0 && random.nextInt(4) == 0;
          row.add(isMissing ? Optional.empty() : Optional.of(score(random, withIntervals)));
          why.add(isMissing ? "Layer " + i + ", or \"" + j + "\", is constant." : "");
        }
        scores.add(row);
        reasons.add(why);
      }
      matrices.add(new SimilarityMatrix("measure:" + m, ANY, layers, layers, scores, reasons));
    }
    return Results.result(layers, matrices);
  }

  private static Score score(Random random, boolean withInterval) {
    Diagnostics diagnostics = Diagnostics.of(1 + random.nextInt(1_000_000));
    for (String warning : WARNINGS) {
      diagnostics = random.nextInt(4) == 0 ? diagnostics.withWarning(warning) : diagnostics;
    }
    double value = number(random);
    Score score = Score.of(value, ANY, diagnostics);
    return withInterval ? score.withInterval(interval(random, value)) : score;
  }

  private static Interval interval(Random random, double value) {
    if (random.nextInt(3) == 0) {
      return new Interval.Refused(value, random.nextInt(9), "Too few, \"says\" it.");
    }
    double one = number(random);
    double other = number(random);
    return new Interval.Known(
        value,
        random.nextBoolean() ? OptionalDouble.of(number(random)) : OptionalDouble.empty(),
        Math.min(one, other),
        Math.max(one, other),
        0.95,
        Interval.Method.CORRECTED_JACKKNIFE,
        3 + random.nextInt(100),
        OptionalDouble.empty());
  }

  /** Of any size that a double has, at full precision. */
  private static double number(Random random) {
    double digits = random.nextDouble() * (random.nextBoolean() ? 1 : -1);
    return switch (random.nextInt(5)) {
      case 0 -> 0;
      case 1 -> digits * Math.pow(10, random.nextInt(600) - 300);
      default -> digits;
    };
  }

  private static List<TableFormat.Column> further(Random random, ComparisonResult result) {
    return random.nextBoolean()
        ? List.of()
        : List.of(
            new TableFormat.Column(
                "null mean", result.rows().stream().map(row -> number(random)).toList()));
  }

  private static String written(
      TableFormat format, ComparisonResult result, List<TableFormat.Column> further)
      throws IOException {
    StringWriter out = new StringWriter();
    format.write(result, further, out);
    return out.toString();
  }

  /** Records of RFC 4180: cells may hold commas, doubled quotation marks and line breaks. */
  private static List<List<String>> csv(String text) {
    List<List<String>> records = new ArrayList<>();
    List<String> record = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
        cell.append(c);
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == ',' || c == '\n')) {
        record.add(cell.toString());
        cell.setLength(0);
        if (c == '\n') {
          records.add(List.copyOf(record));
          record.clear();
        }
      } else if (quoted || c != '\r') {
        cell.append(c);
      }
    }
    assertThat(quoted || !record.isEmpty() || cell.length() > 0).as("unfinished").isFalse();
    return records;
  }

  private static Map<Cell, Map<String, String>> byCell(List<List<String>> records) {
    List<String> header = records.get(0);
    Map<Cell, Map<String, String>> cells = new LinkedHashMap<>();
    for (List<String> record : records.subList(1, records.size())) {
      assertThat(record).hasSameSizeAs(header);
      Map<String, String> named = new HashMap<>();
      for (int i = 0; i < header.size(); i++) {
        named.put(header.get(i), record.get(i));
      }
      Cell cell = new Cell(record.get(0), record.get(1), record.get(2));
      assertThat(cells.put(cell, named)).as("a second line of %s", cell).isNull();
    }
    return cells;
  }

  private static Map<Cell, JsonNode> json(String text) throws IOException {
    Map<Cell, JsonNode> cells = new LinkedHashMap<>();
    for (JsonNode row : new ObjectMapper().readTree(text)) {
      Cell cell =
          new Cell(
              row.get("layerA").asText(), row.get("layerB").asText(), row.get("measure").asText());
      assertThat(cells.put(cell, row)).as("a second object of %s", cell).isNull();
    }
    return cells;
  }

  private static Cell cell(PairScore row) {
    return new Cell(row.layerA(), row.layerB(), row.measure());
  }

  private static Cell cell(MissingScore none) {
    return new Cell(none.layerA(), none.layerB(), none.measure());
  }

  @Property(tries = 150)
  void csvAndJsonHoldEachScoreToTheLastDigit(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int size,
      @ForAll @IntRange(min = 1, max = 3) int measures)
      throws IOException {
    Random random = new Random(seed);
    ComparisonResult result = result(random, size, measures);
    List<TableFormat.Column> further = further(random, result);
    Map<Cell, Map<String, String>> csv = byCell(csv(written(TableFormat.CSV, result, further)));
    Map<Cell, JsonNode> json = json(written(TableFormat.JSON, result, further));

    assertThat(csv.keySet()).containsExactlyElementsOf(json.keySet());
    assertThat(csv).hasSize(result.rows().size() + result.missing().size());
    int at = 0;
    for (PairScore row : result.rows()) {
      Map<String, String> line = csv.get(cell(row));
      JsonNode object = json.get(cell(row));
      Score score = row.score();

      assertThat(Double.parseDouble(line.get("value"))).isEqualTo(score.value());
      assertThat(object.get("value").doubleValue()).isEqualTo(score.value());
      assertThat(line.get("samples")).isEqualTo("" + score.diagnostics().samples());
      assertWarnings(score, line, object);
      assertInterval(score.interval(), line, object);
      for (TableFormat.Column column : further) {
        assertThat(Double.parseDouble(line.get("null_mean"))).isEqualTo(column.values().get(at));
        assertThat(object.get("nullMean").doubleValue()).isEqualTo(column.values().get(at));
      }
      at++;
    }
  }

  private static void assertWarnings(Score score, Map<String, String> line, JsonNode object) {
    List<String> warnings = score.diagnostics().warnings();
    List<String> ofObject = new ArrayList<>();
    object.path("warnings").forEach(warning -> ofObject.add(warning.asText()));

    assertThat(line.get("warnings")).isEqualTo(String.join(" | ", warnings));
    assertThat(ofObject).isEqualTo(warnings);
    assertThat(object.has("warnings")).isEqualTo(!warnings.isEmpty());
  }

  private static void assertInterval(
      Optional<Interval> interval, Map<String, String> line, JsonNode object) {
    if (interval.isEmpty()) {
      assertThat(line.getOrDefault("low", "")).isEmpty();
      assertThat(object.has("low")).isFalse();
    } else if (interval.get() instanceof Interval.Known known) {
      assertThat(Double.parseDouble(line.get("low"))).isEqualTo(known.low());
      assertThat(object.get("low").doubleValue()).isEqualTo(known.low());
      assertThat(Double.parseDouble(line.get("high"))).isEqualTo(known.high());
      assertThat(object.get("high").doubleValue()).isEqualTo(known.high());
      assertThat(line.get("units")).isEqualTo("" + known.units());
      assertThat(object.get("units").longValue()).isEqualTo(known.units());
      assertThat(line.get("corrected").isEmpty()).isEqualTo(known.corrected().isEmpty());
      assertThat(object.get("corrected").isNull()).isEqualTo(known.corrected().isEmpty());
      if (known.corrected().isPresent()) {
        assertThat(Double.parseDouble(line.get("corrected")))
            .isEqualTo(known.corrected().getAsDouble())
            .isEqualTo(object.get("corrected").doubleValue());
      }
      assertThat(line.get("note")).isEmpty();
    } else {
      assertThat(line.get("low")).isEmpty();
      assertThat(object.get("low").isNull()).isTrue();
      assertThat(line.get("note"))
          .isEqualTo(((Interval.Refused) interval.get()).reason())
          .isEqualTo(object.get("note").asText());
    }
  }

  @Property(tries = 100)
  void pairsWithoutAScoreStandLastInBothWithTheirReason(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 4) int size,
      @ForAll @IntRange(min = 1, max = 3) int measures)
      throws IOException {
    ComparisonResult result = result(new Random(seed), size, measures);
    Map<Cell, Map<String, String>> csv = byCell(csv(written(TableFormat.CSV, result, List.of())));
    Map<Cell, JsonNode> json = json(written(TableFormat.JSON, result, List.of()));
    List<Cell> expected = new ArrayList<>();
    result.rows().forEach(row -> expected.add(cell(row)));
    result.missing().forEach(none -> expected.add(cell(none)));

    assertThat(csv.keySet()).containsExactlyElementsOf(expected);
    for (MissingScore none : result.missing()) {
      assertThat(csv.get(cell(none)).get("value")).isEmpty();
      assertThat(csv.get(cell(none)).get("direction")).isEqualTo("distance");
      assertThat(csv.get(cell(none)).get("note")).isEqualTo(none.reason());
      assertThat(json.get(cell(none)).get("value").isNull()).isTrue();
      assertThat(json.get(cell(none)).get("note").asText()).isEqualTo(none.reason());
    }
  }

  /** Cells of a table are apart by two spaces or more, which no name here holds. */
  @Property(tries = 100)
  void theTextTableHasTheSameValuesToFiveDecimals(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int size,
      @ForAll @IntRange(min = 1, max = 3) int measures)
      throws IOException {
    Random random = new Random(seed);
    ComparisonResult result = result(random, size, measures);
    List<String> lines = written(TableFormat.TABLE, result, List.of()).lines().toList();
    boolean isLong = result.rows().get(0).score().interval().isPresent();
    Map<Cell, String> told = new HashMap<>();
    List<String> header = List.of(lines.get(0).strip().split(" {2,}"));
    for (String line : lines.subList(1, lines.indexOf(""))) {
      List<String> cells = List.of(line.strip().split(" {2,}"));
      assertThat(cells).hasSameSizeAs(header);
      if (isLong) {
        told.put(new Cell(cells.get(0), cells.get(1), cells.get(2)), cells.get(3));
      } else {
        for (int m = 2; m < header.size(); m++) {
          told.put(new Cell(cells.get(0), cells.get(1), header.get(m)), cells.get(m));
        }
      }
    }
    assertThat(told).hasSize(result.rows().size() + result.missing().size());
    for (PairScore row : result.rows()) {
      String mark = row.score().diagnostics().warnings().isEmpty() ? "" : "*";
      assertThat(told.get(cell(row))).isEqualTo(mark + rounded(row.score().value()));
    }
    result.missing().forEach(none -> assertThat(told.get(cell(none))).isEqualTo("-"));
  }

  private static String rounded(double value) {
    BigDecimal five = new BigDecimal(Double.toString(value)).setScale(5, RoundingMode.HALF_UP);
    return (value < 0 || 1 / value < 0) && five.signum() == 0
        ? "-" + five.toPlainString()
        : five.toPlainString();
  }
}
