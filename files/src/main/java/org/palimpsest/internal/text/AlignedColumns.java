package org.palimpsest.internal.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Cells as lines of text, columns under one another, every cell as {@link VisibleText} shows it. A
 * cell that is much longer than others are usually moves what follows it in its line, instead of
 * padding all lines to its length.
 *
 * @param textColumns how many columns, the first ones, are text
 * @param numberColumns how many of the next are numbers, which end under one another; more columns
 *     are text again
 */
public record AlignedColumns(int textColumns, int numberColumns) {

  private static final String GAP = "  ";
  private static final int LONGEST_PADDED = 160;

  /** The lines, without line breaks and without spaces at their ends. */
  public List<String> lines(List<List<String>> rows) {
    List<List<String>> shown =
        rows.stream().map(row -> row.stream().map(VisibleText::of).toList()).toList();
    int[] widths = new int[shown.stream().mapToInt(List::size).max().orElse(0)];
    for (List<String> row : shown) {
      for (int c = 0; c < row.size(); c++) {
        if (row.get(c).length() <= LONGEST_PADDED) {
          widths[c] = Math.max(widths[c], row.get(c).length());
        }
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : shown) {
      lines.add(line(row, widths));
    }
    return lines;
  }

  private String line(List<String> row, int[] widths) {
    StringBuilder text = new StringBuilder();
    for (int c = 0; c < row.size(); c++) {
      String padding = " ".repeat(Math.max(0, widths[c] - row.get(c).length()));
      boolean number = c >= textColumns && c < textColumns + numberColumns;
      text.append(c == 0 ? "" : GAP);
      text.append(number ? padding + row.get(c) : row.get(c) + padding);
    }
    return text.toString().stripTrailing();
  }
}
