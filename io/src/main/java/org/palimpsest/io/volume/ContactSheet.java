package org.palimpsest.io.volume;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.file.AtomicFile;

/**
 * Patches as a picture: of each, the middle slice of every channel beside each other, from its
 * hundredth smallest to its hundredth greatest grey, with the borders of labels in colours.
 */
public final class ContactSheet {

  private static final int MOST = 64;
  private static final int MOST_CHANNELS = 4;
  private static final int EDGE = 128;
  private static final int GAP = 4;
  private static final int COLUMNS = 8;
  private static final int BACKGROUND = 0xffffff;
  private static final double CUT = 0.01;

  /** Okabe and Ito's colours, which people of every colour vision tell apart. */
  private static final int[] COLOURS = {
    0xe69f00, 0x56b4e9, 0x009e73, 0xf0e442, 0x0072b2, 0xd55e00, 0xcc79a7
  };

  private final List<BufferedImage> tiles = new ArrayList<>();

  /** Adds a patch, unless there are many already. */
  void add(float[][] sample, float[] labels, long[] extents) {
    if (tiles.size() >= MOST) {
      return;
    }
    int height = (int) extents[extents.length - 2];
    int width = (int) extents[extents.length - 1];
    int slices = extents.length == 4 ? (int) extents[1] : 1;
    int middle = slices / 2 * height * width;
    int size = height * width;
    int scale = Math.max(1, EDGE / Math.max(height, width));
    int shown = Math.min(sample.length, MOST_CHANNELS);
    BufferedImage tile =
        new BufferedImage(
            shown * (width * scale + 1) - 1, height * scale, BufferedImage.TYPE_INT_RGB);
    for (int channel = 0; channel < shown; channel++) {
      float[] slice = Arrays.copyOfRange(sample[channel], middle, middle + size);
      float[] marks =
          labels.length == 0 ? labels : Arrays.copyOfRange(labels, middle, middle + size);
      draw(tile, channel * (width * scale + 1), slice, marks, width, scale);
    }
    tiles.add(tile);
  }

  private static void draw(
      BufferedImage tile, int left, float[] slice, float[] marks, int width, int scale) {
    float[] sorted = slice.clone();
    Arrays.sort(sorted);
    float low = sorted[(int) (CUT * (sorted.length - 1))];
    float high = sorted[(int) ((1 - CUT) * (sorted.length - 1))];
    for (int i = 0; i < slice.length; i++) {
      float share = high > low ? (slice[i] - low) / (high - low) : 0;
      int grey = Math.round(255 * Math.min(1, Math.max(0, share)));
      int colour =
          marks.length > 0 && isBorder(marks, i, width) ? colour(marks[i]) : grey * 0x10101;
      for (int y = 0; y < scale; y++) {
        for (int x = 0; x < scale; x++) {
          tile.setRGB(left + i % width * scale + x, i / width * scale + y, colour);
        }
      }
    }
  }

  private static int colour(float label) {
    return COLOURS[((int) label - 1) % COLOURS.length];
  }

  private static boolean isBorder(float[] marks, int at, int width) {
    if (marks[at] == 0) {
      return false;
    }
    int x = at % width;
    return x == 0 && marks[at] != 0
        || x > 0 && marks[at - 1] != marks[at]
        || x < width - 1 && marks[at + 1] != marks[at]
        || at >= width && marks[at - width] != marks[at]
        || at + width < marks.length && marks[at + width] != marks[at];
  }

  /** How many patches are on it. */
  public int patches() {
    return tiles.size();
  }

  /** Writes it as a PNG image. */
  public void write(Path file) {
    if (tiles.isEmpty()) {
      throw new PalimpsestException("There is no patch to draw.");
    }
    int columns = Math.min(COLUMNS, tiles.size());
    int rows = (tiles.size() + columns - 1) / columns;
    int width = tiles.get(0).getWidth() + GAP;
    int height = tiles.get(0).getHeight() + GAP;
    BufferedImage sheet =
        new BufferedImage(columns * width + GAP, rows * height + GAP, BufferedImage.TYPE_INT_RGB);
    var pen = sheet.createGraphics();
    pen.setColor(new java.awt.Color(BACKGROUND));
    pen.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
    for (int i = 0; i < tiles.size(); i++) {
      pen.drawImage(tiles.get(i), GAP + i % columns * width, GAP + i / columns * height, null);
    }
    pen.dispose();
    AtomicFile.write(file, out -> writePng(sheet, out));
  }

  private static void writePng(BufferedImage sheet, java.io.OutputStream out) throws IOException {
    if (!ImageIO.write(sheet, "png", out)) {
      throw new IOException("Java has no writer of PNG images");
    }
  }
}
