package org.palimpsest.report.plot;

import java.awt.Font;
import java.awt.Graphics2D;
import java.util.List;

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
