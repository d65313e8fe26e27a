package org.palimpsest.report.table;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.ComparisonResult.MissingScore;
import org.palimpsest.core.comparison.ComparisonResult.PairScore;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.FeatureMaps.View;
import org.palimpsest.internal.text.AlignedColumns;
import org.palimpsest.internal.text.VisibleText;

/** One line per pair of layers, one column per measure, and footnotes. */
final class TextTable {

  private static final String MARK = "*";

  /** Corrected, low and high; the rest is in the footnotes. */
  private static final int NUMBERS_OF_INTERVAL = 3;

  private TextTable() {}

  static void write(ComparisonResult result, List<TableFormat.Column> further, Writer out)
      throws IOException {
    boolean withIntervals = IntervalColumns.areIn(result);
    if (further.isEmpty() && !withIntervals) {
      writeAligned(pairs(result), 2, result.matrices().size(), out);
    } else {
      List<List<String>> lines = scores(result, further, withIntervals);
      writeAligned(lines, 3, lines.get(0).size() - 3, out);
    }
    out.write('\n');
    for (String footnote : footnotes(result)) {
      out.write(VisibleText.of(footnote) + "\n");
    }
  }

  private static List<List<String>> pairs(ComparisonResult result) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(header(result));
    boolean manyViews = viewsOf(result).size() > 1;
    forEachPair(result, (i, j) -> lines.add(line(result, i, j, manyViews)));
    return lines;
  }

  /** With further columns there is a line per score. */
  private static List<List<String>> scores(
      ComparisonResult result, List<TableFormat.Column> further, boolean withIntervals) {
    List<List<String>> lines = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("layer A", "layer B", "measure", "value"));
    if (withIntervals) {
      header.addAll(IntervalColumns.NAMES.subList(0, NUMBERS_OF_INTERVAL));
    }
    further.forEach(column -> header.add(column.name()));
    lines.add(header);
    List<PairScore> rows = result.rows();
    for (int row = 0; row < rows.size(); row++) {
      PairScore score = rows.get(row);
      List<String> line = new ArrayList<>();
      line.addAll(List.of(score.layerA(), score.layerB(), score.measure(), cell(score.score())));
      if (withIntervals) {
        IntervalColumns.of(score.score()).stream()
            .limit(NUMBERS_OF_INTERVAL)
            .forEach(value -> line.add(value.map(v -> number((Double) v)).orElse("-")));
      }
      for (TableFormat.Column column : further) {
        line.add(number(column.values().get(row)));
      }
      lines.add(line);
    }
    for (MissingScore none : result.missing()) {
      List<String> line = new ArrayList<>(List.of(none.layerA(), none.layerB(), none.measure()));
      line.addAll(Collections.nCopies(header.size() - line.size(), "-"));
      lines.add(line);
    }
    return lines;
  }

  private static List<String> header(ComparisonResult result) {
    List<String> header = new ArrayList<>(List.of("layer A", "layer B"));
    result.matrices().forEach(matrix -> header.add(matrix.measure()));
    if (viewsOf(result).size() > 1) {
      header.add("view");
    }
    return header;
  }

  private static List<String> line(ComparisonResult result, int i, int j, boolean withView) {
    SimilarityMatrix first = result.matrices().get(0);
    List<String> line = new ArrayList<>();
    line.add(first.rowLayers().get(i));
    line.add(first.columnLayers().get(j));
    for (SimilarityMatrix matrix : result.matrices()) {
      line.add(matrix.score(i, j).map(TextTable::cell).orElse("-"));
    }
    if (withView) {
      line.add(result.views().get(i).get(j));
    }
    return line;
  }

  private static String cell(Score score) {
    String mark = score.diagnostics().warnings().isEmpty() ? "" : MARK;
    return mark + number(score.value());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.5f", value);
  }

  @FunctionalInterface
  private interface PairVisitor {
    void visit(int row, int column);
  }

  private static void forEachPair(ComparisonResult result, PairVisitor visitor) {
    SimilarityMatrix first = result.matrices().get(0);
    for (int i = 0; i < first.rowLayers().size(); i++) {
      for (int j = 0; j < first.columnLayers().size(); j++) {
        if (!result.views().get(i).get(j).isEmpty()) {
          visitor.visit(i, j);
        }
      }
    }
  }

  private static Map<String, Integer> viewsOf(ComparisonResult result) {
    Map<String, Integer> views = new LinkedHashMap<>();
    result.rows().forEach(row -> views.merge(row.view(), 1, Integer::sum));
    return views;
  }

  private static List<String> footnotes(ComparisonResult result) {
    List<String> notes = new ArrayList<>();
    notes.add("A: " + result.a().origin());
    notes.add("B: " + result.b().origin());
    Map<String, Integer> views = viewsOf(result);
    if (views.size() == 1) {
      String view = views.keySet().iterator().next();
      notes.add("samples: " + (view.equals(View.OF_PLAIN_ROWS) ? "rows" : view));
    }
    result.warnings().forEach(warning -> notes.add(MARK + " " + warning));
    notes.addAll(result.intervalNotes());
    notes.addAll(result.missingNotes());
    return notes;
  }

  private static void writeAligned(
      List<List<String>> lines, int textColumns, int numbers, Writer out) throws IOException {
    for (String line : new AlignedColumns(textColumns, numbers).lines(lines)) {
      out.write(line + "\n");
    }
  }
}
