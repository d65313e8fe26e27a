package org.palimpsest.report.plot;

import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.util.ArrayList;
import java.util.List;

/**
 * What stands above panes: the title, what a reader must know, and a legend.
 *
 * @param title in as many lines as it takes
 * @param facts in as many lines as they take
 * @param legend rows of groups; each by its place among all
 */
record Header(List<String> title, List<String> facts, List<List<Entry>> legend, TypeScale type) {

  /** One group and how far from the left its mark begins. */
  record Entry(int series, String name, double left) {}

  private static final double SAMPLE = 24;

  static Header of(Caption caption, TypeScale type, double width) {
    return of(caption, List.of(), type, width);
  }

  /** With a legend of series. */
  static Header of(Caption caption, List<String> series, TypeScale type, double width) {
    return new Header(
        caption.title().isEmpty()
            ? List.of()
            : HouseStyle.broken(caption.title(), type.title(), width),
        HouseStyle.wrapped(caption.facts(), type.subtitle(), width),
        rows(series, type, width),
        type);
  }

  private static List<List<Entry>> rows(List<String> series, TypeScale type, double width) {
    List<List<Entry>> rows = new ArrayList<>();
    double left = 0;
    for (int s = 0; s < series.size(); s++) {
      String name = HouseStyle.cut(series.get(s), type.subtitle(), width - 40 * type.factor());
      double wide = HouseStyle.width(name, type.subtitle()) + (SAMPLE + 22) * type.factor();
      if (rows.isEmpty() || left + wide > width) {
        rows.add(new ArrayList<>());
        left = 0;
      }
      rows.get(rows.size() - 1).add(new Entry(s, name, left));
      left += wide;
    }
    return rows;
  }

  private double titleLine() {
    return 20 * type.factor();
  }

  private double factLine() {
    return 15 * type.factor();
  }

  private double legendLine() {
    return 18 * type.factor();
  }

  double height() {
    double gaps = (facts.isEmpty() ? 0 : 4) + (legend.isEmpty() ? 0 : 6) + 6;
    return title.size() * titleLine()
        + facts.size() * factLine()
        + legend.size() * legendLine()
        + gaps * type.factor();
  }

  void draw(Graphics2D graphics, double left, double top) {
    graphics.setColor(HouseStyle.INK);
    double y = top;
    for (String line : title) {
      Ink.left(graphics, line, type.title(), left, y + titleLine() / 2);
      y += titleLine();
    }
    y += facts.isEmpty() ? 0 : 4 * type.factor();
    for (String line : facts) {
      Ink.left(graphics, line, type.subtitle(), left, y + factLine() / 2);
      y += factLine();
    }
    y += 6 * type.factor();
    for (List<Entry> row : legend) {
      for (Entry entry : row) {
        draw(graphics, entry, left + entry.left(), y + legendLine() / 2);
      }
      y += legendLine();
    }
  }

  private void draw(Graphics2D graphics, Entry entry, double left, double middle) {
    double sample = SAMPLE * type.factor();
    graphics.setColor(HouseStyle.series(entry.series()));
    graphics.setStroke(HouseStyle.line(entry.series()));
    graphics.draw(new Line2D.Double(left, middle, left + sample, middle));
    AffineTransform there = AffineTransform.getTranslateInstance(left + sample / 2, middle);
    graphics.fill(there.createTransformedShape(HouseStyle.mark(entry.series(), 7 * type.factor())));
    graphics.setColor(HouseStyle.INK);
    Ink.left(graphics, entry.name(), type.subtitle(), left + sample + 5 * type.factor(), middle);
  }
}
