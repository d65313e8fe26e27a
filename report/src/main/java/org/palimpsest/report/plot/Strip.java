package org.palimpsest.report.plot;

import java.awt.geom.Path2D;
import java.awt.geom.Point2D;
import java.util.ArrayList;
import java.util.List;

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
