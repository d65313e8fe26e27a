package org.palimpsest.report.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.XYShapeAnnotation;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYBlockRenderer;
import org.jfree.chart.title.PaintScaleLegend;
import org.jfree.chart.ui.Align;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.data.xy.DefaultXYZDataset;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.FeatureMaps.View;
import org.palimpsest.internal.text.VisibleText;

/**
 * A similarity matrix as colours: a row per layer of A, a column per layer of B, the first layer at
 * the top left. The bright end of the colours means alike, for distances too.
 *
 * <pre>
 * List&lt;HeatMap&gt; maps = HeatMap.of(result, probes.fingerprint());
 * maps.get(0).draw().writeSvg(Path.of("linear_cka.svg"));
 * </pre>
 *
 * <p>Colours span the measure's whole range, so that pictures of one measure can be compared; where
 * the range has no end, the values' own. Where values can be negative, white is zero.
 *
 * <p>With at most 24 layers on the longer side each value is printed in its cell. A dot marks a
 * cell whose interval holds the value of unrelated layers. Cells without a score are grey. In an
 * SVG, the ends of intervals and the reasons of missing scores appear under the pointer.
 *
 * <p>The plot is at most 1500 points on its longer side, whatever the number of layers, so that
 * names along the edges are left out evenly where they have no room. Drawing takes time and memory
 * in proportion to the number of cells; with more than 10,000 cells the plot is one embedded image
 * and has no text under the pointer. Immutable: {@link #withDetail} gives a changed copy.
 */
public final class HeatMap {

  private static final int VALUES_UP_TO = 24;

  /** More are drawn as one image, since a rectangle for each takes kilobytes of memory. */
  private static final int MOST_RECTANGLES = 10_000;

  private static final int TICKS = 5;
  private static final int MOST_GRIDS_NAMED = 5;
  private static final double LONGEST_SIDE = 1500;
  private static final double PLOT_INSET = 4;

  private final SimilarityMatrix matrix;
  private final String nameA;
  private final String nameB;
  private final List<String> details;
  private final ColourMap colours;

  private HeatMap(SimilarityMatrix matrix, String nameA, String nameB, List<String> details) {
    this.matrix = matrix;
    this.nameA = nameA;
    this.nameB = nameB;
    this.details = List.copyOf(details);
    this.colours = colours(matrix);
  }

  /**
   * A picture of one measure's values.
   *
   * @param nameA what the rows' network is called
   * @param nameB what the columns' network is called
   */
  public static HeatMap of(SimilarityMatrix matrix, String nameA, String nameB) {
    return new HeatMap(matrix, nameA, nameB, List.of());
  }

  /**
   * Pictures of all measures of a comparison, in its order, each telling what was compared on what.
   *
   * @param probes the fingerprint of the probes that both networks saw
   */
  public static List<HeatMap> of(ComparisonResult result, Fingerprint probes) {
    List<String> views =
        result.views().stream().flatMap(List::stream).filter(v -> !v.isEmpty()).distinct().toList();
    return result.matrices().stream()
        .map(m -> of(m, result.a().origin(), result.b().origin()))
        .map(h -> views.isEmpty() ? h : h.withDetail(inWords(views)))
        .map(h -> h.withDetail("probes " + probes.abbreviated()))
        .toList();
  }

  /**
   * Layers of different grids meet at the coarser one, so pairs differ in how they were compared.
   */
  private static String inWords(List<String> views) {
    if (views.size() == 1) {
      return views.get(0).equals(View.OF_PLAIN_ROWS) ? "rows as samples" : views.get(0);
    }
    List<String> grids = views.stream().map(view -> view.replaceFirst("^positions ", "")).toList();
    String last = grids.get(grids.size() - 1);
    String others =
        grids.size() <= MOST_GRIDS_NAMED
            ? String.join(", ", grids.subList(0, grids.size() - 1)) + " or "
            : grids.get(0) + ", " + grids.get(1) + " … ";
    return "samples are positions, of each pair of layers on the coarser of its two grids ("
        + others
        + last
        + ")";
  }

  /** Adds something that a reader must know, such as how feature maps became samples. */
  public HeatMap withDetail(String detail) {
    List<String> more = new ArrayList<>(details);
    more.add(detail);
    return new HeatMap(matrix, nameA, nameB, more);
  }

  /** Draws it. */
  public Figure draw() {
    double cell = cell();
    double columns = matrix.columnLayers().size() * cell;
    double rows = matrix.rowLayers().size() * cell;
    TypeScale type = TypeScale.forLength(Math.max(columns, rows));
    PaintScaleLegend bar = colourBar(type);
    JFreeChart chart = chart(cell, type, bar);
    double width = columns + 200;
    double height = rows + 160;
    for (int pass = 0; pass < 4; pass++) {
      Rectangle2D area = Figure.dataArea(chart, new Rectangle2D.Double(0, 0, width, height));
      width += columns - area.getWidth();
      height += rows - area.getHeight();
      double below = height - HouseStyle.MARGIN - area.getMaxY();
      bar.setMargin(PLOT_INSET, 12 * type.factor(), Math.max(0, below), 0);
    }
    Figure figure = Figure.of(chart, (int) Math.ceil(width), (int) Math.ceil(height));
    return figure.withHovers(
        hovers(
            Figure.dataArea(chart, new Rectangle2D.Double(0, 0, figure.width(), figure.height()))));
  }

  /** The ends of intervals, where there are any. */
  private List<Figure.Hover> hovers(Rectangle2D area) {
    List<Figure.Hover> hovers = new ArrayList<>();
    if (cells() > MOST_RECTANGLES) {
      return hovers;
    }
    double width = area.getWidth() / matrix.columnLayers().size();
    double height = area.getHeight() / matrix.rowLayers().size();
    for (int i = 0; i < matrix.rowLayers().size(); i++) {
      for (int j = 0; j < matrix.columnLayers().size(); j++) {
        Rectangle2D place =
            new Rectangle2D.Double(
                area.getX() + j * width, area.getY() + i * height, width, height);
        String names = matrix.rowLayers().get(i) + " and " + matrix.columnLayers().get(j);
        matrix
            .score(i, j)
            .flatMap(Score::interval)
            .ifPresent(
                interval -> hovers.add(new Figure.Hover(place, names + ": " + told(interval))));
        if (!matrix.reason(i, j).isEmpty()) {
          hovers.add(new Figure.Hover(place, names + ": no score. " + matrix.reason(i, j)));
        }
      }
    }
    return hovers;
  }

  private String told(Interval interval) {
    return interval instanceof Interval.Known known
        ? HouseStyle.beside(known.value(), known.low(), known.high())
        : "%s, no interval. %s"
            .formatted(colours.printed(interval.value()), ((Interval.Refused) interval).reason());
  }

  private long cells() {
    return (long) matrix.rowLayers().size() * matrix.columnLayers().size();
  }

  private int largestSide() {
    return Math.max(matrix.rowLayers().size(), matrix.columnLayers().size());
  }

  private double cell() {
    double roomy = 420.0 / largestSide();
    double readable = largestSide() <= VALUES_UP_TO ? 30 : 12;
    return Math.min(LONGEST_SIDE / largestSide(), Math.max(readable, Math.min(60, roomy)));
  }

  private JFreeChart chart(double cell, TypeScale type, PaintScaleLegend bar) {
    Font ticks = TypeScale.plain(cell >= 16 ? 11 : 9);
    XYPlot plot = new XYPlot(null, columnAxis(cell, type, ticks), rowAxis(cell, type, ticks), null);
    HouseStyle.style(plot);
    plot.setRangeGridlinesVisible(false);
    plot.setBackgroundPaint(HouseStyle.MISSING);
    if (cells() > MOST_RECTANGLES) {
      showImage(plot, colours, cell);
    } else {
      XYBlockRenderer renderer = new XYBlockRenderer();
      renderer.setPaintScale(colours);
      plot.setDataset(dataset());
      plot.setRenderer(renderer);
    }
    if (largestSide() <= VALUES_UP_TO) {
      printValues(plot, cell);
    }
    new IntervalMarks(matrix).draw(plot, colours, (i, j) -> isPrinted(matrix.value(i, j), cell));
    double room = Math.max(300, cell * matrix.columnLayers().size() + 100);
    JFreeChart chart = HouseStyle.chart(plot, title(), subtitles(type, room), type);
    chart.addSubtitle(bar);
    return chart;
  }

  private void showImage(XYPlot plot, ColourMap colours, double cell) {
    double[][] values = new double[matrix.rowLayers().size()][matrix.columnLayers().size()];
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < values[i].length; j++) {
        values[i][j] = matrix.score(i, j).map(Score::value).orElse(Double.NaN);
      }
    }
    plot.setBackgroundImage(TileImage.of(values, colours, TileImage.cell(1, cell)));
    plot.setBackgroundImageAlignment(Align.FIT);
    plot.setBackgroundImageAlpha(1);
  }

  private String title() {
    String what = isDistance() ? "Distance" : "Similarity";
    return what + " of layers: " + matrix.measure();
  }

  private SymbolAxis rowAxis(double cell, TypeScale type, Font ticks) {
    double room = Math.max(150, cell * matrix.rowLayers().size());
    String label = "A: " + HouseStyle.fittedBeside(nameB, nameA, type.label(), room);
    List<String> layers = HouseStyle.abridged(matrix.rowLayers(), ticks);
    SymbolAxis axis = HouseStyle.names(label, layers, type.label(), ticks);
    axis.setAxisLineVisible(false);
    axis.setInverted(true);
    HouseStyle.thin(axis, ticks, cell);
    return axis;
  }

  private SymbolAxis columnAxis(double cell, TypeScale type, Font ticks) {
    List<String> layers = HouseStyle.abridged(matrix.columnLayers(), ticks);
    double room = Math.max(150, cell * layers.size());
    String label = "B: " + HouseStyle.fittedBeside(nameA, nameB, type.label(), room);
    SymbolAxis axis = HouseStyle.names(label, layers, type.label(), ticks);
    axis.setAxisLineVisible(false);
    boolean upright = HouseStyle.widest(layers, ticks) > cell - 4;
    axis.setVerticalTickLabels(upright);
    if (upright) {
      HouseStyle.thin(axis, ticks, cell);
    }
    return axis;
  }

  private DefaultXYZDataset dataset() {
    List<double[]> cells = new ArrayList<>();
    for (int i = 0; i < matrix.rowLayers().size(); i++) {
      for (int j = 0; j < matrix.columnLayers().size(); j++) {
        if (matrix.score(i, j).isPresent()) {
          cells.add(new double[] {j, i, matrix.value(i, j)});
        }
      }
    }
    double[][] columns = new double[3][cells.size()];
    for (int k = 0; k < cells.size(); k++) {
      for (int c = 0; c < columns.length; c++) {
        columns[c][k] = cells.get(k)[c];
      }
    }
    DefaultXYZDataset dataset = new DefaultXYZDataset();
    dataset.addSeries(matrix.measure(), columns);
    return dataset;
  }

  /** Whether a cell has its number, for which it must be large enough. */
  private boolean isPrinted(double value, double cell) {
    return largestSide() <= VALUES_UP_TO
        && HouseStyle.width(colours.printed(value), fontOfValues(cell)) <= cell - 2;
  }

  private static Font fontOfValues(double cell) {
    return TypeScale.plain(cell >= 40 ? 12 : 10);
  }

  private void printValues(XYPlot plot, double cell) {
    Font font = fontOfValues(cell);
    for (int i = 0; i < matrix.rowLayers().size(); i++) {
      for (int j = 0; j < matrix.columnLayers().size(); j++) {
        if (matrix.score(i, j).isPresent()) {
          double value = matrix.value(i, j);
          if (!isPrinted(value, cell)) {
            continue;
          }
          XYTextAnnotation text = new XYTextAnnotation(colours.printed(value), j, i);
          text.setFont(font);
          text.setPaint(colours.inkOn(value));
          plot.addAnnotation(text, false);
        }
      }
    }
  }

  private static ColourMap colours(SimilarityMatrix matrix) {
    double least = 0;
    double greatest = 0;
    for (List<Optional<Score>> row : matrix.scores()) {
      for (Optional<Score> score : row) {
        least = Math.min(least, score.map(Score::value).orElse(0.0));
        greatest = Math.max(greatest, score.map(Score::value).orElse(0.0));
      }
    }
    return ColourMap.of(
        matrix.properties().range(),
        matrix.properties().direction() == Direction.DISTANCE,
        least,
        greatest);
  }

  private PaintScaleLegend colourBar(TypeScale type) {
    NumberAxis axis = new NumberAxis(VisibleText.of(matrix.measure()));
    HouseStyle.style(axis, type.label(), type.tick());
    axis.setRange(colours.low(), colours.high());
    axis.setTickUnit(HouseStyle.niceUnit(colours.high() - colours.low(), TICKS));
    PaintScaleLegend bar = new PaintScaleLegend(colours, axis);
    bar.setPosition(RectangleEdge.RIGHT);
    bar.setStripWidth(14 * type.factor());
    bar.setStripOutlineVisible(false);
    bar.setSubdivisionCount(128);
    return bar;
  }

  private boolean isDistance() {
    return matrix.properties().direction() == Direction.DISTANCE;
  }

  private List<String> subtitles(TypeScale type, double room) {
    List<String> facts = new ArrayList<>();
    samples().ifPresent(facts::add);
    IntervalMarks marks = new IntervalMarks(matrix);
    marks.units().ifPresent(facts::add);
    facts.addAll(details);
    facts.add(isDistance() ? "lower is more alike" : "higher is more alike");
    facts.add("range " + matrix.properties().range());
    facts.addAll(marks.legend());
    if (hasMissing()) {
      facts.add("grey: " + (isAnyRefused() ? "no score" : "not compared"));
    }
    List<String> lines = new ArrayList<>();
    lines.add("A, rows: " + HouseStyle.fittedBeside(nameB, nameA, type.subtitle(), room));
    lines.add("B, columns: " + HouseStyle.fittedBeside(nameA, nameB, type.subtitle(), room));
    lines.addAll(HouseStyle.wrapped(facts, type.subtitle(), room));
    return lines;
  }

  private boolean isAnyRefused() {
    return matrix.reasons().stream().flatMap(List::stream).anyMatch(why -> !why.isEmpty());
  }

  private boolean hasMissing() {
    return matrix.scores().stream().flatMap(List::stream).anyMatch(Optional::isEmpty);
  }

  private Optional<String> samples() {
    List<Long> counts =
        matrix.scores().stream()
            .flatMap(List::stream)
            .flatMap(Optional::stream)
            .map(score -> score.diagnostics().samples())
            .distinct()
            .sorted()
            .toList();
    if (counts.isEmpty()) {
      return Optional.empty();
    }
    String least = String.format(Locale.ROOT, "%,d", counts.get(0));
    String most = String.format(Locale.ROOT, "%,d", counts.get(counts.size() - 1));
    return Optional.of((least.equals(most) ? least : least + " to " + most) + " samples");
  }

  /**
   * What a heat map shows of intervals: a dot in cells whose layers may have nothing to do with
   * each other, a cross in those without an interval where others have one.
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
          } else if (isAnyKnown
              && interval.filter(Interval.Refused.class::isInstance).isPresent()) {
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
}
