package org.palimpsest.cli;

import java.io.PrintWriter;
import java.util.List;
import org.palimpsest.internal.text.AlignedColumns;

/**
 * Lines of cells, printed one under the other.
 *
 * @param textColumns how many columns, the first ones, are text; the others are numbers, which end
 *     under one another
 */
record TextColumns(int textColumns) {

  void print(List<List<String>> lines, PrintWriter out) {
    new AlignedColumns(textColumns, Integer.MAX_VALUE - textColumns)
        .lines(lines)
        .forEach(out::println);
  }
}
