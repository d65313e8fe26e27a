package org.palimpsest.io.plot;

import java.awt.Color;
import java.awt.Paint;
import org.jfree.chart.renderer.PaintScale;

/**
 * A sequential colour map of even steps in lightness, readable by the colour-blind and in grey:
 * viridis (van der Walt and Smith, SciPy 2015), interpolated between nine of its colours.
 *
 * @param low the value of the one end
 * @param high the value of the other
 * @param brightIsLow whether the bright end is the low one
 */
record ColourMap(double low, double high, boolean brightIsLow) implements PaintScale {

  private static final int[] ANCHORS = {
    0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725
  };
  private static final double DARK_BELOW = 0.55;

  @Override
  public double getLowerBound() {
    return low;
  }

  @Override
  public double getUpperBound() {
    return high;
  }

  @Override
  public Paint getPaint(double value) {
    return colour(position(value));
  }

  /** A colour in which text can be read on the colour of the value. */
  Color inkOn(double value) {
    return position(value) < DARK_BELOW ? Color.WHITE : Color.BLACK;
  }

  private double position(double value) {
    double share = Math.min(1, Math.max(0, (value - low) / (high - low)));
    return brightIsLow ? 1 - share : share;
  }

  private static Color colour(double position) {
    double at = position * (ANCHORS.length - 1);
    int below = Math.min((int) at, ANCHORS.length - 2);
    double weight = at - below;
    int from = ANCHORS[below];
    int to = ANCHORS[below + 1];
    return new Color(
        mix(from >> 16, to >> 16, weight), mix(from >> 8, to >> 8, weight), mix(from, to, weight));
  }

  private static int mix(int from, int to, double weight) {
    return (int) Math.round((1 - weight) * (from & 0xff) + weight * (to & 0xff));
  }
}
