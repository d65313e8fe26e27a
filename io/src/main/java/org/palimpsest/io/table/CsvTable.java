package org.palimpsest.io.table;

import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.Version;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.PairScore;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.io.text.CsvText;

/**
 * One line per score, with what a reader needs to trace it: {@code layer_a, layer_b, measure,
 * value}; {@code direction} (similarity or distance); {@code samples} (rows compared); {@code
 * rank_a, rank_b} (empty if the measure has none); {@code view} (how feature maps became samples);
 * {@code warnings} and, in the first line alone, {@code notes_a, notes_b} (sentences joined by
 * {@code |}); {@code origin_a, sha256_a, origin_b, sha256_b} (the files); {@code version} (of this
 * library); and if intervals were asked for, {@link IntervalColumns}.
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

  private CsvTable() {}

  static void write(ComparisonResult result, List<FigureColumn> figures, Writer out)
      throws IOException {
    CsvText csv = CsvText.to(out);
    List<String> intervals = IntervalColumns.areIn(result) ? IntervalColumns.NAMES : List.of();
    csv.add(
        joined(joined(HEADER, intervals), figures.stream().map(FigureColumn::snakeCase).toList()));
    List<PairScore> rows = result.rows();
    for (int row = 0; row < rows.size(); row++) {
      int at = row;
      List<String> more =
          figures.stream().map(figure -> String.valueOf(figure.values().get(at))).toList();
      boolean first = row == 0;
      List<String> cells = cells(rows.get(row), result.a(), result.b(), first);
      csv.add(joined(intervals.isEmpty() ? cells : joined(cells, interval(rows.get(row))), more));
    }
    csv.flush();
  }

  private static List<String> interval(PairScore row) {
    return IntervalColumns.of(row.score()).stream()
        .map(value -> value.map(String::valueOf).orElse(""))
        .toList();
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

  private static String joined(List<String> sentences) {
    return String.join(" | ", sentences);
  }
}
