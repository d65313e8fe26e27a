package org.palimpsest.report.plot;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;

/**
 * Filters as small tiles, blue below zero, white at it, red above: the same layer before and after
 * training, or of two networks. A row of tiles is a filter, a column an input channel; of filters
 * with few channels several stand in a row. At most 16 filters and 16 channels are drawn, or 64
 * filters of few channels (four or fewer); the picture tells how many there are.
 *
 * <pre>
 * FilterMosaic.of("Filters of enc1.0 before and after training")
 *     .withFilters("before", FilterMosaic.kernels(start, 16, 3, 7, 7))
 *     .withFilters("after", FilterMosaic.kernels(end, 16, 3, 7, 7))
 *     .draw()
 *     .writePng(file);
 * </pre>
 *
 * <p>All tiles have one scale of colours, up to the largest absolute weight that is drawn, which a
 * colour bar tells; with {@link #withOwnScales} each has its own. Each set takes at most about 300
 * points in width or height. Immutable: each {@code with…} gives a changed copy.
 */
public final class FilterMosaic {

  private record Filters(String name, double[][][][] kernels) {

    int channels() {
      return kernels[0].length;
    }

    double[][] kernel(int filter, int channel) {
      return kernels[filter][channel];
    }
  }

  private final Caption caption;
  private final List<Filters> sets;
  private final boolean ownScales;

  private FilterMosaic(Caption caption, List<Filters> sets, boolean ownScales) {
    this.caption = caption;
    this.sets = List.copyOf(sets);
    this.ownScales = ownScales;
  }

  /**
   * No filters yet; one scale of colours for all of them.
   *
   * @param title what they are, such as {@code Filters of enc1.0 before and after training}
   */
  public static FilterMosaic of(String title) {
    return new FilterMosaic(Caption.of(title), List.of(), false);
  }

  /** Adds something that a reader must know, such as the files or the order of the filters. */
  public FilterMosaic withDetail(String detail) {
    return new FilterMosaic(caption.with(detail), sets, ownScales);
  }

  /**
   * Adds a layer's filters, to the right of those before. To have filters that belong together side
   * by side, give them in an order that matches.
   *
   * @param name such as {@code before} or {@code step 400}
   * @param kernels filter by filter, channel by channel, row by row; see {@link #kernels}
   * @throws PalimpsestException if there is none, or they differ in size
   */
  public FilterMosaic withFilters(String name, double[][][][] kernels) {
    List<Filters> more = new ArrayList<>(sets);
    more.add(new Filters(name, copy(kernels)));
    return new FilterMosaic(caption, more, ownScales);
  }

  /** Gives each tile a scale of its own, up to its largest weight: shows shape, hides size. */
  public FilterMosaic withOwnScales() {
    return new FilterMosaic(caption, sets, true);
  }

  /**
   * The weights of a layer as kernels; of kernels with depth, the middle slice.
   *
   * @param weights the last axis fastest
   * @param shape filters, channels and no, two or three axes of space
   * @throws PalimpsestException if it is another shape, or there are more or fewer weights
   */
  public static double[][][][] kernels(double[] weights, long... shape) {
    if (shape.length < 2 || shape.length > 5 || shape.length == 3) {
      throw new PalimpsestException(
          "The shape %s is not that of filters in a plane or a volume."
              .formatted(Arrays.toString(shape)));
    }
    if (Arrays.stream(shape).anyMatch(extent -> extent < 1)
        || Arrays.stream(shape).asDoubleStream().reduce(1, (a, b) -> a * b) != weights.length) {
      throw new PalimpsestException(
          "%s weights are not those of filters of the shape %s."
              .formatted(weights.length, Arrays.toString(shape)));
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

  /**
   * Draws it.
   *
   * @throws PalimpsestException if it has no filters
   */
  public Figure draw() {
    if (sets.isEmpty()) {
      throw new PalimpsestException("There are no filters to draw. Add some by withFilters.");
    }
    Sheet sheet = new Sheet(this);
    return Figure.of(sheet.width(), sheet.height(), sheet::draw);
  }

  private double largest() {
    return sets.stream()
        .flatMap(FilterMosaic::shown)
        .flatMapToDouble(DoubleStream::of)
        .map(Math::abs)
        .filter(Double::isFinite)
        .map(HouseStyle::drawable)
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
    if (kernels.length == 0 || kernels[0].length == 0 || kernels[0][0].length == 0) {
      throw new PalimpsestException("There are no filters to draw.");
    }
    int channels = kernels[0].length;
    int rows = kernels[0][0].length;
    int columns = kernels[0][0][0].length;
    boolean even =
        Arrays.stream(kernels)
            .allMatch(
                filter ->
                    filter.length == channels
                        && Arrays.stream(filter)
                            .allMatch(
                                kernel ->
                                    kernel.length == rows
                                        && Arrays.stream(kernel)
                                            .allMatch(row -> row.length == columns)));
    if (!even || columns == 0) {
      throw new PalimpsestException(
          "The filters of a layer have the same channels, rows and columns; these differ from the first's %s × %s × %s."
              .formatted(channels, rows, columns));
    }
    return Arrays.stream(kernels)
        .map(
            filter ->
                Arrays.stream(filter)
                    .map(k -> Arrays.stream(k).map(double[]::clone).toArray(double[][]::new))
                    .toArray(double[][][]::new))
        .toArray(double[][][][]::new);
  }

  /** Where everything in the picture stands. */
  private static final class Sheet {

    private static final Color BETWEEN = new Color(0xb8b8b8);
    private static final int PIXELS_PER_POINT = 2;
    private static final int GAP = 3;
    private static final int BETWEEN_GROUPS = 10;
    private static final int LARGEST_CELL = 36;
    private static final double BLOCK = 300;
    private static final double LEAST_WIDTH = 560;
    private static final double LEAST_BAR = 90;
    private static final TypeScale TYPE = new TypeScale(1);

    private final List<Filters> sets;
    private final boolean ownScales;
    private final ColourMap shared;
    private final List<BufferedImage> images = new ArrayList<>();
    private final ColourBar bar;
    private final Header header;

    Sheet(FilterMosaic of) {
      this.sets = of.sets;
      this.ownScales = of.ownScales;
      this.shared = ColourMap.diverging(of.largest());
      sets.forEach(set -> images.add(image(set)));
      this.bar =
          new ColourBar(shared, "weight", TYPE, Math.max(LEAST_BAR, Math.min(240, blockHeight())));
      String scale =
          ownScales
              ? "each tile on its own scale: white 0, darkest its largest weight (red above 0, blue below)"
              : "one scale for all tiles";
      Caption caption = of.caption.with(layout()).with(scale);
      this.header = Header.of(caption, TYPE, contentWidth());
    }

    private String layout() {
      Filters set = sets.get(0);
      Tiling tiling = Tiling.of(set);
      String size = set.kernel(0, 0).length + " × " + set.kernel(0, 0)[0].length + " weights";
      String filters = firstOf(set.kernels().length, tiling.filters());
      String channels = firstOf(set.channels(), tiling.channels());
      if (set.channels() == 1) {
        return "a tile per filter" + filters + ", " + size;
      }
      return tiling.groupsAcross() > 1
          ? "input channels" + channels + " of each filter" + filters + " side by side, " + size
          : "a row per filter" + filters + ", a column per input channel" + channels + ", " + size;
    }

    private static String firstOf(int all, int shown) {
      return all > shown ? " (the first " + shown + " of " + all + ")" : " (" + all + ")";
    }

    private BufferedImage image(Filters set) {
      Tiling tiling = Tiling.of(set);
      int rows = set.kernel(0, 0).length;
      int columns = set.kernel(0, 0)[0].length;
      int longest = Math.max(tiling.across() * columns, tiling.down() * rows);
      int side = Math.max(2, Math.min(LARGEST_CELL, (int) (BLOCK * PIXELS_PER_POINT / longest)));
      int stepX = columns * side + GAP;
      int stepY = rows * side + GAP;
      int between = tiling.channels() > 1 ? BETWEEN_GROUPS : 0;
      int width = tiling.across() * stepX + GAP + (tiling.groupsAcross() - 1) * between;
      BufferedImage image =
          new BufferedImage(width, tiling.down() * stepY + GAP, BufferedImage.TYPE_INT_RGB);
      fill(image, new Rectangle(image.getWidth(), image.getHeight()), Color.WHITE);
      for (int filter = 0; filter < tiling.filters(); filter++) {
        int group = filter % tiling.groupsAcross();
        int top = filter / tiling.groupsAcross() * stepY;
        for (int channel = 0; channel < tiling.channels(); channel++) {
          int left = (group * tiling.channels() + channel) * stepX + group * between;
          fill(image, new Rectangle(left, top, stepX + GAP, stepY + GAP), BETWEEN);
          paint(image, set.kernel(filter, channel), left + GAP, top + GAP, side);
        }
      }
      return image;
    }

    private void paint(BufferedImage image, double[][] kernel, int left, int top, int side) {
      ColourMap colours = ownScales ? own(kernel) : shared;
      for (int y = 0; y < kernel.length; y++) {
        for (int x = 0; x < kernel[y].length; x++) {
          Color colour = colours.getPaint(kernel[y][x]);
          fill(image, new Rectangle(left + x * side, top + y * side, side, side), colour);
        }
      }
    }

    private static ColourMap own(double[][] kernel) {
      DoubleStream weights = Arrays.stream(kernel).flatMapToDouble(DoubleStream::of);
      return ColourMap.diverging(
          weights
              .map(Math::abs)
              .filter(Double::isFinite)
              .map(HouseStyle::drawable)
              .max()
              .orElse(1));
    }

    private static void fill(BufferedImage image, Rectangle area, Color colour) {
      Graphics2D graphics = image.createGraphics();
      graphics.setColor(colour);
      graphics.fill(area);
      graphics.dispose();
    }

    private double blockHeight() {
      return images.stream().mapToInt(BufferedImage::getHeight).max().orElse(0)
          / (double) PIXELS_PER_POINT;
    }

    private double contentHeight() {
      return ownScales ? blockHeight() : Math.max(blockHeight(), bar.height() + 6);
    }

    private double blocksWidth() {
      double width = images.stream().mapToDouble(i -> wide(i) + 24).sum();
      return width - 24;
    }

    private static double wide(BufferedImage image) {
      return image.getWidth() / (double) PIXELS_PER_POINT;
    }

    private double contentWidth() {
      return Math.max(LEAST_WIDTH, blocksWidth() + (ownScales ? 0 : 24 + bar.width()));
    }

    int width() {
      return (int) Math.ceil(contentWidth() + 2 * HouseStyle.MARGIN);
    }

    int height() {
      return (int) Math.ceil(header.height() + 20 + contentHeight() + 2 * HouseStyle.MARGIN);
    }

    void draw(Graphics2D graphics) {
      header.draw(graphics, HouseStyle.MARGIN, HouseStyle.MARGIN);
      double left = HouseStyle.MARGIN;
      double top = HouseStyle.MARGIN + header.height() + 20;
      for (int i = 0; i < images.size(); i++) {
        graphics.setColor(HouseStyle.INK);
        String name = HouseStyle.cut(sets.get(i).name(), TYPE.label(), wide(images.get(i)) + 20);
        Ink.left(graphics, name, TYPE.label(), left, top - 10);
        TileImage.draw(graphics, images.get(i), left, top);
        left += wide(images.get(i)) + 24;
      }
      if (!ownScales) {
        bar.draw(graphics, left, top);
      }
    }
  }

  /**
   * How many tiles a layer's filters take, and in which arrangement.
   *
   * @param filters how many are drawn
   * @param channels how many of each are drawn
   * @param groupsAcross how many filters stand side by side
   */
  private record Tiling(int filters, int channels, int groupsAcross) {

    private static final int MOST = 16;
    private static final int FEW_CHANNELS = 4;
    private static final int MOST_OF_FEW_CHANNELS = 64;

    /** A row per filter; if it has few channels, several filters to a row. */
    static Tiling of(Filters set) {
      int all = set.kernels().length;
      if (set.channels() > FEW_CHANNELS) {
        return new Tiling(Math.min(MOST, all), Math.min(MOST, set.channels()), 1);
      }
      int shown = Math.min(MOST_OF_FEW_CHANNELS, all);
      int across = (int) Math.ceil(Math.sqrt(shown / (double) set.channels()));
      return new Tiling(shown, set.channels(), Math.min(across, shown));
    }

    int across() {
      return groupsAcross * channels;
    }

    int down() {
      return (filters + groupsAcross - 1) / groupsAcross;
    }
  }
}
