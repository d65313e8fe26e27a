package org.palimpsest.report.plot;

import java.awt.Font;
import java.awt.Graphics2D;
import java.util.List;

/** Where everything in a picture of {@link HeatPanes} stands. */
final class HeatSheet {

  private static final double LONGEST_NAME = 130;
  private static final double LONGEST_BELOW = 105;
  private static final double LEAST_WIDTH = 560;
  private static final double ROOM_FOR_VALUES = 27;

  private final List<HeatPanes.Pane> panes;
  private final EdgeNames rows;
  private final EdgeNames columns;
  private final PaneGrid grid;
  private final ColourBar bar;
  private final Header header;
  private final double unit;

  HeatSheet(
      String title,
      List<String> facts,
      List<HeatPanes.Pane> panes,
      HeatPanes.Edge rows,
      HeatPanes.Edge columns,
      PaneGrid grid,
      ColourMap colours,
      String valueLabel) {
    this.panes = panes;
    this.grid = grid;
    this.unit = grid.type().factor();
    Font font = grid.type().tick();
    this.rows = EdgeNames.of(rows, font, grid.cell(), LONGEST_NAME * unit, true);
    this.columns = EdgeNames.of(columns, font, grid.cell(), LONGEST_BELOW * unit, false);
    double barHeight = Math.min(panesHeight() - titleHeight(), 360 * unit);
    this.bar = new ColourBar(colours, valueLabel, grid.type(), barHeight);
    this.header = Header.of(title, facts, List.of(), grid.type(), contentWidth());
  }

  private double paneWidth() {
    return columns.count() * grid.cell();
  }

  private double paneHeight() {
    return rows.count() * grid.cell();
  }

  private double gap() {
    return 14 * unit;
  }

  private double titleHeight() {
    return 18 * unit;
  }

  private double panesLeft() {
    double bands = grid.bands().isEmpty() ? 0 : 22 * unit;
    return HouseStyle.MARGIN + bands + 20 * unit + rows.width() + 6 * unit;
  }

  private double panesTop() {
    return HouseStyle.MARGIN + header.height();
  }

  private double panesRight() {
    return panesLeft() + grid.across() * (paneWidth() + gap()) - gap();
  }

  private double panesBottom() {
    return panesTop() + panesHeight();
  }

  private double panesHeight() {
    return grid.down() * (titleHeight() + paneHeight() + gap()) - gap();
  }

  private double contentWidth() {
    double needed = panesRight() + 18 * unit + bar.width() - HouseStyle.MARGIN;
    return Math.max(LEAST_WIDTH, needed);
  }

  int width() {
    return (int) Math.ceil(contentWidth() + 2 * HouseStyle.MARGIN);
  }

  int height() {
    return (int)
        Math.ceil(panesBottom() + columns.height() + 6 * unit + 22 * unit + HouseStyle.MARGIN);
  }

  void draw(Graphics2D graphics) {
    header.draw(graphics, HouseStyle.MARGIN, HouseStyle.MARGIN);
    List<String> names =
        HouseStyle.abridged(
            panes.stream().map(HeatPanes.Pane::name).toList(),
            grid.type().subtitle(),
            paneWidth() + gap() - 4);
    for (int i = 0; i < panes.size(); i++) {
      draw(graphics, i, names.get(i));
    }
    drawLabels(graphics);
    double barTop = panesTop() + titleHeight();
    bar.draw(graphics, panesRight() + 18 * unit, barTop);
  }

  private void draw(Graphics2D graphics, int index, String name) {
    HeatPanes.Pane pane = panes.get(index);
    int across = index % grid.across();
    int down = index / grid.across();
    double left = panesLeft() + across * (paneWidth() + gap());
    double top = panesTop() + down * (titleHeight() + paneHeight() + gap()) + titleHeight();
    graphics.setColor(HouseStyle.INK);
    Font font = grid.type().subtitle();
    Ink.left(graphics, name, font, left, top - titleHeight() / 2);
    TileImage.draw(graphics, TileImage.of(pane.values(), bar.colours(), grid.cell()), left, top);
    if (grid.cell() >= ROOM_FOR_VALUES) {
      printValues(graphics, pane.values(), left, top);
    }
    graphics.setColor(HouseStyle.INK);
    if (across == 0) {
      rows.drawLeftOf(graphics, left - 5 * unit, top);
    }
    if (index + grid.across() >= panes.size()) {
      columns.drawBelow(graphics, left, top + paneHeight() + 5 * unit);
    }
  }

  private void printValues(Graphics2D graphics, double[][] values, double left, double top) {
    Font font = TypeScale.plain(10);
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < values[i].length; j++) {
        String text = HouseStyle.printed(values[i][j]);
        if (HouseStyle.width(text, font) <= grid.cell() - 3) {
          graphics.setColor(bar.colours().inkOn(values[i][j]));
          Ink.centred(
              graphics, text, font, left + (j + 0.5) * grid.cell(), top + (i + 0.5) * grid.cell());
        }
      }
    }
  }

  private void drawLabels(Graphics2D graphics) {
    graphics.setColor(HouseStyle.INK);
    Font font = grid.type().label();
    double bands = grid.bands().isEmpty() ? 0 : 22 * unit;
    double middleX = (panesLeft() + panesRight()) / 2;
    double middleY = (panesTop() + panesBottom()) / 2;
    Ink.upwards(graphics, rows.label(), font, HouseStyle.MARGIN + bands + 8 * unit, middleY);
    double below = panesBottom() + columns.height() + 6 * unit + 11 * unit;
    Ink.centred(graphics, columns.label(), font, middleX, below);
    for (int b = 0; b < grid.bands().size(); b++) {
      double top = panesTop() + b * (titleHeight() + paneHeight() + gap()) + titleHeight();
      String name = HouseStyle.cut(grid.bands().get(b), grid.type().label(), paneHeight() + gap());
      Ink.upwards(
          graphics,
          name,
          grid.type().label(),
          HouseStyle.MARGIN + 8 * unit,
          top + paneHeight() / 2);
    }
  }
}
