package org.palimpsest.report.plot;

import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Filters as small tiles, blue below zero, white at it, red above: the same layer before and after
 * training, or of two networks. A row of tiles is a filter, a column an input channel; of filters
 * with few channels several stand in a row. At most 16 filters and 16 channels are drawn, or 64
 * filters of few channels; the picture tells how many there are. Immutable: each {@code with…}
 * gives a changed copy.
 */
public final class FilterMosaic {

  record Filters(String name, double[][][][] kernels) {

    int channels() {
      return kernels[0].length;
    }

    double[][] kernel(int filter, int channel) {
      return kernels[filter][channel];
    }
  }

  private final String title;
  private final List<String> details;
  private final List<Filters> sets;
  private final boolean ownScales;

  private FilterMosaic(String title, List<String> details, List<Filters> sets, boolean ownScales) {
    this.title = title;
    this.details = List.copyOf(details);
    this.sets = List.copyOf(sets);
    this.ownScales = ownScales;
  }

  /**
   * No filters yet; one scale of colours for all of them.
   *
   * @param title what they are, such as {@code Filters of enc1.0 before and after training}
   */
  public static FilterMosaic of(String title) {
    return new FilterMosaic(title, List.of(), List.of(), false);
  }

  /** Adds something that a reader must know, such as the files or the order of the filters. */
  public FilterMosaic withDetail(String detail) {
    List<String> more = new ArrayList<>(details);
    more.add(detail);
    return new FilterMosaic(title, more, sets, ownScales);
  }

  /**
   * Adds a layer's filters, to the right of those before. To have filters that belong together side
   * by side, give them in an order that matches.
   *
   * @param name such as {@code before} or {@code step 400}
   * @param kernels filter by filter, channel by channel, row by row; see {@link #kernels}
   */
  public FilterMosaic withFilters(String name, double[][][][] kernels) {
    List<Filters> more = new ArrayList<>(sets);
    more.add(new Filters(name, copy(kernels)));
    return new FilterMosaic(title, details, more, ownScales);
  }

  /** Gives each tile a scale of its own, up to its largest weight: shows shape, hides size. */
  public FilterMosaic withOwnScales() {
    return new FilterMosaic(title, details, sets, true);
  }

  /**
   * The weights of a layer as kernels; of kernels with depth, the middle slice.
   *
   * @param weights the last axis fastest
   * @param shape filters, channels and no, two or three axes of space
   */
  public static double[][][][] kernels(double[] weights, long... shape) {
    if (shape.length < 2 || shape.length > 5 || shape.length == 3) {
      throw new IllegalArgumentException(
          "the shape " + Arrays.toString(shape) + " is not that of filters in a plane or a volume");
    }
    int depth = shape.length == 5 ? Math.toIntExact(shape[2]) : 1;
    int rows = shape.length == 2 ? 1 : Math.toIntExact(shape[shape.length - 2]);
    int columns = shape.length == 2 ? 1 : Math.toIntExact(shape[shape.length - 1]);
    int channels = Math.toIntExact(shape[1]);
    double[][][][] kernels = new double[Math.toIntExact(shape[0])][channels][rows][];
    for (int f = 0; f < kernels.length; f++) {
      for (int c = 0; c < channels; c++) {
        for (int y = 0; y < rows; y++) {
          int from = (((f * channels + c) * depth + depth / 2) * rows + y) * columns;
          kernels[f][c][y] = Arrays.copyOfRange(weights, from, from + columns);
        }
      }
    }
    return kernels;
  }

  /** Draws it. */
  public Figure draw() {
    if (sets.isEmpty()) {
      throw new IllegalStateException("no filters: nothing to draw");
    }
    MosaicSheet sheet = new MosaicSheet(title, details, sets, ownScales, largest());
    return Figure.of(
        List.of(new Sketch(new Rectangle(sheet.width(), sheet.height()), sheet::draw)));
  }

  private double largest() {
    return sets.stream()
        .flatMap(FilterMosaic::shown)
        .flatMapToDouble(DoubleStream::of)
        .map(Math::abs)
        .filter(Double::isFinite)
        .max()
        .orElse(1);
  }

  private static Stream<double[]> shown(Filters set) {
    Tiling tiling = Tiling.of(set);
    return Arrays.stream(set.kernels())
        .limit(tiling.filters())
        .flatMap(filter -> Arrays.stream(filter).limit(tiling.channels()))
        .flatMap(Arrays::stream);
  }

  private static double[][][][] copy(double[][][][] kernels) {
    if (kernels.length == 0 || kernels[0].length == 0) {
      throw new IllegalArgumentException("no filters");
    }
    return Arrays.stream(kernels)
        .map(
            filter ->
                Arrays.stream(filter)
                    .map(k -> Arrays.stream(k).map(double[]::clone).toArray(double[][]::new))
                    .toArray(double[][][]::new))
        .toArray(double[][][][]::new);
  }
}
