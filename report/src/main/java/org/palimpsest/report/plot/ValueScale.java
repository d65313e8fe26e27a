package org.palimpsest.report.plot;

import java.util.Arrays;
import java.util.List;
import org.jfree.chart.axis.NumberTickUnit;
import org.palimpsest.core.measure.Range;

/** The vertical axis that panes share. */
final class ValueScale {

  private static final double AIR = 0.03;
  private static final double FAR = 3;

  private final String label;
  private final double low;
  private final double high;

  /**
   * From zero, or from the least value if that is below, to the upper end of the range, or if it
   * has none to the greatest value.
   */
  ValueScale(String label, Range range, double[] values) {
    double[] drawn = Arrays.stream(values).map(HouseStyle::drawable).toArray();
    double least = Arrays.stream(drawn).min().orElse(0);
    double greatest = Arrays.stream(drawn).max().orElse(1);
    double bottom = Math.max(range.low(), Math.min(0, least));
    double top = Double.isInfinite(range.high()) ? Math.max(0, greatest) : range.high();
    double span = top > bottom ? top - bottom : 1;
    this.label = label;
    this.low = bottom - AIR * span;
    this.high = bottom + (1 + AIR) * span;
  }

  double low() {
    return low;
  }

  double high() {
    return high;
  }

  String label() {
    return label;
  }

  /** From 0 at the lower end to 1 at the upper. */
  double position(double value) {
    return (value - low) / (high - low);
  }

  /**
   * The value, or one a few lengths of the axis beyond its end: to draw lines to points very far
   * away takes forever.
   */
  double near(double value) {
    double away = FAR * (high - low);
    return Math.max(low - away, Math.min(high + away, value));
  }

  List<Double> ticks(int about) {
    return HouseStyle.ticks(low, high, about);
  }

  String text(double tick, int about) {
    NumberTickUnit unit = HouseStyle.niceUnit(high - low, about);
    return unit.valueToString(tick);
  }
}
