package org.palimpsest.report.plot;

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
import org.palimpsest.core.measure.Range;

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
 * <p>The axis of steps is linear, or logarithmic where most checkpoints are early ones ({@link
 * StepScale#fitting}); step 0 is always shown, on a logarithmic axis before the first other step.
 * The axis of values begins at zero, or below it at the least value, and ends where the measure's
 * range does, or at the greatest value where that has no end. What lies outside is cut off.
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
  public record Point(
      long step, double value, double low, double high, Optional<ProbeInterval> interval) {

    /** Without an interval. */
    public Point(long step, double value, double low, double high) {
      this(step, value, low, high, Optional.empty());
    }

    /** Without a band. */
    public static Point of(long step, double value) {
      return new Point(step, value, value, value);
    }

    /** With where the value would lie with ever more probes. */
    public Point withInterval(ProbeInterval ends) {
      return new Point(step, value, low, high, Optional.of(ends));
    }

    /** Whether the layers may have nothing to do with each other. */
    public boolean isUndecided() {
      return interval.filter(ProbeInterval::holdsUnrelated).isPresent();
    }

    /** The mean of some values, with a band from the least to the greatest. */
    public static Point of(long step, Collection<Double> values) {
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
    public Curve {
      points = List.copyOf(points);
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

  record Pane(String name, List<Curve> curves) {}

  private final String valueLabel;
  private final Range range;
  private final String title;
  private final List<String> details;
  private final List<Pane> panes;
  private final Optional<StepScale> scale;
  private final String stepName;

  private TrainingCurves(
      String valueLabel,
      Range range,
      String title,
      List<String> details,
      List<Pane> panes,
      Optional<StepScale> scale,
      String stepName) {
    this.valueLabel = valueLabel;
    this.range = range;
    this.title = title;
    this.details = List.copyOf(details);
    this.panes = List.copyOf(panes);
    this.scale = scale;
    this.stepName = stepName;
  }

  /**
   * No pane yet.
   *
   * @param valueLabel what the values are, such as {@code linear_cka (higher is more alike)}
   * @param range the values to show; an infinite end follows the values
   */
  public static TrainingCurves of(String valueLabel, Range range) {
    return new TrainingCurves(
        valueLabel, range, "", List.of(), List.of(), Optional.empty(), "training step");
  }

  /** Sets what stands above the picture; it has no title if this is not said. */
  public TrainingCurves withTitle(String text) {
    return new TrainingCurves(valueLabel, range, text, details, panes, scale, stepName);
  }

  /** Adds something that a reader must know, such as what the bands are. */
  public TrainingCurves withDetail(String detail) {
    return new TrainingCurves(
        valueLabel, range, title, with(details, detail), panes, scale, stepName);
  }

  /** Adds a pane, such as one layer's; an only pane needs no name. */
  public TrainingCurves withPane(String name, List<Curve> curves) {
    Pane pane = new Pane(name, List.copyOf(curves));
    return new TrainingCurves(
        valueLabel, range, title, details, with(panes, pane), scale, stepName);
  }

  /** Calls the axis of steps something else than training step, such as {@code epoch}. */
  public TrainingCurves withStepName(String name) {
    return new TrainingCurves(valueLabel, range, title, details, panes, scale, name);
  }

  /** Sets the scale of the steps; {@link StepScale#fitting} if not set. */
  public TrainingCurves withStepScale(StepScale steps) {
    return new TrainingCurves(
        valueLabel, range, title, details, panes, Optional.of(steps), stepName);
  }

  /** Draws it. */
  public Figure draw() {
    TreeSet<Long> steps = new TreeSet<>();
    points().map(Point::step).forEach(steps::add);
    if (steps.isEmpty()) {
      throw new IllegalStateException("no values: nothing to draw");
    }
    StepScale used = scale.orElseGet(() -> StepScale.fitting(steps));
    boolean logarithmic = used == StepScale.LOGARITHMIC && steps.size() > 1;
    String stepLabel = logarithmic ? stepName + " (logarithmic)" : stepName;
    List<String> facts =
        points().anyMatch(Point::isUndecided)
            ? with(details, "hollow: intervals hold the value of unrelated layers")
            : details;
    CurvesSheet sheet =
        new CurvesSheet(
            new Header.Texts(title, facts, names()),
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

  private static <T> List<T> with(List<T> list, T one) {
    List<T> more = new ArrayList<>(list);
    more.add(one);
    return more;
  }
}
