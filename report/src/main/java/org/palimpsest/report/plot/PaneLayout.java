package org.palimpsest.report.plot;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.List;

/**
 * Where panes of equal size stand in a picture, each with room for its name above it, and the names
 * of rows and columns along the outer ones. Lengths are points.
 *
 * @param across panes in a row
 * @param down rows of panes
 * @param bands a name for each row, or none
 * @param cell the side of a cell
 * @param rows the names along the left edge
 * @param columns the names along the lower edge
 */
record PaneLayout(
    int across,
    int down,
    List<String> bands,
    double cell,
    TypeScale type,
    EdgeNames rows,
    EdgeNames columns) {

  private static final double WIDEST = 1500;
  private static final double SHARE_OF_PANES = 0.85;
  private static final double LARGEST_PANE = 300;
  private static final double SMALLEST_PANE = 120;
  private static final double LARGEST_CELL = 44;
  private static final double LONGEST_NAME = 130;
  private static final double LONGEST_BELOW = 105;

  static PaneLayout of(int panes, List<String> bands, HeatPanes.Edge rows, HeatPanes.Edge columns) {
    int across = bands.isEmpty() ? Math.min(panes, across(panes)) : panes / bands.size();
    int down = (panes + across - 1) / across;
    int cells = Math.max(rows.names().size(), columns.names().size());
    double room =
        Math.min(
            LARGEST_PANE, Math.max(SMALLEST_PANE, WIDEST * SHARE_OF_PANES / Math.max(across, 3)));
    double cell = Math.min(LARGEST_CELL, TileImage.cell(cells, room));
    TypeScale type = TypeScale.forSheet(across * columns.names().size() * cell);
    double unit = type.factor();
    return new PaneLayout(
        across,
        down,
        bands,
        cell,
        type,
        EdgeNames.of(rows, type.tick(), cell, LONGEST_NAME * unit, true),
        EdgeNames.of(columns, type.tick(), cell, LONGEST_BELOW * unit, false));
  }

  /** A little wider than high. */
  private static int across(int panes) {
    return (int) Math.ceil(Math.sqrt(panes * 1.5));
  }

  double unit() {
    return type.factor();
  }

  double paneWidth() {
    return columns.count() * cell;
  }

  double paneHeight() {
    return rows.count() * cell;
  }

  double gap() {
    return 14 * unit();
  }

  double titleHeight() {
    return 18 * unit();
  }

  /** How much room the names of bands take. */
  double bandsWidth() {
    return bands.isEmpty() ? 0 : 22 * unit();
  }

  double left() {
    return HouseStyle.MARGIN + bandsWidth() + 20 * unit() + rows.width() + 6 * unit();
  }

  double right() {
    return left() + across * (paneWidth() + gap()) - gap();
  }

  /** Of all panes with their names. */
  double height() {
    return down * (titleHeight() + paneHeight() + gap()) - gap();
  }

  double left(int pane) {
    return left() + (pane % across) * (paneWidth() + gap());
  }

  /**
   * Where the cells of a pane begin, below its name.
   *
   * @param from where the first row of panes begins
   */
  double top(double from, int pane) {
    return topOfRow(from, pane / across);
  }

  /** Where the cells of a row of panes begin. */
  double topOfRow(double from, int row) {
    return from + row * (titleHeight() + paneHeight() + gap()) + titleHeight();
  }

  Rectangle2D cell(double from, int pane, int row, int column) {
    return new Rectangle2D.Double(
        left(pane) + column * cell, top(from, pane) + row * cell, cell, cell);
  }

  /**
   * The names along an edge of a pane, as many as fit: every second, every fifth, and so on.
   *
   * @param label what they are names of
   * @param names shortened to what there is room for
   * @param every how many cells from one name to the next
   * @param level whether they are read from left to right
   */
  record EdgeNames(
      String label, List<String> names, Font font, double cell, int every, boolean level) {

    private static final double LINE = 1.18;

    static EdgeNames of(
        HeatPanes.Edge edge, Font font, double cell, double longest, boolean leftEdge) {
      List<String> names = HouseStyle.abridged(edge.names(), font, longest);
      double widest = HouseStyle.widest(names, font);
      boolean level = leftEdge || widest + 5 <= cell;
      double needed = leftEdge || !level ? LINE * font.getSize2D() : widest + 5;
      return new EdgeNames(
          edge.label(), names, font, cell, (int) Math.max(1, Math.ceil(needed / cell)), level);
    }

    int count() {
      return names.size();
    }

    /** How far names to the left reach from the pane. */
    double width() {
      return HouseStyle.widest(names, font);
    }

    /** How far names below reach from the pane. */
    double height() {
      return level ? font.getSize2D() : HouseStyle.widest(names, font);
    }

    void drawLeftOf(Graphics2D graphics, double right, double top) {
      for (int i = 0; i < names.size(); i += every) {
        Ink.right(graphics, names.get(i), font, right, top + (i + 0.5) * cell);
      }
    }

    void drawBelow(Graphics2D graphics, double left, double top) {
      for (int i = 0; i < names.size(); i += every) {
        double middle = left + (i + 0.5) * cell;
        if (level) {
          Ink.centred(graphics, names.get(i), font, middle, top + font.getSize2D() / 2);
        } else {
          Ink.upwardsTo(graphics, names.get(i), font, middle, top);
        }
      }
    }
  }
}
