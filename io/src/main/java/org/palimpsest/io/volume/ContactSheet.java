package org.palimpsest.io.volume;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.io.internal.volume.Geometry;
import org.palimpsest.io.internal.volume.Patch;

/**
 * Patches as a picture: of each, a slice through the middle of every channel beside each other,
 * from its hundredth smallest to its hundredth greatest grey, with the borders of labels in
 * colours. Above each stands its case and slice, below all which colour is which label. What lies
 * beyond a case is hatched.
 */
final class ContactSheet implements PatchSet.Preview {

  private static final int MOST = 64;
  private static final int MOST_CHANNELS = 4;
  private static final int LEAST_EDGE = 160;
  private static final int WIDEST = 2400;
  private static final int GAP = 8;
  private static final int LINE = 18;
  private static final int BASE = 5;
  private static final int COLUMNS = 8;
  private static final int HATCH = 6;
  private static final int THINNER = 4;
  private static final int NARROWEST = 128;
  private static final double CUT = 0.01;
  private static final double COARSER = 1.1;
  private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  private static final Color BACKGROUND = new Color(0x20242c);
  private static final Color INK = new Color(0xe8e8e8);
  private static final int BEYOND = 0x3a4358;
  private static final int STRIPE = 0x5b6b8c;

  /** Okabe and Ito's colours, which people of every colour vision tell apart. */
  private static final int[] COLOURS = {
    0xe69f00, 0x56b4e9, 0x009e73, 0xf0e442, 0x0072b2, 0xd55e00, 0xcc79a7
  };

  private record Tile(BufferedImage image, String name, String place) {}

  private final List<Tile> tiles = new ArrayList<>();
  private final TreeSet<Integer> labelsThere = new TreeSet<>();

  /**
   * Adds a patch, unless there are many already.
   *
   * @param sample per channel its voxels
   * @param labels of its voxels; empty if there is no mask
   * @param patch where it lies
   * @param grid of its case
   */
  void add(String name, float[][] sample, float[] labels, Patch patch, Geometry grid) {
    if (tiles.size() >= MOST) {
      return;
    }
    Slice slice = Slice.of(patch, grid);
    int shown = Math.min(sample.length, MOST_CHANNELS);
    int edge = Math.max(slice.height(), slice.width());
    int scale = Math.max(1, (LEAST_EDGE + edge - 1) / edge);
    int step = slice.width() * scale + 1;
    BufferedImage tile =
        new BufferedImage(shown * step - 1, slice.height() * scale, BufferedImage.TYPE_INT_RGB);
    float[] marks = labels.length == 0 ? labels : slice.of(labels);
    for (int channel = 0; channel < shown; channel++) {
      draw(tile, channel * step, slice, slice.of(sample[channel]), marks, scale);
    }
    for (float mark : marks) {
      if (mark > 0) {
        labelsThere.add((int) mark);
      }
    }
    tiles.add(new Tile(tile, name, slice.caption()));
  }

  /** A plane through the middle of a patch. */
  private record Slice(Patch patch, Geometry grid, int axis, int index) {

    /** Across the axis along which voxels lie farthest apart, else the shortest one. */
    static Slice of(Patch patch, Geometry grid) {
      double[] spacing = grid.spacingArray();
      int axis = 0;
      int shortest = 0;
      for (int other = 1; other < Geometry.AXES; other++) {
        axis = spacing[other] > spacing[axis] ? other : axis;
        shortest = patch.extents()[other] < patch.extents()[shortest] ? other : shortest;
      }
      double finest = Arrays.stream(spacing).min().orElseThrow();
      boolean flat = patch.extents()[shortest] == 1;
      int across = !flat && spacing[axis] > COARSER * finest ? axis : shortest;
      return new Slice(patch, grid, across, patch.extents()[across] / 2);
    }

    private int vertical() {
      return axis == 0 ? 1 : 0;
    }

    private int horizontal() {
      return axis == 2 ? 1 : 2;
    }

    int height() {
      return patch.extents()[vertical()];
    }

    int width() {
      return patch.extents()[horizontal()];
    }

    private int[] place(int i) {
      int[] place = new int[Geometry.AXES];
      place[axis] = index;
      place[vertical()] = i / width();
      place[horizontal()] = i % width();
      return place;
    }

    float[] of(float[] voxels) {
      float[] plane = new float[height() * width()];
      for (int i = 0; i < plane.length; i++) {
        int[] at = place(i);
        plane[i] = voxels[(at[0] * patch.extents()[1] + at[1]) * patch.extents()[2] + at[2]];
      }
      return plane;
    }

    boolean isBeyond(int i) {
      int[] at = place(i);
      for (int other = 0; other < Geometry.AXES; other++) {
        int there = patch.start()[other] + at[other];
        if (there < 0 || there >= grid.extent(other)) {
          return true;
        }
      }
      return false;
    }

    String caption() {
      return "slice %s of axis %s".formatted(patch.start()[axis] + index, axis);
    }
  }

  private static void draw(
      BufferedImage tile, int left, Slice slice, float[] plane, float[] marks, int scale) {
    float[] sorted = plane.clone();
    Arrays.sort(sorted);
    float low = sorted[(int) (CUT * (sorted.length - 1))];
    float high = sorted[(int) ((1 - CUT) * (sorted.length - 1))];
    int width = slice.width();
    for (int i = 0; i < plane.length; i++) {
      float share = high > low ? (plane[i] - low) / (high - low) : 0;
      int grey = Math.round(255 * Math.min(1, Math.max(0, share))) * 0x10101;
      boolean beyond = slice.isBeyond(i);
      for (int at = 0; at < scale * scale; at++) {
        int x = left + i % width * scale + at % scale;
        int y = i / width * scale + at / scale;
        int hatched = (x + y) % HATCH < 2 ? STRIPE : BEYOND;
        boolean border = marks.length > 0 && isBorder(marks, i, width, at, scale);
        int inside = border ? colour((int) marks[i]) : grey;
        tile.setRGB(x, y, beyond ? hatched : inside);
      }
    }
  }

  private static int colour(int label) {
    return COLOURS[(label - 1) % COLOURS.length];
  }

  /**
   * Whether a point of a voxel is near a side beyond which there is another label.
   *
   * @param point its number within the voxel, row by row
   */
  private static boolean isBorder(float[] marks, int at, int width, int point, int scale) {
    if (marks[at] == 0) {
      return false;
    }
    int thick = Math.max(1, scale / THINNER);
    int x = point % scale;
    int y = point / scale;
    int column = at % width;
    return x < thick && (column == 0 || marks[at - 1] != marks[at])
        || x >= scale - thick && (column == width - 1 || marks[at + 1] != marks[at])
        || y < thick && (at < width || marks[at - width] != marks[at])
        || y >= scale - thick && (at + width >= marks.length || marks[at + width] != marks[at]);
  }

  @Override
  public void write(Path file) {
    if (tiles.isEmpty()) {
      throw new PalimpsestException("There is no patch to draw.");
    }
    BufferedImage sheet = sheet();
    AtomicFile.write(file, out -> writePng(sheet, out));
  }

  private BufferedImage sheet() {
    int broadest = tiles.stream().mapToInt(tile -> tile.image.getWidth()).max().orElseThrow();
    int widest = Math.max(NARROWEST, broadest) + GAP;
    int highest = tiles.stream().mapToInt(tile -> tile.image.getHeight()).max().orElseThrow();
    int height = highest + 2 * LINE + GAP;
    int columns = Math.max(1, Math.min(Math.min(COLUMNS, tiles.size()), WIDEST / widest));
    int rows = (tiles.size() + columns - 1) / columns;
    List<Mark> legend = legend(columns * widest + GAP);
    int below = legend.isEmpty() ? 0 : legend.get(legend.size() - 1).top + LINE + GAP;
    BufferedImage sheet =
        new BufferedImage(
            columns * widest + GAP, rows * height + GAP + below, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = sheet.createGraphics();
    pen.setColor(BACKGROUND);
    pen.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    pen.setFont(FONT);
    pen.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    for (int i = 0; i < tiles.size(); i++) {
      int left = GAP + i % columns * widest;
      int top = GAP + i / columns * height;
      pen.setColor(INK);
      Tile tile = tiles.get(i);
      String name = fitting(tile.name, pen.getFontMetrics(), widest - GAP);
      pen.drawString(name, left, top + LINE - BASE);
      pen.drawString(tile.place, left, top + 2 * LINE - BASE);
      pen.drawImage(tile.image, left, top + 2 * LINE, null);
    }
    drawLegend(pen, legend, rows * height + GAP);
    pen.dispose();
    return sheet;
  }

  /** Names of cases differ most at their ends, so the beginning is what gives way. */
  private static String fitting(String text, FontMetrics metrics, int width) {
    String shown = text;
    for (int cut = 1; metrics.stringWidth(shown) > width && cut < text.length(); cut++) {
      shown = "…" + text.substring(cut);
    }
    return shown;
  }

  /** Where a label's colour stands, from the upper left of the legend. */
  private record Mark(int label, String text, int left, int top) {}

  /** All labels, in as many lines as they take. */
  private List<Mark> legend(int width) {
    Graphics2D pen = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
    FontMetrics metrics = pen.getFontMetrics(FONT);
    pen.dispose();
    List<Mark> marks = new ArrayList<>();
    int left = GAP;
    int top = 0;
    for (int label : labelsThere) {
      String text = "label " + label;
      int wide = LINE + metrics.stringWidth(text) + 2 * GAP;
      if (left + wide > width && left > GAP) {
        left = GAP;
        top += LINE;
      }
      marks.add(new Mark(label, text, left, top));
      left += wide;
    }
    return marks;
  }

  private static void drawLegend(Graphics2D pen, List<Mark> legend, int top) {
    for (Mark mark : legend) {
      pen.setColor(new Color(colour(mark.label)));
      pen.fillRect(mark.left, top + mark.top + 3, LINE - 6, LINE - 6);
      pen.setColor(INK);
      pen.drawString(mark.text, mark.left + LINE, top + mark.top + LINE - BASE);
    }
  }

  private static void writePng(BufferedImage sheet, OutputStream out) throws IOException {
    if (!ImageIO.write(sheet, "png", out)) {
      throw new IOException("Java has no writer of PNG images");
    }
  }
}
