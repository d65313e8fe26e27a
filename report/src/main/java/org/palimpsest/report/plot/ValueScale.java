package org.palimpsest.report.plot;

import java.awt.geom.Path2D;
import java.awt.geom.Point2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jfree.chart.axis.NumberTickUnit;
import org.palimpsest.core.measure.MeasureProperties.Range;

/** The vertical axis that panes share. */
final class ValueScale {

  private static final double AIR = 0.03;
  private static final double FAR = 3;

  private final String label;
  private final double low;
  private final double high;

  /**
   * From zero, or from the least value if that is below, to the upper end of the range, or if it
   * has none to the greatest value.
   */
  ValueScale(String label, Range range, double[] values) {
    double[] drawn = Arrays.stream(values).map(HouseStyle::drawable).toArray();
    double least = Arrays.stream(drawn).min().orElse(0);
    double greatest = Arrays.stream(drawn).max().orElse(1);
    double bottom = Math.max(range.low(), Math.min(0, least));
    double top = Double.isInfinite(range.high()) ? Math.max(0, greatest) : range.high();
    double span = top > bottom ? top - bottom : 1;
    this.label = label;
    this.low = bottom - AIR * span;
    this.high = bottom + (1 + AIR) * span;
  }

  double low() {
    return low;
  }

  double high() {
    return high;
  }

  String label() {
    return label;
  }

  /** From 0 at the lower end to 1 at the upper. */
  double position(double value) {
    return (value - low) / (high - low);
  }

  /**
   * The value, or one a few lengths of the axis beyond its end: to draw lines to points very far
   * away takes forever.
   */
  double near(double value) {
    double away = FAR * (high - low);
    return Math.max(low - away, Math.min(high + away, value));
  }

  List<Double> ticks(int about) {
    return HouseStyle.ticks(low, high, about);
  }

  String text(double tick, int about) {
    NumberTickUnit unit = HouseStyle.niceUnit(high - low, about);
    return unit.valueToString(tick);
  }

  /**
   * The part of a canvas between two heights. What lies outside is cut off before it is drawn: a
   * dashed line to a point very far away would be drawn dash by dash.
   *
   * @param top the lesser of the two
   */
  record Strip(double top, double bottom) {

    boolean holds(Point2D point) {
      return point.getY() >= top && point.getY() <= bottom;
    }

    /** The parts inside of the line through these points. */
    Path2D line(List<Point2D> points) {
      Path2D line = new Path2D.Double();
      for (int i = 1; i < points.size(); i++) {
        List<Point2D> part = cut(cut(points.subList(i - 1, i + 1), false, true), false, false);
        if (part.size() == 2) {
          Point2D from = line.getCurrentPoint();
          if (from == null || !from.equals(part.get(0))) {
            line.moveTo(part.get(0).getX(), part.get(0).getY());
          }
          line.lineTo(part.get(1).getX(), part.get(1).getY());
        }
      }
      return line;
    }

    /** The part inside of the area that these points surround. */
    Path2D area(List<Point2D> corners) {
      List<Point2D> inside = cut(cut(corners, true, true), true, false);
      Path2D area = new Path2D.Double();
      for (Point2D corner : inside) {
        if (area.getCurrentPoint() == null) {
          area.moveTo(corner.getX(), corner.getY());
        } else {
          area.lineTo(corner.getX(), corner.getY());
        }
      }
      if (!inside.isEmpty()) {
        area.closePath();
      }
      return area;
    }

    /** Without what lies beyond one of the edges (Sutherland and Hodgman 1974). */
    private List<Point2D> cut(List<Point2D> points, boolean closed, boolean atTop) {
      List<Point2D> kept = new ArrayList<>();
      for (int i = 0; i < points.size(); i++) {
        Point2D point = points.get(i);
        Point2D before = points.get((i + points.size() - 1) % points.size());
        if ((i > 0 || closed) && isWithin(before, atTop) != isWithin(point, atTop)) {
          kept.add(crossing(before, point, atTop ? top : bottom));
        }
        if (isWithin(point, atTop)) {
          kept.add(point);
        }
      }
      return kept;
    }

    private boolean isWithin(Point2D point, boolean atTop) {
      return atTop ? point.getY() >= top : point.getY() <= bottom;
    }

    private static Point2D crossing(Point2D from, Point2D to, double height) {
      double share = (height - from.getY()) / (to.getY() - from.getY());
      return new Point2D.Double(from.getX() + share * (to.getX() - from.getX()), height);
    }
  }
}
