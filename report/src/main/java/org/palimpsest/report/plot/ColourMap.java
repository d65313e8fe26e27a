package org.palimpsest.report.plot;

import java.awt.Color;
import java.util.Locale;
import org.jfree.chart.renderer.PaintScale;
import org.palimpsest.core.measure.MeasureProperties.Range;

/**
 * Colours for numbers, readable by the colour-blind.
 *
 * @param low the value of the one end
 * @param high the value of the other
 * @param reversed whether the ramp's last colour is the low end's
 * @param ramp the colours
 */
record ColourMap(double low, double high, boolean reversed, Ramp ramp) implements PaintScale {

  /** Colours at even distances; between them they are mixed. */
  enum Ramp {
    /**
     * Even steps in lightness, so that it is readable in grey too: viridis (van der Walt and Smith,
     * SciPy 2015).
     */
    SEQUENTIAL(
        0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725),
    /** Blue below, white in the middle, red above, after ColorBrewer's RdBu (Brewer 2003). */
    DIVERGING(
        0x14488c, 0x2166ac, 0x67a9cf, 0xd1e5f0, 0xffffff, 0xfddbc7, 0xef8a62, 0xb2182b, 0x7f0f20);

    private final int[] anchors;

    Ramp(int... anchors) {
      this.anchors = anchors;
    }

    private Color colour(double position) {
      double at = position * (anchors.length - 1);
      int below = Math.min((int) at, anchors.length - 2);
      double weight = at - below;
      int from = anchors[below];
      int to = anchors[below + 1];
      return new Color(
          mix(from >> 16, to >> 16, weight),
          mix(from >> 8, to >> 8, weight),
          mix(from, to, weight));
    }

    private static int mix(int from, int to, double weight) {
      return (int) Math.round((1 - weight) * (from & 0xff) + weight * (to & 0xff));
    }
  }

  private static final double LIGHT_FROM = 0.18;

  /** From dark to bright. */
  static ColourMap sequential(double low, double high, boolean brightIsLow) {
    return new ColourMap(low, high > low ? high : low + 1, brightIsLow, Ramp.SEQUENTIAL);
  }

  /** White at zero. */
  static ColourMap diverging(double limit) {
    double end = limit > 0 ? limit : 1;
    return new ColourMap(-end, end, false, Ramp.DIVERGING);
  }

  /**
   * Colours that span a measure's whole range, and where that has no end the values; white at zero
   * if values can be negative.
   */
  static ColourMap of(Range range, boolean brightIsLow, double least, double greatest) {
    double lowest = HouseStyle.drawable(Math.min(0, least));
    double highest = HouseStyle.drawable(Math.max(0, greatest));
    double low = Double.isInfinite(range.low()) ? lowest : range.low();
    double high = Double.isInfinite(range.high()) ? highest : range.high();
    return low < 0 ? diverging(Math.max(-low, high)) : sequential(low, high, brightIsLow);
  }

  @Override
  public double getLowerBound() {
    return low;
  }

  @Override
  public double getUpperBound() {
    return high;
  }

  @Override
  public Color getPaint(double value) {
    return ramp.colour(position(value));
  }

  /** A colour in which text can be read on the colour of the value. */
  Color inkOn(double value) {
    return lightness(getPaint(value)) < LIGHT_FROM ? Color.WHITE : Color.BLACK;
  }

  /**
   * The value as it stands in its cell: {@code 1.2e-05} where all values are so small that two
   * decimals would show nothing of them.
   */
  String printed(double value) {
    return high < HouseStyle.LEAST_PRINTED && value != 0 && !Double.isNaN(value)
        ? String.format(Locale.ROOT, "%.1e", value)
        : HouseStyle.printed(value);
  }

  /** Relative luminance, from 0 to 1 (W3C, contrast of text). */
  static double lightness(Color colour) {
    return 0.2126 * linear(colour.getRed())
        + 0.7152 * linear(colour.getGreen())
        + 0.0722 * linear(colour.getBlue());
  }

  private static double linear(int channel) {
    return Math.pow(channel / 255.0, 2.2);
  }

  private double position(double value) {
    double share = Math.min(1, Math.max(0, (value - low) / (high - low)));
    return reversed ? 1 - share : share;
  }
}
