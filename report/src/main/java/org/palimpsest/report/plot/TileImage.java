package org.palimpsest.report.plot;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.util.Arrays;

/** A matrix as an image of even squares, drawn without any smoothing. */
final class TileImage {

  private static final double PIXELS_PER_POINT = 2;

  private TileImage() {}

  /** How long the side of a cell is in points: whole pixels. */
  static double cell(int cells, double room) {
    return Math.max(1, Math.rint(room * PIXELS_PER_POINT / cells)) / PIXELS_PER_POINT;
  }

  /**
   * @param cell in points, a multiple of half a point
   */
  static BufferedImage of(double[][] values, ColourMap colours, double cell) {
    int side = (int) Math.round(cell * PIXELS_PER_POINT);
    int columns = values[0].length;
    BufferedImage image =
        new BufferedImage(columns * side, values.length * side, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < columns; j++) {
        double value = values[i][j];
        Color colour = Double.isNaN(value) ? HouseStyle.MISSING : colours.getPaint(value);
        int[] tile = new int[side * side];
        Arrays.fill(tile, colour.getRGB());
        image.setRGB(j * side, i * side, side, side, tile, 0, side);
      }
    }
    return image;
  }

  static void draw(Graphics2D graphics, BufferedImage image, double left, double top) {
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
    AffineTransform place = AffineTransform.getTranslateInstance(left, top);
    place.scale(1 / PIXELS_PER_POINT, 1 / PIXELS_PER_POINT);
    graphics.drawImage(image, place, null);
  }
}
