package org.palimpsest.report.plot;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/** How far along an axis the steps of training stand. */
enum StepScale {
  /** In proportion. */
  LINEAR,
  /** Each factor takes as much room; step 0, which has no logarithm, stands before the first. */
  LOGARITHMIC;

  private static final double MANY_TIMES = 8;
  private static final double EARLY = 0.34;
  private static final double GAP_BEFORE_FIRST = 0.45;

  /** Logarithmic if most of these steps are early ones: half of them in the first third. */
  static StepScale fitting(Collection<Long> steps) {
    List<Long> after = steps.stream().filter(s -> s > 0).distinct().sorted().toList();
    if (after.size() < 3) {
      return LINEAR;
    }
    double middle = after.get((after.size() - 1) / 2);
    double last = after.get(after.size() - 1);
    return middle <= EARLY * last && last >= MANY_TIMES * after.get(0) ? LOGARITHMIC : LINEAR;
  }

  /** From 0 for the least of all steps to 1 for the greatest; 0.5 if there is but one. */
  List<Double> positions(Collection<Long> steps, TreeSet<Long> all) {
    double low = raw(all.first(), all);
    double high = raw(all.last(), all);
    List<Double> positions = new ArrayList<>();
    for (long step : steps) {
      positions.add(high > low ? (raw(step, all) - low) / (high - low) : 0.5);
    }
    return positions;
  }

  private double raw(long step, TreeSet<Long> all) {
    if (this == LINEAR) {
      return step;
    }
    Long first = all.higher(0L);
    if (step > 0 || first == null) {
      return Math.log10(Math.max(step, 1));
    }
    double decades = Math.log10(all.last()) - Math.log10(first);
    return Math.log10(first) - Math.max(0.1, GAP_BEFORE_FIRST * Math.min(1, decades));
  }

  /**
   * The horizontal axis of training steps that panes share.
   *
   * @param label what stands below it
   * @param steps all that any pane shows
   */
  record Axis(String label, TreeSet<Long> steps, StepScale scale) {

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
      DecimalFormat format =
          new DecimalFormat("0.##", DecimalFormatSymbols.getInstance(Locale.ROOT));
      if (step >= 1_000_000) {
        return format.format(step / 1e6) + "M";
      }
      return step >= 10_000 ? format.format(step / 1e3) + "k" : String.valueOf(step);
    }
  }
}
