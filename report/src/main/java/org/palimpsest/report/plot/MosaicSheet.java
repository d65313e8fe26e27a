package org.palimpsest.report.plot;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/** Where everything in a picture of {@link FilterMosaic} stands. */
final class MosaicSheet {

  private static final Color BETWEEN = new Color(0xb8b8b8);
  private static final int PIXELS_PER_POINT = 2;
  private static final int GAP = 3;
  private static final int BETWEEN_GROUPS = 10;
  private static final int LARGEST_CELL = 36;
  private static final double BLOCK = 300;
  private static final double LEAST_WIDTH = 560;
  private static final double LEAST_BAR = 90;
  private static final TypeScale TYPE = new TypeScale(1);

  private final List<FilterMosaic.Filters> sets;
  private final boolean ownScales;
  private final ColourMap shared;
  private final List<BufferedImage> images = new ArrayList<>();
  private final ColourBar bar;
  private final Header header;

  MosaicSheet(
      String title,
      List<String> details,
      List<FilterMosaic.Filters> sets,
      boolean ownScales,
      double largest) {
    this.sets = sets;
    this.ownScales = ownScales;
    this.shared = ColourMap.diverging(largest);
    sets.forEach(set -> images.add(image(set)));
    this.bar =
        new ColourBar(shared, "weight", TYPE, Math.max(LEAST_BAR, Math.min(240, blockHeight())));
    List<String> facts = new ArrayList<>(details);
    facts.add(layout());
    facts.add(
        ownScales
            ? "each tile on its own scale: white 0, darkest its largest weight (red above 0, blue below)"
            : "one scale for all tiles");
    this.header = Header.of(title, facts, List.of(), TYPE, contentWidth());
  }

  private String layout() {
    FilterMosaic.Filters set = sets.get(0);
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

  private BufferedImage image(FilterMosaic.Filters set) {
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
    fill(image, 0, 0, image.getWidth(), image.getHeight(), Color.WHITE);
    for (int filter = 0; filter < tiling.filters(); filter++) {
      int group = filter % tiling.groupsAcross();
      int top = filter / tiling.groupsAcross() * stepY;
      for (int channel = 0; channel < tiling.channels(); channel++) {
        int left = (group * tiling.channels() + channel) * stepX + group * between;
        fill(image, left, top, stepX + GAP, stepY + GAP, BETWEEN);
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
        fill(image, left + x * side, top + y * side, side, side, colour);
      }
    }
  }

  private static ColourMap own(double[][] kernel) {
    DoubleStream weights = Arrays.stream(kernel).flatMapToDouble(DoubleStream::of);
    return ColourMap.diverging(weights.map(Math::abs).max().orElse(1));
  }

  private static void fill(
      BufferedImage image, int left, int top, int width, int height, Color colour) {
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(colour);
    graphics.fillRect(left, top, width, height);
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
