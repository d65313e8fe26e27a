package org.palimpsest.report.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.report.Results;

/** Tables with intervals, further columns and pairs without a score, in each format. */
class TablesOfAllKindsTest {

  private static final String REASON = "Layer 'b' is constant, \"0\".";

  private static final Interval KNOWN =
      new Interval.Known(
          0.5,
          OptionalDouble.of(0.4375),
          0.25,
          0.75,
          0.95,
          Interval.Method.CORRECTED_JACKKNIFE,
          12,
          OptionalDouble.empty());

  private static final Interval REFUSED = new Interval.Refused(0.5, 3, "Too few images: 3.");

  private static Optional<Score> score(double value) {
    return Optional.of(Score.of(value, Results.SIMILARITY, Diagnostics.of(64)));
  }

  /** a-a has a score and perhaps an interval, a-b another, b-a none, b-b was not asked for. */
  private static ComparisonResult result(Interval... intervals) {
    Optional<Score> first = score(0.5);
    Optional<Score> second = score(1.0 / 3);
    if (intervals.length > 0) {
      first = first.map(score -> score.withInterval(intervals[0]));
      second = second.map(score -> score.withInterval(intervals[1]));
    }
    return Results.result(
        List.of("a", "b"),
        List.of(
            new SimilarityMatrix(
                "linear_cka",
                Results.SIMILARITY,
                List.of("a", "b"),
                List.of("a", "b"),
                List.of(List.of(first, second), List.of(Optional.empty(), Optional.empty())),
                List.of(List.of("", ""), List.of(REASON, "")))));
  }

  private static final List<TableFormat.Column> FURTHER =
      List.of(
          new TableFormat.Column("null mean", List.of(0.125, 1e-9)),
          new TableFormat.Column("p", List.of(0.001, 1.0)));

  private static String written(
      TableFormat format, ComparisonResult result, List<TableFormat.Column> further)
      throws IOException {
    StringWriter out = new StringWriter();
    format.write(result, further, out);
    return out.toString();
  }

  private static List<String> csv(ComparisonResult result, List<TableFormat.Column> further)
      throws IOException {
    return written(TableFormat.CSV, result, further).lines().toList();
  }

  private static String cell(List<String> lines, int line, String column) {
    return cells(lines.get(line)).get(cells(lines.get(0)).indexOf(column));
  }

  /** At commas that stand behind an even number of quotation marks. */
  private static List<String> cells(String line) {
    return Arrays.asList(line.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1));
  }

  @Test
  void aPairWithoutAScoreComesLastWithItsReason() throws IOException {
    List<String> lines = csv(result(), List.of());
    JsonNode json = new ObjectMapper().readTree(TableFormat.JSON.format(result()));
    String table = TableFormat.TABLE.format(result());

    assertThat(lines).hasSize(1 + 3);
    assertThat(lines.get(0)).endsWith(",note");
    assertThat(lines.get(1)).endsWith(",");
    assertThat(lines.get(3)).startsWith("b,a,linear_cka,,similarity,");
    assertThat(lines.get(3)).endsWith("\"Layer 'b' is constant, \"\"0\"\".\"");
    assertThat(json).hasSize(3);
    assertThat(json.get(2).get("value").isNull()).isTrue();
    assertThat(json.get(2).get("note").asText()).isEqualTo(REASON);
    assertThat(table).contains("no score. " + REASON);
    assertThat(table.lines().anyMatch(line -> line.matches("b +a +-"))).isTrue();
  }

  @Test
  void intervalsHaveTheirColumnsAndRefusedOnesTheirReason() throws IOException {
    List<String> lines = csv(result(KNOWN, REFUSED), List.of());

    assertThat(cell(lines, 1, "corrected")).isEqualTo("0.4375");
    assertThat(cell(lines, 1, "low")).isEqualTo("0.25");
    assertThat(cell(lines, 1, "high")).isEqualTo("0.75");
    assertThat(cell(lines, 1, "level")).isEqualTo("0.95");
    assertThat(cell(lines, 1, "method")).isEqualTo("corrected jackknife");
    assertThat(cell(lines, 1, "units")).isEqualTo("12");
    assertThat(cell(lines, 1, "note")).isEmpty();
    assertThat(cell(lines, 2, "low")).isEmpty();
    assertThat(cell(lines, 2, "units")).isEqualTo("3");
    assertThat(cell(lines, 2, "note")).isEqualTo("Too few images: 3.");
  }

  @Test
  void jsonSaysTheSameOfIntervalsAndFurtherColumns() throws IOException {
    JsonNode rows =
        new ObjectMapper().readTree(written(TableFormat.JSON, result(KNOWN, REFUSED), FURTHER));

    assertThat(rows.get(0).get("low").asDouble()).isEqualTo(0.25);
    assertThat(rows.get(0).get("method").asText()).isEqualTo("corrected jackknife");
    assertThat(rows.get(0).get("note").isNull()).isTrue();
    assertThat(rows.get(0).get("nullMean").asDouble()).isEqualTo(0.125);
    assertThat(rows.get(1).get("low").isNull()).isTrue();
    assertThat(rows.get(1).get("note").asText()).isEqualTo("Too few images: 3.");
    assertThat(rows.get(1).get("nullMean").asDouble()).isEqualTo(1e-9);
    assertThat(rows.get(1).get("p").asDouble()).isEqualTo(1);
  }

  @Test
  void furtherColumnsStandBesideEachScoreAndAreEmptyWithoutOne() throws IOException {
    List<String> lines = csv(result(), FURTHER);

    assertThat(cell(lines, 1, "null_mean")).isEqualTo("0.125");
    assertThat(cell(lines, 2, "null_mean")).isEqualTo("1.0E-9");
    assertThat(cell(lines, 2, "p")).isEqualTo("1.0");
    assertThat(lines).allMatch(line -> cells(line).size() == cells(lines.get(0)).size());
  }

  @Test
  void aTextTableWithIntervalsHasOneLineForEachPair() throws IOException {
    String table = written(TableFormat.TABLE, result(KNOWN, REFUSED), FURTHER);

    assertThat(table.lines().findFirst().orElseThrow())
        .matches("layer A +layer B +measure +value +corrected +low +high +null mean +p");
    assertThat(table).contains("95% interval by corrected jackknife over 12 units");
    assertThat(table).contains("Too few images: 3.");
    assertThat(
            table.lines().anyMatch(line -> line.matches("a +b +linear_cka +0\\.33333( +-){3} .*")))
        .isTrue();
  }

  @ParameterizedTest
  @EnumSource(TableFormat.class)
  void aColumnThatHasNotOneValueForEachScoreIsRefused(TableFormat format) {
    List<TableFormat.Column> fewer = List.of(new TableFormat.Column("p", List.of(0.5)));

    assertThatThrownBy(() -> written(format, result(), fewer))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'p'", "1 values", "2 scores");
  }

  @ParameterizedTest
  @EnumSource(TableFormat.class)
  void whatIsRefusedLeavesNoFile(TableFormat format, @TempDir Path folder) {
    List<TableFormat.Column> fewer = List.of(new TableFormat.Column("p", List.of()));

    assertThatThrownBy(() -> format.write(result(), fewer, folder.resolve("out")))
        .isInstanceOf(PalimpsestException.class);
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void aColumnOfWhatIsNoNumberIsRefused(double value) {
    assertThatThrownBy(() -> new TableFormat.Column("p", List.of(0.5, value)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'p'", String.valueOf(value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "null  mean", " p", "a,b", "a\nb"})
  void aNameThatIsNoColumnsIsRefused(String name) {
    assertThatThrownBy(() -> new TableFormat.Column(name, List.of()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'" + name + "'");
  }

  @Test
  void numbersHaveAPointInEveryLocale() throws IOException {
    Locale before = Locale.getDefault();
    String expected = written(TableFormat.TABLE, result(KNOWN, REFUSED), FURTHER);
    List<String> lines = csv(result(KNOWN, REFUSED), FURTHER);
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(written(TableFormat.TABLE, result(KNOWN, REFUSED), FURTHER)).isEqualTo(expected);
      assertThat(csv(result(KNOWN, REFUSED), FURTHER)).isEqualTo(lines);
    } finally {
      Locale.setDefault(before);
    }
  }
}
