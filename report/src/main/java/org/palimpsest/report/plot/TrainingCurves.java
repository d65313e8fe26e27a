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
import java.util.Collection;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Interval.Ends;
import org.palimpsest.core.measure.MeasureProperties.Range;

/**
 * Values over the steps of training, one line with a band per group, in one pane or in one per
 * layer. All panes share both axes and the legend.
 *
 * <pre>
 * TrainingCurves.of("linear_cka (higher is more alike)", new Range(0, 1))
 *     .withTitle("Each checkpoint against the start of its own run")
 *     .withPane("enc1", List.of(TrainingCurves.Curve.ofRuns("random", runs)))
 *     .draw()
 *     .writeSvg(file);
 * </pre>
 *
 * <p>The axis of steps is linear, or logarithmic where most checkpoints are early ones; step 0 is
 * always shown, on a logarithmic axis before the first other step. The axis of values begins at
 * zero, or below it at the least value, and ends where the measure's range does, or at the greatest
 * value where that has no end. What lies outside is cut off.
 *
 * <p>Hollow marks stand where intervals hold the value of unrelated layers. In an SVG the ends
 * appear under the pointer, step by step.
 *
 * <p>A single pane is 520 × 300 points; several are 165 to 270 points wide. Immutable: each {@code
 * with…} gives a changed copy.
 */
public final class TrainingCurves {

  /**
   * One value at one step.
   *
   * @param value such as the mean of a group
   * @param low the lower end of its band; the value itself if it has none
   * @param high the upper end of its band
   * @param interval where the value would lie with ever more probes, if that is known
   */
  public record Point(long step, double value, double low, double high, Optional<Ends> interval) {

    /**
     * @throws PalimpsestException if one of these is not a number
     */
    public Point {
      HouseStyle.requireNumbers("A point at step " + step, value, low, high);
    }

    /** Without an interval. */
    public Point(long step, double value, double low, double high) {
      this(step, value, low, high, Optional.empty());
    }

    /** Without a band. */
    public static Point of(long step, double value) {
      return new Point(step, value, value, value);
    }

    /** With where the value would lie with ever more probes. */
    public Point withInterval(Ends ends) {
      return new Point(step, value, low, high, Optional.of(ends));
    }

    /** Whether the layers may have nothing to do with each other. */
    public boolean isUndecided() {
      return interval.filter(Ends::holdsUnrelated).isPresent();
    }

    /**
     * The mean of some values, with a band from the least to the greatest.
     *
     * @throws PalimpsestException if there is none
     */
    public static Point of(long step, Collection<Double> values) {
      if (values.isEmpty()) {
        throw new PalimpsestException(
            "There is no value at step %s, so that there is no mean. Leave the step out."
                .formatted(step));
      }
      DoubleSummaryStatistics sum =
          values.stream().mapToDouble(Double::doubleValue).summaryStatistics();
      return new Point(step, sum.getAverage(), sum.getMin(), sum.getMax());
    }
  }

  /**
   * One line.
   *
   * @param name what the legend calls it; lines of the same name look alike in all panes
   * @param points by ascending step
   */
  public record Curve(String name, List<Point> points) {
    /**
     * @throws PalimpsestException if a step stands before a lesser one
     */
    public Curve {
      points = List.copyOf(points);
      for (int i = 1; i < points.size(); i++) {
        if (points.get(i).step() < points.get(i - 1).step()) {
          throw new PalimpsestException(
              "The points of the line '%s' go from step %s back to step %s. Sort them by step."
                  .formatted(name, points.get(i - 1).step(), points.get(i).step()));
        }
      }
    }

    /**
     * The mean of several runs, with a band from the least to the greatest of them.
     *
     * @param runs the values of each by step
     */
    public static Curve ofRuns(String name, List<? extends Map<Long, Double>> runs) {
      SortedMap<Long, List<Double>> byStep = new TreeMap<>();
      for (Map<Long, Double> run : runs) {
        run.forEach(
            (step, value) -> byStep.computeIfAbsent(step, s -> new ArrayList<>()).add(value));
      }
      return new Curve(
          name, byStep.entrySet().stream().map(s -> Point.of(s.getKey(), s.getValue())).toList());
    }
  }

  private record Pane(String name, List<Curve> curves) {}

  private final String valueLabel;
  private final Range range;
  private final Caption caption;
  private final List<Pane> panes;
  private final String stepName;

  private TrainingCurves(
      String valueLabel, Range range, Caption caption, List<Pane> panes, String stepName) {
    this.valueLabel = valueLabel;
    this.range = range;
    this.caption = caption;
    this.panes = List.copyOf(panes);
    this.stepName = stepName;
  }

  /**
   * No pane yet.
   *
   * @param valueLabel what the values are, such as {@code linear_cka (higher is more alike)}
   * @param range the values to show; an infinite end follows the values
   */
  public static TrainingCurves of(String valueLabel, Range range) {
    return new TrainingCurves(valueLabel, range, Caption.of(""), List.of(), "training step");
  }

  /** Sets what stands above the picture; it has no title if this is not said. */
  public TrainingCurves withTitle(String text) {
    return new TrainingCurves(valueLabel, range, caption.titled(text), panes, stepName);
  }

  /** Adds something that a reader must know, such as what the bands are. */
  public TrainingCurves withDetail(String detail) {
    return new TrainingCurves(valueLabel, range, caption.with(detail), panes, stepName);
  }

  /** Adds a pane, such as one layer's; an only pane needs no name. */
  public TrainingCurves withPane(String name, List<Curve> curves) {
    List<Pane> more = new ArrayList<>(panes);
    more.add(new Pane(name, List.copyOf(curves)));
    return new TrainingCurves(valueLabel, range, caption, more, stepName);
  }

  /** Calls the axis of steps something else than training step, such as {@code epoch}. */
  public TrainingCurves withStepName(String name) {
    return new TrainingCurves(valueLabel, range, caption, panes, name);
  }

  /**
   * Draws it.
   *
   * @throws PalimpsestException if no series has a value
   */
  public Figure draw() {
    TreeSet<Long> steps = new TreeSet<>();
    points().map(Point::step).forEach(steps::add);
    if (steps.isEmpty()) {
      throw new PalimpsestException("There are no values to draw. Add a series that has some.");
    }
    StepScale used = StepScale.fitting(steps);
    boolean logarithmic = used == StepScale.LOGARITHMIC && steps.size() > 1;
    String stepLabel = logarithmic ? stepName + " (logarithmic)" : stepName;
    boolean undecided = points().anyMatch(Point::isUndecided);
    Sheet sheet =
        new Sheet(
            caption.withIf(
                undecided,
                "hollow: intervals (of corrected scores, if any) hold the value of unrelated layers"),
            names(),
            panes,
            new StepScale.Axis(stepLabel, steps, used),
            new ValueScale(valueLabel, range, values()));
    return Figure.of(sheet.width(), sheet.height(), sheet::draw).withHovers(sheet.hovers());
  }

  private Stream<Point> points() {
    return panes.stream().flatMap(p -> p.curves().stream()).flatMap(c -> c.points().stream());
  }

  private double[] values() {
    return points().flatMapToDouble(p -> DoubleStream.of(p.value(), p.low(), p.high())).toArray();
  }

  private List<String> names() {
    Set<String> names = new LinkedHashSet<>();
    panes.forEach(pane -> pane.curves().forEach(curve -> names.add(curve.name())));
    return List.copyOf(names);
  }

  /** Where everything in a picture of training curves stands. */
  private static final class Sheet {

    private static final int BAND_OPACITY = 46;
    private static final double WIDEST = 1440;
    private static final double LEAST_PANE = 165;

    private final List<Pane> panes;
    private final StepScale.Axis steps;
    private final ValueScale values;
    private final List<String> series;
    private final int across;
    private final double paneWidth;
    private final double paneHeight;
    private final TypeScale type;
    private final Header header;
    private final double unit;

    Sheet(
        Caption caption,
        List<String> series,
        List<Pane> panes,
        StepScale.Axis steps,
        ValueScale values) {
      this.panes = panes;
      this.steps = steps;
      this.values = values;
      this.series = series;
      this.across = Math.min(panes.size(), (int) Math.ceil(Math.sqrt(panes.size() * 1.3)));
      this.paneWidth =
          panes.size() == 1 ? 520 : Math.max(LEAST_PANE, Math.min(270, WIDEST / across - 12));
      this.paneHeight = panes.size() == 1 ? 300 : paneWidth * 0.66;
      this.type = TypeScale.forSheet(across * paneWidth);
      this.unit = type.factor();
      this.header = Header.of(caption, series, type, width() - 2.0 * margin());
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
          HouseStyle.abridged(panes.stream().map(Pane::name).toList(), type.subtitle(), paneWidth);
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
                  "%s%s: %s"
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

    private static TreeMap<Long, List<String>> told(Pane pane) {
      TreeMap<Long, List<String>> told = new TreeMap<>();
      for (Curve curve : pane.curves()) {
        for (Point point : curve.points()) {
          point
              .interval()
              .ifPresent(
                  ends ->
                      told.computeIfAbsent(point.step(), step -> new ArrayList<>())
                          .add(curve.name() + " " + HouseStyle.beside(point.value(), ends)));
        }
      }
      return told;
    }

    private void draw(Graphics2D graphics, int index, String name) {
      int column = index % across;
      double x = left(index);
      double y = top(index);
      Pane pane = panes.get(index);
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

    private double x(double left, Point point) {
      return left + paneWidth * steps.position(point.step());
    }

    private double y(double top, double value) {
      return top + paneHeight * (1 - values.position(HouseStyle.drawable(value)));
    }

    private void drawBand(Graphics2D graphics, Curve curve, double x, double y) {
      List<Point> points = curve.points();
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

    private void drawLine(Graphics2D graphics, Curve curve, double x, double y) {
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

    private int series(Curve curve) {
      return series.indexOf(curve.name());
    }
  }
}
