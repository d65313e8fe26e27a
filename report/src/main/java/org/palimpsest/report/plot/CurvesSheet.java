package org.palimpsest.report.plot;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Where everything in a picture of training curves stands. */
final class CurvesSheet {

  private static final int BAND_OPACITY = 46;
  private static final double WIDEST = 1440;
  private static final double LEAST_PANE = 165;

  private final List<TrainingCurves.Pane> panes;
  private final StepScale.Axis steps;
  private final ValueScale values;
  private final Header.Texts texts;
  private final int across;
  private final double paneWidth;
  private final double paneHeight;
  private final TypeScale type;
  private final Header header;
  private final double unit;

  CurvesSheet(
      Header.Texts texts,
      List<TrainingCurves.Pane> panes,
      StepScale.Axis steps,
      ValueScale values) {
    this.panes = panes;
    this.steps = steps;
    this.values = values;
    this.texts = texts;
    this.across = Math.min(panes.size(), (int) Math.ceil(Math.sqrt(panes.size() * 1.3)));
    this.paneWidth =
        panes.size() == 1 ? 520 : Math.max(LEAST_PANE, Math.min(270, WIDEST / across - 12));
    this.paneHeight = panes.size() == 1 ? 300 : paneWidth * 0.66;
    this.type = TypeScale.forSheet(across * paneWidth);
    this.unit = type.factor();
    this.header =
        Header.of(texts.title(), texts.facts(), texts.series(), type, width() - 2.0 * margin());
  }

  private static int margin() {
    return HouseStyle.MARGIN;
  }

  private double gap() {
    return 12 * unit;
  }

  private double titleHeight() {
    return panes.size() == 1 && panes.get(0).name().isEmpty() ? 6 : 20 * unit;
  }

  private int down() {
    return (panes.size() + across - 1) / across;
  }

  private int valueTicks() {
    return panes.size() == 1 ? 6 : 4;
  }

  private double numbersWidth() {
    List<String> numbers =
        values.ticks(valueTicks()).stream().map(t -> values.text(t, valueTicks())).toList();
    return HouseStyle.widest(numbers, type.tick());
  }

  private double left() {
    return margin() + 18 * unit + numbersWidth() + 6 * unit;
  }

  private double top() {
    return margin() + header.height();
  }

  private double rowHeight() {
    return titleHeight() + paneHeight + gap();
  }

  int width() {
    return (int) Math.ceil(left() + across * (paneWidth + gap()) - gap() + margin() + 4);
  }

  int height() {
    return (int) Math.ceil(top() + down() * rowHeight() - gap() + 38 * unit + margin());
  }

  void draw(Graphics2D graphics) {
    header.draw(graphics, margin(), margin());
    List<String> names =
        HouseStyle.abridged(
            panes.stream().map(TrainingCurves.Pane::name).toList(), type.subtitle(), paneWidth);
    for (int i = 0; i < panes.size(); i++) {
      draw(graphics, i, names.get(i));
    }
    graphics.setColor(HouseStyle.INK);
    double middleX = left() + (across * (paneWidth + gap()) - gap()) / 2;
    double bottom = top() + down() * rowHeight() - gap();
    Ink.centred(graphics, steps.label(), type.label(), middleX, bottom + 28 * unit);
    String label = HouseStyle.cut(values.label(), type.label(), down() * rowHeight() + 30);
    Ink.upwards(graphics, label, type.label(), margin() + 8 * unit, (top() + bottom) / 2);
  }

  private double left(int index) {
    return left() + index % across * (paneWidth + gap());
  }

  private double top(int index) {
    return top() + (index / across) * rowHeight() + titleHeight();
  }

  /** Of each step with intervals a strip as high as the pane, half as far as the next step. */
  List<Figure.Hover> hovers() {
    List<Figure.Hover> hovers = new ArrayList<>();
    for (int i = 0; i < panes.size(); i++) {
      TreeMap<Long, List<String>> told = told(panes.get(i));
      for (Map.Entry<Long, List<String>> step : told.entrySet()) {
        double from = edge(step.getKey(), told.lowerKey(step.getKey()), 0);
        double to = edge(step.getKey(), told.higherKey(step.getKey()), 1);
        hovers.add(
            new Figure.Hover(
                new Rectangle2D.Double(
                    left(i) + from * paneWidth, top(i), (to - from) * paneWidth, paneHeight),
                "%s%d: %s"
                    .formatted(
                        panes.get(i).name().isEmpty() ? "" : panes.get(i).name() + ", ",
                        step.getKey(),
                        String.join("; ", step.getValue()))));
      }
    }
    return hovers;
  }

  private double edge(long step, @Nullable Long next, double last) {
    return next == null ? last : (steps.position(step) + steps.position(next)) / 2;
  }

  private static TreeMap<Long, List<String>> told(TrainingCurves.Pane pane) {
    TreeMap<Long, List<String>> told = new TreeMap<>();
    for (TrainingCurves.Curve curve : pane.curves()) {
      for (TrainingCurves.Point point : curve.points()) {
        point
            .interval()
            .ifPresent(
                ends ->
                    told.computeIfAbsent(point.step(), step -> new ArrayList<>())
                        .add(curve.name() + " " + ends.beside(point.value())));
      }
    }
    return told;
  }

  private void draw(Graphics2D graphics, int index, String name) {
    int column = index % across;
    double x = left(index);
    double y = top(index);
    TrainingCurves.Pane pane = panes.get(index);
    Font font = type.subtitle();
    graphics.setColor(HouseStyle.INK);
    Ink.left(graphics, name, font, x, y - titleHeight() / 2);
    drawGrid(graphics, x, y, column == 0);
    pane.curves().forEach(curve -> drawBand(graphics, curve, x, y));
    pane.curves().forEach(curve -> drawLine(graphics, curve, x, y));
    steps.drawLine(graphics, x, y + paneHeight, paneWidth);
    if (index + across >= panes.size()) {
      steps.drawNumbers(graphics, type.tick(), x, y + paneHeight + 11 * unit, paneWidth);
    }
  }

  private void drawGrid(Graphics2D graphics, double x, double y, boolean numbered) {
    graphics.setStroke(HouseStyle.HAIRLINE);
    for (double tick : values.ticks(valueTicks())) {
      double at = y + paneHeight * (1 - values.position(tick));
      graphics.setColor(HouseStyle.FAINT);
      graphics.draw(new Line2D.Double(x, at, x + paneWidth, at));
      if (numbered) {
        graphics.setColor(HouseStyle.INK);
        Ink.right(graphics, values.text(tick, valueTicks()), type.tick(), x - 5 * unit, at);
      }
    }
  }

  private double x(double left, TrainingCurves.Point point) {
    return left + paneWidth * steps.position(point.step());
  }

  private double y(double top, double value) {
    return top + paneHeight * (1 - values.position(HouseStyle.drawable(value)));
  }

  private void drawBand(Graphics2D graphics, TrainingCurves.Curve curve, double x, double y) {
    List<TrainingCurves.Point> points = curve.points();
    if (points.stream().allMatch(p -> p.low() == p.high())) {
      return;
    }
    List<Point2D> edge = new ArrayList<>();
    points.forEach(p -> edge.add(new Point2D.Double(x(x, p), y(y, p.high()))));
    for (int i = points.size() - 1; i >= 0; i--) {
      edge.add(new Point2D.Double(x(x, points.get(i)), y(y, points.get(i).low())));
    }
    Color colour = HouseStyle.series(series(curve));
    graphics.setColor(
        new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), BAND_OPACITY));
    graphics.fill(strip(y).area(edge));
  }

  private ValueScale.Strip strip(double top) {
    return new ValueScale.Strip(top, top + paneHeight);
  }

  private void drawLine(Graphics2D graphics, TrainingCurves.Curve curve, double x, double y) {
    List<Point2D> points = new ArrayList<>();
    curve.points().forEach(p -> points.add(new Point2D.Double(x(x, p), y(y, p.value()))));
    graphics.setColor(HouseStyle.series(series(curve)));
    graphics.setStroke(HouseStyle.line(series(curve)));
    graphics.draw(strip(y).line(points));
    double size = points.size() * 8 > paneWidth ? 3 : panes.size() == 1 ? 6.5 : 5;
    for (int i = 0; i < points.size(); i++) {
      Point2D point = points.get(i);
      if (strip(y).holds(point)) {
        AffineTransform there = AffineTransform.getTranslateInstance(point.getX(), point.getY());
        Shape mark = there.createTransformedShape(HouseStyle.mark(series(curve), size));
        drawMark(graphics, mark, curve.points().get(i).isUndecided());
      }
    }
  }

  private static void drawMark(Graphics2D graphics, Shape mark, boolean isHollow) {
    Color colour = graphics.getColor();
    graphics.setColor(isHollow ? Color.WHITE : colour);
    graphics.fill(mark);
    graphics.setColor(colour);
    if (isHollow) {
      graphics.setStroke(HouseStyle.LINE);
      graphics.draw(mark);
    }
  }

  private int series(TrainingCurves.Curve curve) {
    return texts.series().indexOf(curve.name());
  }
}
