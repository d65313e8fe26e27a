package org.palimpsest.examples.cli;

import java.io.PrintWriter;
import java.util.List;

/**
 * Lines of cells, printed one under the other.
 *
 * @param textColumns how many columns, the first ones, are text; the others are numbers, which end
 *     under one another
 */
record TextColumns(int textColumns) {

  private static final String GAP = "  ";

  void print(List<List<String>> lines, PrintWriter out) {
    int columns = lines.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    for (List<String> line : lines) {
      for (int c = 0; c < line.size(); c++) {
        widths[c] = Math.max(widths[c], line.get(c).length());
      }
    }
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int c = 0; c < line.size(); c++) {
        String padding = " ".repeat(widths[c] - line.get(c).length());
        text.append(c == 0 ? "" : GAP);
        text.append(c < textColumns ? line.get(c) + padding : padding + line.get(c));
      }
      out.println(text.toString().stripTrailing());
    }
  }
}
