package org.palimpsest.report.plot;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import org.jfree.chart.axis.NumberTickUnit;

/**
 * The colours of all panes, with their values and what these are.
 *
 * @param label what the values are
 * @param height in points
 */
record ColourBar(ColourMap colours, String label, TypeScale type, double height) {

  private static final int STEPS = 128;
  private static final int TICKS = 5;
  private static final double LEAST_FOR_LABEL = 110;

  double width() {
    double numbers = HouseStyle.width(unit().valueToString(colours.low()), type.tick());
    double others = HouseStyle.width(unit().valueToString(colours.high()), type.tick());
    return strip()
        + 8 * type.factor()
        + Math.max(numbers, others)
        + 8 * type.factor()
        + lines().size() * line();
  }

  private List<String> lines() {
    return HouseStyle.broken(
        label, type.label(), Math.max(height, LEAST_FOR_LABEL * type.factor()));
  }

  private double line() {
    return 15 * type.factor();
  }

  private double strip() {
    return 14 * type.factor();
  }

  private NumberTickUnit unit() {
    return HouseStyle.niceUnit(colours.high() - colours.low(), TICKS);
  }

  void draw(Graphics2D graphics, double left, double top) {
    double step = height / STEPS;
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_OFF);
    for (int i = 0; i < STEPS; i++) {
      double value = colours.high() - (i + 0.5) / STEPS * (colours.high() - colours.low());
      graphics.setColor(colours.getPaint(value));
      double overlap = i == STEPS - 1 ? 0 : step / 2;
      graphics.fill(new Rectangle2D.Double(left, top + i * step, strip(), step + overlap));
    }
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setColor(HouseStyle.INK);
    graphics.setStroke(HouseStyle.HAIRLINE);
    double numbersLeft = left + strip() + 6 * type.factor();
    for (double tick : HouseStyle.ticks(colours.low(), colours.high(), TICKS)) {
      double share = (tick - colours.low()) / (colours.high() - colours.low());
      double y = top + height * (1 - share);
      graphics.draw(new Line2D.Double(left + strip(), y, left + strip() + 3, y));
      Ink.left(graphics, unit().valueToString(tick), type.tick(), numbersLeft, y);
    }
    List<String> lines = lines();
    for (int i = 0; i < lines.size(); i++) {
      double x = left + width() - (lines.size() - i - 0.5) * line();
      Ink.upwards(graphics, lines.get(i), type.label(), x, top + height / 2);
    }
  }
}
