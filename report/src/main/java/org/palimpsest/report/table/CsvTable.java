package org.palimpsest.report.table;

import java.io.IOException;
import java.io.Writer;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.Version;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.MissingScore;
import org.palimpsest.core.comparison.PairScore;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.internal.text.CsvText;

/**
 * One line per score, with what a reader needs to trace it: {@code layer_a, layer_b, measure,
 * value}; {@code direction} (similarity or distance); {@code samples} (rows compared); {@code
 * rank_a, rank_b} (empty if the measure has none); {@code view} (how feature maps became samples);
 * {@code warnings} and, in the first line alone, {@code notes_a, notes_b} (sentences joined by
 * {@code |}); {@code origin_a, sha256_a, origin_b, sha256_b} (the files); {@code version} (of this
 * library); and if intervals were asked for, {@link IntervalColumns}. Pairs without a score come
 * last, with an empty value and the reason in the column {@code note}, which the table then has.
 */
final class CsvTable {

  static final List<String> HEADER =
      List.of(
          "layer_a",
          "layer_b",
          "measure",
          "value",
          "direction",
          "samples",
          "rank_a",
          "rank_b",
          "view",
          "warnings",
          "origin_a",
          "sha256_a",
          "notes_a",
          "origin_b",
          "sha256_b",
          "notes_b",
          "version");

  private static final String NOTE = "note";

  private CsvTable() {}

  static void write(ComparisonResult result, List<FigureColumn> figures, Writer out)
      throws IOException {
    CsvText csv = CsvText.to(out);
    List<MissingScore> missing = result.missing();
    List<String> intervals = IntervalColumns.areIn(result) ? IntervalColumns.NAMES : List.of();
    List<String> more = intervals.isEmpty() && !missing.isEmpty() ? List.of(NOTE) : intervals;
    csv.add(joined(joined(HEADER, more), figures.stream().map(FigureColumn::snakeCase).toList()));
    List<PairScore> rows = result.rows();
    for (int row = 0; row < rows.size(); row++) {
      int at = row;
      List<String> last =
          figures.stream().map(figure -> String.valueOf(figure.values().get(at))).toList();
      List<String> cells = cells(rows.get(row), result.a(), result.b(), row == 0);
      csv.add(joined(joined(cells, interval(rows.get(row), more.size())), last));
    }
    for (MissingScore none : missing) {
      List<String> cells = cells(none, result.a(), result.b());
      csv.add(joined(joined(cells, note(none, more.size())), empty(figures.size())));
    }
    csv.flush();
  }

  private static List<String> interval(PairScore row, int columns) {
    return IntervalColumns.of(row.score()).stream()
        .limit(columns)
        .map(value -> value.map(String::valueOf).orElse(""))
        .toList();
  }

  private static List<String> note(MissingScore none, int columns) {
    return joined(empty(columns - 1), List.of(none.reason()));
  }

  private static List<String> empty(int cells) {
    return Collections.nCopies(cells, "");
  }

  /** Further figures come last. */
  private static List<String> joined(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  private static List<String> cells(PairScore row, Provenance a, Provenance b, boolean noted) {
    Diagnostics diagnostics = row.score().diagnostics();
    boolean ranks = diagnostics.hasRanks();
    return List.of(
        row.layerA(),
        row.layerB(),
        row.measure(),
        String.valueOf(row.score().value()),
        row.score().direction().name().toLowerCase(Locale.ROOT),
        String.valueOf(diagnostics.samples()),
        ranks ? String.valueOf(diagnostics.rankA()) : "",
        ranks ? String.valueOf(diagnostics.rankB()) : "",
        row.view(),
        joined(diagnostics.warnings()),
        a.origin(),
        a.sha256(),
        noted ? joined(a.notes()) : "",
        b.origin(),
        b.sha256(),
        noted ? joined(b.notes()) : "",
        Version.current());
  }

  private static List<String> cells(MissingScore none, Provenance a, Provenance b) {
    return List.of(
        none.layerA(),
        none.layerB(),
        none.measure(),
        "",
        none.direction().name().toLowerCase(Locale.ROOT),
        "",
        "",
        "",
        none.view(),
        "",
        a.origin(),
        a.sha256(),
        "",
        b.origin(),
        b.sha256(),
        "",
        Version.current());
  }

  private static String joined(List<String> sentences) {
    return String.join(" | ", sentences);
  }
}
