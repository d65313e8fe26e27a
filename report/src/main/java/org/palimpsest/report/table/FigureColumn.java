package org.palimpsest.report.table;

import java.util.List;
import java.util.Locale;

/**
 * A further figure for each row of a result, such as a p value.
 *
 * @param name in small letters, words parted by spaces: {@code null mean}
 * @param values one per row of the result, in its order, all finite
 */
public record FigureColumn(String name, List<Double> values) {

  public FigureColumn {
    values = List.copyOf(values);
  }

  /** As a column is called in CSV: {@code null_mean}. */
  String snakeCase() {
    return name.replace(' ', '_');
  }

  /** As a field is called in JSON: {@code nullMean}. */
  String camelCase() {
    StringBuilder text = new StringBuilder();
    for (String word : name.split(" ")) {
      String first = word.substring(0, 1);
      text.append(text.isEmpty() ? first : first.toUpperCase(Locale.ROOT))
          .append(word.substring(1));
    }
    return text.toString();
  }
}
