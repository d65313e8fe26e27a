package org.palimpsest.io.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jfree.chart.axis.NumberTickUnit;
import org.palimpsest.core.measure.Range;

/** The vertical axis that panes share. */
final class ValueScale {

  private static final double AIR = 0.03;

  private final String label;
  private final double low;
  private final double high;

  /**
   * From zero, or from the least value if that is below, to the upper end of the range, or if it
   * has none to the greatest value.
   */
  ValueScale(String label, Range range, double[] values) {
    double least = Arrays.stream(values).min().orElse(0);
    double greatest = Arrays.stream(values).max().orElse(1);
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

  List<Double> ticks(int about) {
    double unit = HouseStyle.niceUnit(high - low, about).getSize();
    List<Double> ticks = new ArrayList<>();
    for (long k = (long) Math.ceil(low / unit - 1e-9); k * unit <= high + 1e-9 * unit; k++) {
      ticks.add(k * unit);
    }
    return ticks;
  }

  String text(double tick, int about) {
    NumberTickUnit unit = HouseStyle.niceUnit(high - low, about);
    return unit.valueToString(tick);
  }
}
