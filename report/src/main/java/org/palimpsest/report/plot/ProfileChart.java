package org.palimpsest.report.plot;

import java.awt.Color;
import java.awt.Font;
import java.awt.Shape;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItem;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.DeviationRenderer;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;
import org.jfree.data.xy.YIntervalSeries;
import org.jfree.data.xy.YIntervalSeriesCollection;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Interval.Ends;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.internal.text.VisibleText;

/**
 * Values per layer, layers in the order in which they run, one line per group of networks or pairs:
 * the line is the group's mean, the band reaches from its least to its greatest value, each dot is
 * one network or pair, hollow where its interval holds the value of unrelated layers. In an SVG the
 * ends of intervals appear under the pointer, layer by layer.
 *
 * <pre>
 * ProfileChart.of(layers, "linear_cka (higher is more alike)", new Range(0, 1))
 *     .withSeries("random", layer -&gt; scoresOfRandom(layer))
 *     .withSeries("transfer", layer -&gt; scoresOfTransferred(layer))
 *     .draw()
 *     .writePng(file);
 * </pre>
 *
 * <p>With names of groups in the place of layers and one series per group it shows one score per
 * network, such as Dice ({@link #withSeparate}). With {@link #withSpans} the line and the band are
 * given, such as a mean with its interval, and there are no dots. Groups differ in colour, mark and
 * dashes, so that they can be told apart in grey too.
 *
 * <p>The picture is 540 to 1400 points wide, by the number of layers, or as wide as is asked for;
 * names that have no room are turned upright, shortened and thinned. Immutable: each {@code with…}
 * gives a changed copy.
 */
public final class ProfileChart {

  /**
   * One group.
   *
   * @param name what the legend calls it
   * @param dots per layer, the group's members; none where there is none
   * @param spans per layer, the line's value and the band's ends, where there are any
   */
  record Series(String name, List<List<Dot>> dots, List<Optional<Span>> spans) {}

  /**
   * One member of a group, in one layer.
   *
   * @param value its value
   * @param interval where it would lie with ever more probes, if that is known
   */
  public record Dot(double value, Optional<Ends> interval) {

    /**
     * @throws PalimpsestException if the value is not a number
     */
    public Dot {
      HouseStyle.requireNumbers("A value", value);
    }

    private boolean isUndecided() {
      return interval.filter(Ends::holdsUnrelated).isPresent();
    }
  }

  /**
   * Where a line and its band pass.
   *
   * @param value the line's, such as a mean
   * @param low the lower end of the band, such as that of an interval
   * @param high the upper end
   */
  public record Span(double value, double low, double high) {

    /**
     * @throws PalimpsestException if one of these is not a number
     */
    public Span {
      HouseStyle.requireNumbers("A value with its band", value, low, high);
    }

    private static Optional<Span> of(List<Dot> dots) {
      DoubleSummaryStatistics sum = dots.stream().mapToDouble(Dot::value).summaryStatistics();
      return dots.isEmpty()
          ? Optional.empty()
          : Optional.of(new Span(sum.getAverage(), sum.getMin(), sum.getMax()));
    }
  }

  private static final int NARROWEST = 100;
  private static final double DODGE = 0.09;
  private static final int BAND_OPACITY = 46;
  private static final int DOT_OPACITY = 170;
  private static final int TICKS = 5;
  private static final Shape DASH = new Rectangle2D.Double(-12, -0.9, 24, 1.8);

  private final List<String> layers;
  private final String valueLabel;
  private final Caption caption;
  private final List<Series> series;
  private final Range range;
  private final boolean legend;

  private ProfileChart(
      List<String> layers,
      String valueLabel,
      Caption caption,
      List<Series> series,
      Range range,
      boolean legend) {
    this.layers = List.copyOf(layers);
    this.valueLabel = valueLabel;
    this.caption = caption;
    this.series = List.copyOf(series);
    this.range = range;
    this.legend = legend;
  }

  /**
   * An empty chart.
   *
   * @param layers what stands along the horizontal axis
   * @param valueLabel what the values are, such as {@code linear_cka (higher is more alike)}
   * @param range the values to show; an infinite end follows the values
   * @throws PalimpsestException if there is no layer
   */
  public static ProfileChart of(List<String> layers, String valueLabel, Range range) {
    if (layers.isEmpty()) {
      throw new PalimpsestException("A chart of layers has one layer at least.");
    }
    return new ProfileChart(layers, valueLabel, Caption.of(""), List.of(), range, true);
  }

  /** Sets what stands above the picture; it has no title if this is not said. */
  public ProfileChart withTitle(String text) {
    return new ProfileChart(layers, valueLabel, caption.titled(text), series, range, legend);
  }

  /** Adds something that a reader must know, such as the probes. */
  public ProfileChart withDetail(String detail) {
    return new ProfileChart(layers, valueLabel, caption.with(detail), series, range, legend);
  }

  /**
   * Adds a group.
   *
   * @param values per layer, the values of the group's members
   */
  public ProfileChart withSeries(String name, List<List<Double>> values) {
    return withDots(
        name,
        values.stream()
            .map(list -> list.stream().map(value -> new Dot(value, Optional.empty())).toList())
            .toList());
  }

  /**
   * Adds a group whose members have intervals.
   *
   * @param dots per layer, the group's members
   */
  public ProfileChart withDots(String name, List<List<Dot>> dots) {
    List<List<Dot>> own = dots.stream().map(List::copyOf).toList();
    return with(new Series(name, own, own.stream().map(Span::of).toList()));
  }

  /**
   * Adds a group.
   *
   * @param values of the group's members, by layer
   */
  public ProfileChart withSeries(String name, Function<String, List<Double>> values) {
    return withSeries(name, layers.stream().map(values).toList());
  }

  /**
   * Adds a series for each name along the horizontal axis, so that no line joins what has no order.
   *
   * @param values of the members of each group, by its name
   */
  public ProfileChart withSeparate(Function<String, List<Double>> values) {
    ProfileChart chart = this;
    for (String group : layers) {
      chart = chart.withSeries(group, name -> name.equals(group) ? values.apply(name) : List.of());
    }
    return chart;
  }

  /**
   * Adds a group of which only its mean and an interval are known, or are to be shown.
   *
   * @param spans per layer, if there is one
   */
  public ProfileChart withSpans(String name, List<Optional<Span>> spans) {
    List<List<Dot>> none = spans.stream().map(span -> List.<Dot>of()).toList();
    return with(new Series(name, none, List.copyOf(spans)));
  }

  private ProfileChart with(Series one) {
    if (one.dots().size() != layers.size()) {
      throw new PalimpsestException(
          "Values of '%s' are given for %s layers, but there are %s."
              .formatted(one.name(), one.dots().size(), layers.size()));
    }
    List<Series> more = new ArrayList<>(series);
    more.add(one);
    return new ProfileChart(layers, valueLabel, caption, more, range, legend);
  }

  /** Leaves the legend out, where the horizontal axis names the groups already. */
  public ProfileChart withoutLegend() {
    return new ProfileChart(layers, valueLabel, caption, series, range, false);
  }

  /** Draws it at its usual size: as wide as its layers need, 340 points high for the values. */
  public Figure draw() {
    return draw(Math.max(540, Math.min(1400, 90 + 46 * layers.size())));
  }

  /**
   * Draws it at the given width.
   *
   * @param width in points, from 100
   * @throws PalimpsestException if it is narrower
   */
  public Figure draw(int width) {
    if (width < NARROWEST) {
      throw new PalimpsestException(
          "A chart is %s points wide at least, unlike %s.".formatted(NARROWEST, width));
    }
    TypeScale type = TypeScale.forLength(width);
    Font ticks = width / (double) layers.size() < 16 ? TypeScale.plain(9) : type.tick();
    List<String> shown = HouseStyle.abridged(layers, ticks);
    SymbolAxis names = HouseStyle.names("", shown, type.label(), ticks);
    names.setLabel(null);
    double longest = HouseStyle.widest(shown, ticks);
    boolean upright = longest > (width - 90.0) / layers.size() - 6;
    names.setVerticalTickLabels(upright);
    if (upright) {
      HouseStyle.thin(names, ticks, (width - 90.0) / layers.size());
    }
    ValueScale scale = scale();
    XYPlot plot = new XYPlot(null, names, valueAxis(scale, type), null);
    HouseStyle.style(plot);
    plot.setRangeZeroBaselineVisible(range.low() < 0);
    plot.setRangeZeroBaselinePaint(HouseStyle.INK);
    addDots(plot, 0, scale, type.factor() * Math.min(1, width / (14.0 * layers.size())));
    addLines(plot, 1, scale);
    addBands(plot, 2, scale);
    List<String> lines =
        HouseStyle.wrapped(whole().facts(), type.subtitle(), width - 2.0 * HouseStyle.MARGIN);
    JFreeChart chart = HouseStyle.chart(plot, caption.title(), lines, type);
    if (legend && series.size() > 1) {
      chart.addSubtitle(legend(series.stream().map(Series::name).toList(), type));
    }
    double height = (310 + 22 * lines.size()) * type.factor() + (upright ? longest : 20) + 50;
    Figure figure = Figure.of(chart, width, (int) Math.ceil(height));
    Rectangle2D whole = new Rectangle2D.Double(0, 0, figure.width(), figure.height());
    return figure.withHovers(hovers(Figure.dataArea(chart, whole)));
  }

  private Caption whole() {
    boolean undecided =
        series.stream()
            .flatMap(one -> one.dots().stream())
            .flatMap(List::stream)
            .anyMatch(Dot::isUndecided);
    return caption.withIf(
        undecided,
        "hollow: intervals (of corrected scores, if any) hold the value of unrelated layers");
  }

  /** Of each layer with intervals a strip as high as the plot. */
  private List<Figure.Hover> hovers(Rectangle2D area) {
    double width = area.getWidth() / layers.size();
    List<Figure.Hover> hovers = new ArrayList<>();
    for (int layer = 0; layer < layers.size(); layer++) {
      List<String> told = new ArrayList<>();
      for (Series one : series) {
        for (Dot dot : one.dots().get(layer)) {
          dot.interval()
              .ifPresent(ends -> told.add(one.name() + " " + HouseStyle.beside(dot.value(), ends)));
        }
      }
      if (!told.isEmpty()) {
        hovers.add(
            new Figure.Hover(
                new Rectangle2D.Double(
                    area.getX() + layer * width, area.getY(), width, area.getHeight()),
                layers.get(layer) + ": " + String.join("; ", told)));
      }
    }
    return hovers;
  }

  private ValueScale scale() {
    double[] all =
        series.stream()
            .flatMap(s -> s.spans().stream())
            .flatMap(Optional::stream)
            .flatMapToDouble(span -> DoubleStream.of(span.low(), span.value(), span.high()))
            .toArray();
    return new ValueScale(valueLabel, range, all);
  }

  private NumberAxis valueAxis(ValueScale scale, TypeScale type) {
    NumberAxis axis = new NumberAxis(VisibleText.of(valueLabel));
    HouseStyle.style(axis, type.label(), type.tick());
    axis.setRange(scale.low(), scale.high());
    axis.setTickUnit(HouseStyle.niceUnit(scale.high() - scale.low(), TICKS));
    axis.setAxisLineVisible(false);
    axis.setTickMarksVisible(false);
    return axis;
  }

  /** The groups that have values there stand side by side. */
  private double x(int layer, int group) {
    long present = series.stream().filter(s -> s.spans().get(layer).isPresent()).count();
    long before =
        series.stream().limit(group).filter(s -> s.spans().get(layer).isPresent()).count();
    return layer + DODGE * (before - (present - 1) / 2.0);
  }

  private void addDots(XYPlot plot, int index, ValueScale scale, double size) {
    XYSeriesCollection dots = new XYSeriesCollection();
    DotRenderer renderer = new DotRenderer(series);
    for (int g = 0; g < series.size(); g++) {
      XYSeries points = new XYSeries(g + series.get(g).name());
      for (int layer = 0; layer < layers.size(); layer++) {
        for (Dot dot : series.get(g).dots().get(layer)) {
          points.add(x(layer, g), scale.near(dot.value()));
        }
      }
      dots.addSeries(points);
      renderer.setSeriesShape(g, HouseStyle.mark(g, 5 * size));
      renderer.setSeriesPaint(g, translucent(HouseStyle.series(g), DOT_OPACITY));
    }
    plot.setDataset(index, dots);
    plot.setRenderer(index, renderer);
  }

  /** Leaves dots hollow whose layers may have nothing to do with each other. */
  private static final class DotRenderer extends XYLineAndShapeRenderer {

    private static final long serialVersionUID = 1;

    private final boolean[][] hollow;

    DotRenderer(List<Series> series) {
      super(false, true);
      this.hollow = new boolean[series.size()][];
      for (int g = 0; g < hollow.length; g++) {
        List<Dot> dots = series.get(g).dots().stream().flatMap(List::stream).toList();
        hollow[g] = new boolean[dots.size()];
        for (int i = 0; i < dots.size(); i++) {
          hollow[g][i] = dots.get(i).isUndecided();
        }
      }
    }

    @Override
    public boolean getItemShapeFilled(int row, int item) {
      return !hollow[row][item];
    }
  }

  private void addLines(XYPlot plot, int index, ValueScale scale) {
    XYSeriesCollection lines = new XYSeriesCollection();
    XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, false);
    for (int g = 0; g < series.size(); g++) {
      XYSeries means = new XYSeries(g + series.get(g).name());
      for (int layer = 0; layer < layers.size(); layer++) {
        double x = x(layer, g);
        series.get(g).spans().get(layer).ifPresent(span -> means.add(x, scale.near(span.value())));
      }
      lines.addSeries(means);
      renderer.setSeriesPaint(g, HouseStyle.series(g));
      renderer.setSeriesStroke(g, HouseStyle.line(g));
      boolean dots = series.get(g).dots().stream().anyMatch(v -> !v.isEmpty());
      renderer.setSeriesShape(g, dots ? DASH : HouseStyle.mark(g, 6));
      renderer.setSeriesShapesVisible(g, !dots || means.getItemCount() == 1);
    }
    plot.setDataset(index, lines);
    plot.setRenderer(index, renderer);
  }

  private void addBands(XYPlot plot, int index, ValueScale scale) {
    YIntervalSeriesCollection bands = new YIntervalSeriesCollection();
    DeviationRenderer renderer = new DeviationRenderer(false, false);
    renderer.setAlpha(BAND_OPACITY / 255f);
    for (int g = 0; g < series.size(); g++) {
      YIntervalSeries band = new YIntervalSeries(g + series.get(g).name());
      for (int layer = 0; layer < layers.size(); layer++) {
        double x = x(layer, g);
        Optional<Span> here = series.get(g).spans().get(layer);
        here.ifPresent(
            span ->
                band.add(
                    x, scale.near(span.value()), scale.near(span.low()), scale.near(span.high())));
      }
      bands.addSeries(band);
      renderer.setSeriesFillPaint(g, HouseStyle.series(g));
    }
    plot.setDataset(index, bands);
    plot.setRenderer(index, renderer);
  }

  private static Color translucent(Color colour, int opacity) {
    return new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), opacity);
  }

  private static LegendTitle legend(List<String> names, TypeScale type) {
    LegendItemCollection items = new LegendItemCollection();
    for (int g = 0; g < names.size(); g++) {
      LegendItem item =
          new LegendItem(
              VisibleText.of(names.get(g)),
              null,
              null,
              null,
              true,
              HouseStyle.mark(g, 7 * type.factor()),
              true,
              HouseStyle.series(g),
              false,
              HouseStyle.series(g),
              HouseStyle.LINE,
              true,
              new Line2D.Double(-11 * type.factor(), 0, 11 * type.factor(), 0),
              HouseStyle.line(g),
              HouseStyle.series(g));
      items.add(item);
    }
    LegendTitle legend = new LegendTitle(() -> items);
    legend.setItemFont(type.subtitle());
    legend.setItemPaint(HouseStyle.INK);
    legend.setPosition(RectangleEdge.TOP);
    legend.setHorizontalAlignment(HorizontalAlignment.LEFT);
    legend.setFrame(BlockBorder.NONE);
    legend.setPadding(0, 0, 4, 0);
    return legend;
  }
}
