package org.palimpsest.report.plot;

import java.util.List;

/**
 * How panes of equal size are laid out.
 *
 * @param across panes in a row
 * @param down rows of panes
 * @param bands a name for each row, or none
 * @param cell the side of a cell in points
 */
record PaneGrid(int across, int down, List<String> bands, double cell, TypeScale type) {

  private static final double WIDEST = 1500;
  private static final double SHARE_OF_PANES = 0.85;
  private static final double LARGEST_PANE = 300;
  private static final double SMALLEST_PANE = 120;
  private static final double LARGEST_CELL = 44;

  static PaneGrid of(int panes, List<String> bands, HeatPanes.Edge rows, HeatPanes.Edge columns) {
    int across = bands.isEmpty() ? Math.min(panes, across(panes)) : panes / bands.size();
    int down = (panes + across - 1) / across;
    int cells = Math.max(rows.names().size(), columns.names().size());
    double room =
        Math.min(
            LARGEST_PANE, Math.max(SMALLEST_PANE, WIDEST * SHARE_OF_PANES / Math.max(across, 3)));
    double cell = Math.min(LARGEST_CELL, TileImage.cell(cells, room));
    double length = across * columns.names().size() * cell;
    return new PaneGrid(across, down, bands, cell, TypeScale.forSheet(length));
  }

  /** A little wider than high. */
  private static int across(int panes) {
    return (int) Math.ceil(Math.sqrt(panes * 1.5));
  }
}
