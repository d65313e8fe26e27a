package org.palimpsest.report.plot;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * The horizontal axis of training steps that panes share.
 *
 * @param label what stands below it
 * @param steps all that any pane shows
 */
record StepAxis(String label, TreeSet<Long> steps, StepScale scale) {

  private static final double AIR = 0.035;
  private static final double OVERHANG = 4;

  /** How far along, from 0 to 1, with some air at the ends. */
  double position(long step) {
    return AIR + (1 - 2 * AIR) * scale.positions(List.of(step), steps).get(0);
  }

  /** The axis line, with a break between step 0 and the others if these are logarithmic. */
  void drawLine(Graphics2D graphics, double left, double y, double width) {
    graphics.setColor(HouseStyle.INK);
    graphics.setStroke(HouseStyle.HAIRLINE);
    Long second = steps.higher(0L);
    if (scale == StepScale.LOGARITHMIC && steps.first() == 0 && second != null) {
      double middle = left + width * (position(0) + position(second)) / 2;
      graphics.draw(new Line2D.Double(left, y, middle - 2, y));
      graphics.draw(new Line2D.Double(middle + 2, y, left + width, y));
      for (double x : new double[] {middle - 2, middle + 2}) {
        graphics.draw(new Line2D.Double(x - 1.5, y + 4, x + 1.5, y - 4));
      }
    } else {
      graphics.draw(new Line2D.Double(left, y, left + width, y));
    }
    for (long step : steps) {
      double x = left + width * position(step);
      graphics.draw(new Line2D.Double(x, y, x, y + 3));
    }
  }

  void drawNumbers(Graphics2D graphics, Font font, double left, double middle, double width) {
    graphics.setColor(HouseStyle.INK);
    for (long step : labelled(font, width)) {
      double half = HouseStyle.width(text(step), font) / 2 - OVERHANG;
      double x = left + width * position(step);
      double within = Math.min(Math.max(x, left + half), left + width - half);
      Ink.centred(graphics, text(step), font, within, middle);
    }
  }

  /** The first, the last, and of those between as many as have room. */
  List<Long> labelled(Font font, double width) {
    List<Long> chosen = new ArrayList<>();
    long last = steps.last();
    for (long step : steps) {
      boolean clearOfLast = step == last || isClear(step, last, font, width);
      boolean clear = chosen.stream().allMatch(other -> isClear(other, step, font, width));
      if (clear && clearOfLast) {
        chosen.add(step);
      }
    }
    return chosen;
  }

  private boolean isClear(long a, long b, Font font, double width) {
    double needed = (HouseStyle.width(text(a), font) + HouseStyle.width(text(b), font)) / 2 + 7;
    return width * Math.abs(position(b) - position(a)) >= needed;
  }

  /** {@code 400}, {@code 12.5k}, {@code 3M}. */
  static String text(long step) {
    DecimalFormat format = new DecimalFormat("0.##", DecimalFormatSymbols.getInstance(Locale.ROOT));
    if (step >= 1_000_000) {
      return format.format(step / 1e6) + "M";
    }
    return step >= 10_000 ? format.format(step / 1e3) + "k" : String.valueOf(step);
  }
}
