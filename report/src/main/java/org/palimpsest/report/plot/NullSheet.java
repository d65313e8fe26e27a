package org.palimpsest.report.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jfree.chart.axis.NumberTickUnit;

/** Where everything in a picture of {@link NullDistribution} stands. */
final class NullSheet {

  private static final double PLOT_WIDTH = 520;
  private static final double PLOT_HEIGHT = 260;
  private static final double LEFT = 58;
  private static final double STICK = 0.5;
  private static final int MOST_BINS = 60;
  private static final int FEWEST_BINS = 8;
  private static final int FEWEST_FOR_HISTOGRAM = 12;
  private static final int TICKS = 6;
  private static final TypeScale TYPE = new TypeScale(1);
  private static final Color OBSERVED = new Color(0x80b8d8);
  private static final Color CHANCE = new Color(0x777777);
  private static final Color EDGE = HouseStyle.series(1);
  private static final BasicStroke DASHED =
      new BasicStroke(1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 1, new float[] {6, 3}, 0);

  private final String statistic;
  private final NullDistribution.Curve chance;
  private final double edge;
  private final Header header;
  private final double low;
  private final double high;
  private final double bin;
  private final double[] observed;
  private final double[] heights;
  private final double highest;

  NullSheet(
      String title,
      List<String> facts,
      String statistic,
      double[] observed,
      NullDistribution.Curve chance,
      double edge) {
    this.statistic = statistic;
    this.observed = observed;
    this.chance = chance;
    this.edge = edge;
    this.header = Header.of(title, facts, List.of(), TYPE, PLOT_WIDTH + LEFT);
    double[] ends = DoubleStream.concat(Arrays.stream(observed), DoubleStream.of(edge)).toArray();
    double least = Math.min(chance.at()[0], Arrays.stream(ends).min().orElse(0));
    double greatest =
        Math.max(chance.at()[chance.at().length - 1], Arrays.stream(ends).max().orElse(1));
    double span = greatest > least ? greatest - least : 1;
    this.low = least - 0.02 * span;
    this.high = least + 1.02 * span;
    this.bin = (high - low) / bins();
    this.heights = observed.length < FEWEST_FOR_HISTOGRAM ? new double[0] : histogram();
    this.highest =
        1.08
            * Math.max(
                Arrays.stream(heights).max().orElse(0),
                Arrays.stream(chance.density()).max().orElse(1));
  }

  /** Freedman and Diaconis (1981), within reason. */
  private int bins() {
    double[] sorted = observed.clone();
    Arrays.sort(sorted);
    double middleHalf = sorted[sorted.length * 3 / 4] - sorted[sorted.length / 4];
    double width = 2 * middleHalf / Math.cbrt(sorted.length);
    double wanted = width > 0 ? (high - low) / width : MOST_BINS;
    return (int) Math.max(FEWEST_BINS, Math.min(MOST_BINS, Math.ceil(wanted)));
  }

  private double[] histogram() {
    double[] counts = new double[(int) Math.round((high - low) / bin)];
    for (double value : observed) {
      int at = (int) ((value - low) / bin);
      counts[Math.min(at, counts.length - 1)] += 1 / (observed.length * bin);
    }
    return counts;
  }

  int width() {
    return (int) (PLOT_WIDTH + LEFT + 2 * HouseStyle.MARGIN);
  }

  int height() {
    return (int) Math.ceil(2 * HouseStyle.MARGIN + header.height() + 24 + PLOT_HEIGHT + 40);
  }

  private double x(double value) {
    return HouseStyle.MARGIN + LEFT + PLOT_WIDTH * (value - low) / (high - low);
  }

  private double y(double density) {
    return HouseStyle.MARGIN + header.height() + 24 + PLOT_HEIGHT * (1 - density / highest);
  }

  void draw(Graphics2D graphics) {
    header.draw(graphics, HouseStyle.MARGIN, HouseStyle.MARGIN);
    drawKey(graphics);
    drawAxes(graphics);
    graphics.setColor(OBSERVED);
    for (int i = 0; i < heights.length; i++) {
      double left = x(low + i * bin);
      double wide = PLOT_WIDTH / heights.length;
      graphics.fill(
          new Rectangle2D.Double(left + 0.5, y(heights[i]), wide - 1, y(0) - y(heights[i])));
    }
    if (heights.length == 0) {
      drawOneByOne(graphics);
    }
    Path2D curve = new Path2D.Double();
    curve.moveTo(x(chance.at()[0]), y(chance.density()[0]));
    for (int i = 1; i < chance.at().length; i++) {
      curve.lineTo(x(chance.at()[i]), y(chance.density()[i]));
    }
    graphics.setColor(CHANCE);
    graphics.setStroke(HouseStyle.LINE);
    graphics.draw(curve);
    graphics.setColor(EDGE);
    graphics.setStroke(DASHED);
    graphics.draw(new Line2D.Double(x(edge), y(0), x(edge), y(highest)));
  }

  private void drawOneByOne(Graphics2D graphics) {
    graphics.setStroke(new BasicStroke(4, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER));
    for (double value : observed) {
      graphics.draw(new Line2D.Double(x(value), y(0), x(value), y(highest * STICK)));
    }
  }

  private void drawKey(Graphics2D graphics) {
    double middle = HouseStyle.MARGIN + header.height() + 4;
    double left = HouseStyle.MARGIN;
    graphics.setColor(OBSERVED);
    graphics.fill(new Rectangle2D.Double(left, middle - 5, 22, 10));
    left = label(graphics, "observed (" + observed.length + ")", left, middle);
    graphics.setColor(CHANCE);
    graphics.setStroke(HouseStyle.LINE);
    graphics.draw(new Line2D.Double(left, middle, left + 22, middle));
    left = label(graphics, "chance alone", left, middle);
    graphics.setColor(EDGE);
    graphics.setStroke(DASHED);
    graphics.draw(new Line2D.Double(left, middle, left + 22, middle));
    label(graphics, "5% edge of chance, " + HouseStyle.printed(edge), left, middle);
  }

  private static double label(Graphics2D graphics, String text, double left, double middle) {
    graphics.setColor(HouseStyle.INK);
    Ink.left(graphics, text, TYPE.subtitle(), left + 27, middle);
    return left + 27 + HouseStyle.width(text, TYPE.subtitle()) + 20;
  }

  private void drawAxes(Graphics2D graphics) {
    NumberTickUnit across = HouseStyle.niceUnit(high - low, TICKS);
    NumberTickUnit up = HouseStyle.niceUnit(highest, TICKS - 2);
    graphics.setStroke(HouseStyle.HAIRLINE);
    for (double tick : HouseStyle.ticks(0, highest, TICKS - 2)) {
      graphics.setColor(HouseStyle.FAINT);
      graphics.draw(new Line2D.Double(x(low), y(tick), x(high), y(tick)));
      graphics.setColor(HouseStyle.INK);
      Ink.right(graphics, up.valueToString(tick), TYPE.tick(), x(low) - 6, y(tick));
    }
    graphics.draw(new Line2D.Double(x(low), y(0), x(high), y(0)));
    for (double tick : HouseStyle.ticks(low, high, TICKS)) {
      graphics.draw(new Line2D.Double(x(tick), y(0), x(tick), y(0) + 3));
      Ink.centred(graphics, across.valueToString(tick), TYPE.tick(), x(tick), y(0) + 12);
    }
    Ink.centred(graphics, statistic, TYPE.label(), (x(low) + x(high)) / 2, y(0) + 30);
    Ink.upwards(graphics, "density", TYPE.label(), HouseStyle.MARGIN + 8, (y(0) + y(highest)) / 2);
  }
}
