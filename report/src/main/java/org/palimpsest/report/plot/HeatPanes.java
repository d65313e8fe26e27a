package org.palimpsest.report.plot;

import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.palimpsest.core.measure.Range;

/**
 * Many matrices of equal size side by side, one colour bar for all: layers × layers as training
 * goes on, or steps × steps layer by layer. The first row is at the top.
 *
 * <p>Colours span the measure's whole range; where that has no end, the values of all panes. Where
 * values can be negative, white is zero. Names along the edges are thinned until they fit.
 * Immutable: each {@code with…} gives a changed copy.
 */
public final class HeatPanes {

  /**
   * What runs along one edge of every pane: what it is called, and a name for each row or column.
   */
  public record Edge(String label, List<String> names) {
    public Edge {
      names = List.copyOf(names);
    }
  }

  record Pane(String name, double[][] values) {}

  private final String valueLabel;
  private final Range range;
  private final boolean brightIsLow;
  private final Edge rows;
  private final Edge columns;
  private final String title;
  private final List<String> details;
  private final List<Pane> panes;
  private final List<String> bands;

  private HeatPanes(
      String valueLabel,
      Range range,
      boolean brightIsLow,
      Edge rows,
      Edge columns,
      String title,
      List<String> details,
      List<Pane> panes,
      List<String> bands) {
    this.valueLabel = valueLabel;
    this.range = range;
    this.brightIsLow = brightIsLow;
    this.rows = rows;
    this.columns = columns;
    this.title = title;
    this.details = List.copyOf(details);
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
        valueLabel, range, false, rows, columns, "", List.of(), List.of(), List.of());
  }

  public HeatPanes withTitle(String text) {
    return new HeatPanes(
        valueLabel, range, brightIsLow, rows, columns, text, details, panes, bands);
  }

  /** Adds something that a reader must know, such as the probes. */
  public HeatPanes withDetail(String detail) {
    return new HeatPanes(
        valueLabel, range, brightIsLow, rows, columns, title, with(details, detail), panes, bands);
  }

  /** Makes small values bright: for distances, so that bright means alike everywhere. */
  public HeatPanes withBrightLow() {
    return new HeatPanes(valueLabel, range, true, rows, columns, title, details, panes, bands);
  }

  /**
   * Adds a pane.
   *
   * @param values row by row; NaN is drawn grey
   */
  public HeatPanes withPane(String name, double[][] values) {
    for (double[] row : values) {
      if (values.length != rows.names().size() || row.length != columns.names().size()) {
        throw new IllegalArgumentException(
            "pane '%s' is %d × %d, but there are %d × %d names"
                .formatted(
                    name, values.length, row.length, rows.names().size(), columns.names().size()));
      }
    }
    double[][] own = Arrays.stream(values).map(double[]::clone).toArray(double[][]::new);
    return new HeatPanes(
        valueLabel,
        range,
        brightIsLow,
        rows,
        columns,
        title,
        details,
        with(panes, new Pane(name, own)),
        bands);
  }

  /** Divides the panes, in their order, into that many equal rows, each with a name. */
  public HeatPanes withBands(List<String> names) {
    return new HeatPanes(
        valueLabel, range, brightIsLow, rows, columns, title, details, panes, names);
  }

  /** Draws it. */
  public Figure draw() {
    if (panes.isEmpty() || !bands.isEmpty() && panes.size() % bands.size() != 0) {
      throw new IllegalStateException(
          panes.size() + " panes in " + bands.size() + " rows: nothing to draw");
    }
    List<String> facts = new ArrayList<>(details);
    if (Double.isInfinite(range.low()) || Double.isInfinite(range.high())) {
      facts.add("colours span the values shown");
    } else {
      facts.add("colours span the measure's range " + range);
    }
    if (values().anyMatch(Double::isNaN)) {
      facts.add("grey: not compared");
    }
    PaneGrid grid = PaneGrid.of(panes.size(), bands, rows, columns);
    HeatSheet sheet =
        new HeatSheet(title, facts, panes, rows, columns, grid, colours(), valueLabel);
    Rectangle place = new Rectangle(sheet.width(), sheet.height());
    return Figure.of(List.of(new Sketch(place, sheet::draw)));
  }

  private ColourMap colours() {
    double least = values().filter(Double::isFinite).min().orElse(0);
    double greatest = values().filter(Double::isFinite).max().orElse(1);
    return ColourMap.of(range, brightIsLow, least, greatest);
  }

  private java.util.stream.DoubleStream values() {
    return panes.stream().flatMap(p -> Arrays.stream(p.values())).flatMapToDouble(Arrays::stream);
  }

  private static <T> List<T> with(List<T> list, T one) {
    List<T> more = new ArrayList<>(list);
    more.add(one);
    return more;
  }
}
