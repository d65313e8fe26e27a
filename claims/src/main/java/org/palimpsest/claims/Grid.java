package org.palimpsest.claims;

import java.util.List;

/**
 * A table, such as one row per network.
 *
 * @param caption what it shows
 * @param header one cell per column
 * @param rows as many cells each
 */
public record Grid(String caption, List<String> header, List<List<String>> rows) {

  public Grid {
    header = List.copyOf(header);
    rows = rows.stream().map(List::copyOf).toList();
  }
}
