package org.palimpsest.report.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jfree.chart.annotations.XYShapeAnnotation;
import org.jfree.chart.plot.XYPlot;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Score;

/**
 * What a heat map shows of intervals: a dot in cells whose layers may have nothing to do with each
 * other, a cross in those without an interval where others have one.
 */
record IntervalMarks(SimilarityMatrix matrix) {

  /**
   * Draws the marks.
   *
   * @param isPrinted whether a cell's value stands in it, so that a mark goes into its corner
   */
  void draw(XYPlot plot, ColourMap colours, BiPredicate<Integer, Integer> isPrinted) {
    boolean isAnyKnown = any(Interval.Known.class::isInstance);
    for (int i = 0; i < matrix.rowLayers().size(); i++) {
      for (int j = 0; j < matrix.columnLayers().size(); j++) {
        Optional<Interval> interval = matrix.score(i, j).flatMap(Score::interval);
        Color ink = colours.inkOn(matrix.value(i, j));
        if (interval.filter(IntervalMarks::isUndecided).isPresent()) {
          Shape dot = isPrinted.test(i, j) ? dot(j + 0.36, i + 0.34, 0.06) : dot(j, i, 0.12);
          plot.addAnnotation(new XYShapeAnnotation(dot, null, null, ink), false);
        } else if (isAnyKnown && interval.filter(Interval.Refused.class::isInstance).isPresent()) {
          Shape cross = cross(j + 0.36, i + 0.34, 0.06);
          plot.addAnnotation(new XYShapeAnnotation(cross, new BasicStroke(1), ink), false);
        }
      }
    }
  }

  private static Shape dot(double x, double y, double radius) {
    return new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius);
  }

  private static Shape cross(double x, double y, double arm) {
    Path2D cross = new Path2D.Double();
    cross.moveTo(x - arm, y - arm);
    cross.lineTo(x + arm, y + arm);
    cross.moveTo(x - arm, y + arm);
    cross.lineTo(x + arm, y - arm);
    return cross;
  }

  /** What the marks mean. */
  List<String> legend() {
    List<String> legend = new ArrayList<>();
    if (any(IntervalMarks::isUndecided)) {
      legend.add(
          "dot: the interval%s holds the value of unrelated layers"
              .formatted(any(IntervalMarks::isCorrected) ? " (of the corrected score)" : ""));
    }
    if (any(Interval.Refused.class::isInstance)) {
      boolean isAnyKnown = any(Interval.Known.class::isInstance);
      legend.add(isAnyKnown ? "cross: no interval" : "no cell has an interval");
    }
    return legend;
  }

  /** {@code 95% intervals over 8 images}: on how many units they rest decides their widths. */
  Optional<String> units() {
    String unit = matrix.measure().startsWith("minibatch") ? "batches" : "images";
    String level =
        known()
            .map(known -> known.levelInPercent() + " ")
            .distinct()
            .collect(Collectors.joining(", "));
    return intervals()
        .map(Interval::units)
        .max(Long::compare)
        .map(units -> String.format(Locale.ROOT, "%sintervals over %,d %s", level, units, unit));
  }

  private static boolean isCorrected(Interval interval) {
    return interval instanceof Interval.Known known && known.corrected().isPresent();
  }

  private static boolean isUndecided(Interval interval) {
    return interval instanceof Interval.Known known && known.holdsUnrelated();
  }

  private boolean any(Predicate<Interval> wanted) {
    return intervals().anyMatch(wanted);
  }

  private Stream<Interval.Known> known() {
    return intervals().filter(Interval.Known.class::isInstance).map(Interval.Known.class::cast);
  }

  private Stream<Interval> intervals() {
    return matrix.scores().stream()
        .flatMap(List::stream)
        .flatMap(Optional::stream)
        .flatMap(score -> score.interval().stream());
  }
}
