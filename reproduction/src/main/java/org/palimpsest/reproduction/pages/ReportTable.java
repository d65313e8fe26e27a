package org.palimpsest.reproduction.pages;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A table, as exact as its figures in files and rounded on pages.
 *
 * @param name of its file, without an ending
 * @param caption what it shows
 * @param header names of columns
 * @param rows as many cells each as there are columns: texts and numbers
 */
public record ReportTable(
    String name, String caption, List<String> header, List<List<Object>> rows) {

  public ReportTable {
    header = List.copyOf(header);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<Object> row : rows) {
      if (row.size() != header.size()) {
        throw new IllegalArgumentException(
            "a row of %s cells under %s columns: %s".formatted(row.size(), header.size(), row));
      }
    }
  }

  public static ReportTable of(String name, String caption, String... header) {
    return new ReportTable(name, caption, List.of(header), List.of());
  }

  /**
   * A table that grows by columns, one row for each of the keys.
   *
   * @param keyHeader the name of the first column, which holds the keys
   */
  public static ReportTable byRow(
      String name, String caption, String keyHeader, Collection<String> keys) {
    List<List<Object>> rows = keys.stream().map(key -> List.<Object>of(key)).toList();
    return new ReportTable(name, caption, List.of(keyHeader), rows);
  }

  /**
   * With one more column.
   *
   * @param cell what stands there, by the row's first cell
   */
  public ReportTable withColumn(String head, Function<String, Object> cell) {
    List<List<Object>> wider =
        rows.stream().map(row -> append(row, cell.apply(String.valueOf(row.get(0))))).toList();
    return new ReportTable(name, caption, append(header, head), wider);
  }

  private static <T> List<T> append(List<T> list, T last) {
    return Stream.concat(list.stream(), Stream.of(last)).toList();
  }

  /** With one more row. */
  public ReportTable with(Object... cells) {
    List<List<Object>> more = new ArrayList<>(rows);
    more.add(List.of(cells));
    return new ReportTable(name, caption, header, more);
  }

  /** The rows as a page shows them: three decimals, a dash where there is no number. */
  List<List<String>> rounded() {
    return rows.stream()
        .map(
            row ->
                row.stream()
                    .map(
                        cell ->
                            cell instanceof Double number ? rounded(number) : String.valueOf(cell))
                    .toList())
        .toList();
  }

  /** The rows as a file holds them: all digits, nothing where there is no number. */
  List<List<String>> exact() {
    return rows.stream().map(row -> row.stream().map(ReportTable::exact).toList()).toList();
  }

  static String exact(Object cell) {
    return cell instanceof Double number && !Double.isFinite(number) ? "" : String.valueOf(cell);
  }

  static String rounded(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    String text = String.format(Locale.ROOT, "%.3f", value);
    return text.equals("-0.000") ? "0.000" : text;
  }
}
