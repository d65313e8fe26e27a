package org.palimpsest.report.plot;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Interval.Ends;
import org.palimpsest.core.measure.MeasureProperties.Range;

/**
 * Many matrices of equal size side by side, one colour bar for all: layers × layers as training
 * goes on, or steps × steps layer by layer. The first row is at the top.
 *
 * <pre>
 * HeatPanes.Edge layers = new HeatPanes.Edge("layer", names);
 * HeatPanes.of("linear_cka (higher is more alike)", new Range(0, 1), layers, layers)
 *     .withPane("step 0", start)
 *     .withPane("step 400", end)
 *     .draw()
 *     .writePng(file);
 * </pre>
 *
 * <p>Colours span the measure's whole range; where that has no end, the values of all panes. Where
 * values can be negative, white is zero; NaN is grey. Names along the edges are thinned until they
 * fit. Values are printed in cells that are wide enough. A dot marks cells whose intervals hold the
 * value of unrelated layers; in an SVG of at most 10,000 such cells the ends appear under the
 * pointer.
 *
 * <p>Panes are at most 300 points wide, and fewer points the more stand side by side, so that the
 * picture stays near 1500 points; a cell is never smaller than half a point, the size of a pixel in
 * a PNG. Drawing takes time in proportion to the number of all cells. {@link HeatMap} is the
 * picture of one matrix with all that is known of its scores.
 *
 * <p>Immutable: each {@code with…} gives a changed copy.
 */
public final class HeatPanes {

  /**
   * What runs along one edge of every pane: what it is called, and a name for each row or column.
   */
  public record Edge(String label, List<String> names) {
    /**
     * @throws PalimpsestException if there is no name
     */
    public Edge {
      names = List.copyOf(names);
      if (names.isEmpty()) {
        throw new PalimpsestException(
            "The edge '%s' of a heat map has no name, so that there is nothing to draw."
                .formatted(label));
      }
    }
  }

  /** Where the values of a pane would lie with ever more probes. */
  @FunctionalInterface
  public interface Intervals {

    /** Of the cell in this row and column, if it has one. */
    Optional<Ends> at(int row, int column);
  }

  private record Pane(String name, double[][] values, List<List<Optional<Ends>>> ends) {

    static Pane of(String name, double[][] values, Intervals intervals) {
      List<List<Optional<Ends>>> ends =
          IntStream.range(0, values.length)
              .mapToObj(
                  i ->
                      IntStream.range(0, values[i].length)
                          .mapToObj(j -> intervals.at(i, j))
                          .toList())
              .toList();
      double[][] own = Arrays.stream(values).map(double[]::clone).toArray(double[][]::new);
      return new Pane(name, own, ends);
    }

    Stream<Ends> intervals() {
      return ends.stream().flatMap(List::stream).flatMap(Optional::stream);
    }
  }

  private final String valueLabel;
  private final Range range;
  private final boolean brightIsLow;
  private final Edge rows;
  private final Edge columns;
  private final Caption caption;
  private final List<Pane> panes;
  private final List<String> bands;

  private HeatPanes(
      String valueLabel,
      Range range,
      boolean brightIsLow,
      Edge rows,
      Edge columns,
      Caption caption,
      List<Pane> panes,
      List<String> bands) {
    this.valueLabel = valueLabel;
    this.range = range;
    this.brightIsLow = brightIsLow;
    this.rows = rows;
    this.columns = columns;
    this.caption = caption;
    this.panes = List.copyOf(panes);
    this.bands = List.copyOf(bands);
  }

  /**
   * No pane yet.
   *
   * @param valueLabel what the values are, such as {@code linear_cka (higher is more alike)}
   * @param range the values to show; an infinite end follows the values
   * @param rows what stands along the left edge
   * @param columns what stands along the lower edge
   */
  public static HeatPanes of(String valueLabel, Range range, Edge rows, Edge columns) {
    return new HeatPanes(
        valueLabel, range, false, rows, columns, Caption.of(""), List.of(), List.of());
  }

  /** Sets what stands above the picture; it has no title if this is not said. */
  public HeatPanes withTitle(String text) {
    return new HeatPanes(
        valueLabel, range, brightIsLow, rows, columns, caption.titled(text), panes, bands);
  }

  /** Adds something that a reader must know, such as the probes. */
  public HeatPanes withDetail(String detail) {
    return new HeatPanes(
        valueLabel, range, brightIsLow, rows, columns, caption.with(detail), panes, bands);
  }

  /** Makes small values bright: for distances, so that bright means alike everywhere. */
  public HeatPanes withBrightLow() {
    return new HeatPanes(valueLabel, range, true, rows, columns, caption, panes, bands);
  }

  /**
   * Adds a pane.
   *
   * @param values row by row; NaN is drawn grey
   */
  public HeatPanes withPane(String name, double[][] values) {
    return withPane(name, values, (row, column) -> Optional.empty());
  }

  /**
   * Adds a pane, whose cells a dot marks where their intervals hold the value of unrelated layers.
   *
   * @param values row by row; NaN is drawn grey
   */
  public HeatPanes withPane(String name, double[][] values, Intervals intervals) {
    if (values.length != rows.names().size()) {
      throw unlikeNames(name, values.length + " rows", rows);
    }
    for (double[] row : values) {
      if (row.length != columns.names().size()) {
        throw unlikeNames(name, row.length + " columns", columns);
      }
    }
    List<Pane> more = new ArrayList<>(panes);
    more.add(Pane.of(name, values, intervals));
    return new HeatPanes(valueLabel, range, brightIsLow, rows, columns, caption, more, bands);
  }

  private static PalimpsestException unlikeNames(String pane, String size, Edge edge) {
    return new PalimpsestException(
        "The pane '%s' has %s, but the edge '%s' has %s names. Give it one for each."
            .formatted(pane, size, edge.label(), edge.names().size()));
  }

  /** Divides the panes, in their order, into that many equal rows, each with a name. */
  public HeatPanes withBands(List<String> names) {
    return new HeatPanes(valueLabel, range, brightIsLow, rows, columns, caption, panes, names);
  }

  /**
   * Draws it.
   *
   * @throws PalimpsestException if it has no panes, or these do not fill the bands
   */
  public Figure draw() {
    if (panes.isEmpty() || !bands.isEmpty() && panes.size() % bands.size() != 0) {
      throw new PalimpsestException(
          "%s panes do not fill %s equal rows. Add panes, or name as many bands as there are rows."
              .formatted(panes.size(), Math.max(1, bands.size())));
    }
    boolean open = Double.isInfinite(range.low()) || Double.isInfinite(range.high());
    boolean undecided = panes.stream().flatMap(Pane::intervals).anyMatch(Ends::holdsUnrelated);
    Caption whole =
        caption
            .with(
                open
                    ? "colours span the values shown"
                    : "colours span the measure's range " + range)
            .withIf(values().anyMatch(Double::isNaN), "grey: not compared")
            .withIf(
                undecided,
                "dot: intervals (of corrected scores, if any) hold the value of unrelated layers");
    Sheet sheet = new Sheet(this, whole);
    return Figure.of(sheet.width(), sheet.height(), sheet::draw).withHovers(sheet.hovers());
  }

  private ColourMap colours() {
    double least = values().filter(Double::isFinite).min().orElse(0);
    double greatest = values().filter(Double::isFinite).max().orElse(1);
    return ColourMap.of(range, brightIsLow, least, greatest);
  }

  private DoubleStream values() {
    return panes.stream().flatMap(p -> Arrays.stream(p.values())).flatMapToDouble(Arrays::stream);
  }

  /** Where everything in the picture stands. */
  private static final class Sheet {

    private static final double LEAST_WIDTH = 560;
    private static final double ROOM_FOR_VALUES = 27;
    private static final long MOST_HOVERS = 10_000;

    private final List<Pane> panes;
    private final Edge ofRows;
    private final Edge ofColumns;
    private final PaneLayout layout;
    private final ColourBar bar;
    private final Header header;
    private final double unit;

    Sheet(HeatPanes of, Caption caption) {
      this.panes = of.panes;
      this.ofRows = of.rows;
      this.ofColumns = of.columns;
      this.layout = PaneLayout.of(panes.size(), of.bands, of.rows, of.columns);
      this.unit = layout.unit();
      double barHeight = Math.min(layout.height() - layout.titleHeight(), 360 * unit);
      this.bar = new ColourBar(of.colours(), of.valueLabel, layout.type(), barHeight);
      this.header = Header.of(caption, layout.type(), contentWidth());
    }

    private double panesTop() {
      return HouseStyle.MARGIN + header.height();
    }

    private double panesBottom() {
      return panesTop() + layout.height();
    }

    private double contentWidth() {
      double needed = layout.right() + 18 * unit + bar.width() - HouseStyle.MARGIN;
      return Math.max(LEAST_WIDTH, needed);
    }

    int width() {
      return (int) Math.ceil(contentWidth() + 2 * HouseStyle.MARGIN);
    }

    int height() {
      return (int)
          Math.ceil(
              panesBottom() + layout.columns().height() + 6 * unit + 22 * unit + HouseStyle.MARGIN);
    }

    void draw(Graphics2D graphics) {
      header.draw(graphics, HouseStyle.MARGIN, HouseStyle.MARGIN);
      List<String> names =
          HouseStyle.abridged(
              panes.stream().map(Pane::name).toList(),
              layout.type().subtitle(),
              layout.paneWidth() + layout.gap() - 4);
      for (int i = 0; i < panes.size(); i++) {
        draw(graphics, i, names.get(i));
      }
      drawLabels(graphics);
      double barTop = panesTop() + layout.titleHeight();
      bar.draw(graphics, layout.right() + 18 * unit, barTop);
    }

    /** The ends of intervals, where there are any. */
    List<Figure.Hover> hovers() {
      List<Figure.Hover> hovers = new ArrayList<>();
      if (panes.stream().flatMap(Pane::intervals).count() > MOST_HOVERS) {
        return hovers;
      }
      for (int p = 0; p < panes.size(); p++) {
        Pane pane = panes.get(p);
        for (int i = 0; i < pane.values().length; i++) {
          for (int j = 0; j < pane.values()[i].length; j++) {
            if (pane.ends().get(i).get(j).isPresent()) {
              hovers.add(new Figure.Hover(layout.cell(panesTop(), p, i, j), told(pane, i, j)));
            }
          }
        }
      }
      return hovers;
    }

    private String told(Pane pane, int row, int column) {
      String place = pane.name().isEmpty() ? "" : pane.name() + ", ";
      return "%s%s and %s: %s"
          .formatted(
              place,
              ofRows.names().get(row),
              ofColumns.names().get(column),
              HouseStyle.beside(
                  pane.values()[row][column], pane.ends().get(row).get(column).orElseThrow()));
    }

    private void draw(Graphics2D graphics, int index, String name) {
      Pane pane = panes.get(index);
      double left = layout.left(index);
      double top = layout.top(panesTop(), index);
      graphics.setColor(HouseStyle.INK);
      Font font = layout.type().subtitle();
      Ink.left(graphics, name, font, left, top - layout.titleHeight() / 2);
      TileImage.draw(
          graphics, TileImage.of(pane.values(), bar.colours(), layout.cell()), left, top);
      if (layout.cell() >= ROOM_FOR_VALUES) {
        printValues(graphics, pane.values(), left, top);
      }
      markUndecided(graphics, index);
      graphics.setColor(HouseStyle.INK);
      if (index % layout.across() == 0) {
        layout.rows().drawLeftOf(graphics, left - 5 * unit, top);
      }
      if (index + layout.across() >= panes.size()) {
        layout.columns().drawBelow(graphics, left, top + layout.paneHeight() + 5 * unit);
      }
    }

    /** Dots in the cells whose layers may have nothing to do with each other. */
    private void markUndecided(Graphics2D graphics, int index) {
      Pane pane = panes.get(index);
      boolean printed = layout.cell() >= ROOM_FOR_VALUES;
      double size = layout.cell() * (printed ? 0.12 : 0.24);
      for (int i = 0; i < pane.values().length; i++) {
        for (int j = 0; j < pane.values()[i].length; j++) {
          if (pane.ends().get(i).get(j).filter(Ends::holdsUnrelated).isPresent()) {
            Rectangle2D cell = layout.cell(panesTop(), index, i, j);
            double x = printed ? cell.getMaxX() - 1.6 * size : cell.getCenterX() - size / 2;
            double y = printed ? cell.getMaxY() - 1.6 * size : cell.getCenterY() - size / 2;
            graphics.setColor(bar.colours().inkOn(pane.values()[i][j]));
            graphics.fill(new Ellipse2D.Double(x, y, size, size));
          }
        }
      }
    }

    private void printValues(Graphics2D graphics, double[][] values, double left, double top) {
      Font font = TypeScale.plain(10);
      for (int i = 0; i < values.length; i++) {
        for (int j = 0; j < values[i].length; j++) {
          String text = bar.colours().printed(values[i][j]);
          if (HouseStyle.width(text, font) <= layout.cell() - 3) {
            graphics.setColor(bar.colours().inkOn(values[i][j]));
            Ink.centred(
                graphics,
                text,
                font,
                left + (j + 0.5) * layout.cell(),
                top + (i + 0.5) * layout.cell());
          }
        }
      }
    }

    private void drawLabels(Graphics2D graphics) {
      graphics.setColor(HouseStyle.INK);
      Font font = layout.type().label();
      double middleX = (layout.left() + layout.right()) / 2;
      double middleY = (panesTop() + panesBottom()) / 2;
      Ink.upwards(
          graphics,
          layout.rows().label(),
          font,
          HouseStyle.MARGIN + layout.bandsWidth() + 8 * unit,
          middleY);
      double below = panesBottom() + layout.columns().height() + 6 * unit + 11 * unit;
      Ink.centred(graphics, layout.columns().label(), font, middleX, below);
      for (int b = 0; b < layout.bands().size(); b++) {
        double top = layout.topOfRow(panesTop(), b);
        String name =
            HouseStyle.cut(
                layout.bands().get(b), layout.type().label(), layout.paneHeight() + layout.gap());
        Ink.upwards(
            graphics,
            name,
            layout.type().label(),
            HouseStyle.MARGIN + 8 * unit,
            top + layout.paneHeight() / 2);
      }
    }
  }

  /**
   * Where panes of equal size stand in a picture, each with room for its name above it, and the
   * names of rows and columns along the outer ones. Lengths are points.
   *
   * @param across panes in a row
   * @param down rows of panes
   * @param bands a name for each row, or none
   * @param cell the side of a cell
   * @param rows the names along the left edge
   * @param columns the names along the lower edge
   */
  private record PaneLayout(
      int across,
      int down,
      List<String> bands,
      double cell,
      TypeScale type,
      EdgeNames rows,
      EdgeNames columns) {

    private static final double WIDEST = 1500;
    private static final double SHARE_OF_PANES = 0.85;
    private static final double LARGEST_PANE = 300;
    private static final double SMALLEST_PANE = 120;
    private static final double LARGEST_CELL = 44;
    private static final double LONGEST_NAME = 130;
    private static final double LONGEST_BELOW = 105;

    static PaneLayout of(
        int panes, List<String> bands, HeatPanes.Edge rows, HeatPanes.Edge columns) {
      int across = bands.isEmpty() ? Math.min(panes, across(panes)) : panes / bands.size();
      int down = (panes + across - 1) / across;
      int cells = Math.max(rows.names().size(), columns.names().size());
      double room =
          Math.min(
              LARGEST_PANE, Math.max(SMALLEST_PANE, WIDEST * SHARE_OF_PANES / Math.max(across, 3)));
      double cell = Math.min(LARGEST_CELL, TileImage.cell(cells, room));
      TypeScale type = TypeScale.forSheet(across * columns.names().size() * cell);
      double unit = type.factor();
      return new PaneLayout(
          across,
          down,
          bands,
          cell,
          type,
          EdgeNames.of(rows, type.tick(), cell, LONGEST_NAME * unit, true),
          EdgeNames.of(columns, type.tick(), cell, LONGEST_BELOW * unit, false));
    }

    /** A little wider than high. */
    private static int across(int panes) {
      return (int) Math.ceil(Math.sqrt(panes * 1.5));
    }

    double unit() {
      return type.factor();
    }

    double paneWidth() {
      return columns.count() * cell;
    }

    double paneHeight() {
      return rows.count() * cell;
    }

    double gap() {
      return 14 * unit();
    }

    double titleHeight() {
      return 18 * unit();
    }

    /** How much room the names of bands take. */
    double bandsWidth() {
      return bands.isEmpty() ? 0 : 22 * unit();
    }

    double left() {
      return HouseStyle.MARGIN + bandsWidth() + 20 * unit() + rows.width() + 6 * unit();
    }

    double right() {
      return left() + across * (paneWidth() + gap()) - gap();
    }

    /** Of all panes with their names. */
    double height() {
      return down * (titleHeight() + paneHeight() + gap()) - gap();
    }

    double left(int pane) {
      return left() + (pane % across) * (paneWidth() + gap());
    }

    /**
     * Where the cells of a pane begin, below its name.
     *
     * @param from where the first row of panes begins
     */
    double top(double from, int pane) {
      return topOfRow(from, pane / across);
    }

    /** Where the cells of a row of panes begin. */
    double topOfRow(double from, int row) {
      return from + row * (titleHeight() + paneHeight() + gap()) + titleHeight();
    }

    Rectangle2D cell(double from, int pane, int row, int column) {
      return new Rectangle2D.Double(
          left(pane) + column * cell, top(from, pane) + row * cell, cell, cell);
    }

    /**
     * The names along an edge of a pane, as many as fit: every second, every fifth, and so on.
     *
     * @param label what they are names of
     * @param names shortened to what there is room for
     * @param every how many cells from one name to the next
     * @param level whether they are read from left to right
     */
    record EdgeNames(
        String label, List<String> names, Font font, double cell, int every, boolean level) {

      private static final double LINE = 1.18;

      static EdgeNames of(
          HeatPanes.Edge edge, Font font, double cell, double longest, boolean leftEdge) {
        List<String> names = HouseStyle.abridged(edge.names(), font, longest);
        double widest = HouseStyle.widest(names, font);
        boolean level = leftEdge || widest + 5 <= cell;
        double needed = leftEdge || !level ? LINE * font.getSize2D() : widest + 5;
        return new EdgeNames(
            edge.label(), names, font, cell, (int) Math.max(1, Math.ceil(needed / cell)), level);
      }

      int count() {
        return names.size();
      }

      /** How far names to the left reach from the pane. */
      double width() {
        return HouseStyle.widest(names, font);
      }

      /** How far names below reach from the pane. */
      double height() {
        return level ? font.getSize2D() : HouseStyle.widest(names, font);
      }

      void drawLeftOf(Graphics2D graphics, double right, double top) {
        for (int i = 0; i < names.size(); i += every) {
          Ink.right(graphics, names.get(i), font, right, top + (i + 0.5) * cell);
        }
      }

      void drawBelow(Graphics2D graphics, double left, double top) {
        for (int i = 0; i < names.size(); i += every) {
          double middle = left + (i + 0.5) * cell;
          if (level) {
            Ink.centred(graphics, names.get(i), font, middle, top + font.getSize2D() / 2);
          } else {
            Ink.upwardsTo(graphics, names.get(i), font, middle, top);
          }
        }
      }
    }
  }
}
