package org.palimpsest.report.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jfree.chart.axis.NumberTickUnit;
import org.palimpsest.core.PalimpsestException;

/**
 * What was observed beside what chance alone would give: a histogram of the one, the density of the
 * other, and the edge that chance passes in 5 of 100 cases.
 *
 * <pre>
 * NullDistribution.simulated("cosine of matched filters", observed, byChance,
 *         NullDistribution.Tail.UPPER)
 *     .withTitle("Matched filters of enc1.0")
 *     .draw()
 *     .writeSvg(file);
 * </pre>
 *
 * <p>Chance is a normal distribution ({@link #normal}), a sample of simulations ({@link
 * #simulated}, whose density is estimated by Gaussian kernels of the width of Silverman 1986), or a
 * density that is known ({@link #density}). The picture tells how many observed values lie beyond
 * the edge; this is a count beside its expectation, not a test. Few observed values are drawn one
 * by one instead of as a histogram.
 *
 * <p>The plot is 520 × 260 points. Immutable: each {@code with…} gives a changed copy.
 */
public final class NullDistribution {

  /** Which values are beyond the edge. */
  public enum Tail {
    /** Those above it. */
    UPPER,
    /** Those below it. */
    LOWER
  }

  /** Something that chance gives, as a curve: points with their density. */
  private record Curve(double[] at, double[] density) {}

  private static final int CURVE_POINTS = 240;
  private static final double FAR = 4;

  private final String statistic;
  private final double[] observed;
  private final Curve chance;
  private final double edge;
  private final Tail tail;
  private final Caption caption;

  private NullDistribution(
      String statistic, double[] observed, Curve chance, double edge, Tail tail, Caption caption) {
    this.statistic = statistic;
    this.observed = observed;
    this.chance = chance;
    this.edge = edge;
    this.tail = tail;
    this.caption = caption;
  }

  /**
   * Against a normal distribution.
   *
   * @param statistic what the values are, such as {@code cosine of matched filters}
   * @param observed at least one
   * @param sd above 0
   * @param tail where the values lie that chance rarely gives
   * @throws PalimpsestException if there is no value, one is not finite, or {@code sd} is not above
   *     0
   */
  public static NullDistribution normal(
      String statistic, double[] observed, double mean, double sd, Tail tail) {
    requireFinite("Mean and deviation of chance", mean, sd);
    if (sd <= 0) {
      throw new PalimpsestException(
          "Chance that gives '%s' a deviation of %s cannot be drawn; it is above 0."
              .formatted(statistic, sd));
    }
    double[] at =
        DoubleStream.iterate(0, i -> i <= CURVE_POINTS, i -> i + 1)
            .map(i -> mean + FAR * sd * (2 * i / CURVE_POINTS - 1))
            .toArray();
    DoubleUnaryOperator density =
        x -> Math.exp(-0.5 * Math.pow((x - mean) / sd, 2)) / (sd * Math.sqrt(2 * Math.PI));
    double quantile = tail == Tail.UPPER ? 1.6448536269514722 : -1.6448536269514722;
    return density(
        statistic,
        observed,
        at,
        DoubleStream.of(at).map(density).toArray(),
        mean + quantile * sd,
        tail);
  }

  /**
   * Against what simulations gave; the edge is their 5% quantile from the tail's side.
   *
   * @param simulated at least 20
   * @throws PalimpsestException if there are fewer, no observed value, or one is not finite
   */
  public static NullDistribution simulated(
      String statistic, double[] observed, double[] simulated, Tail tail) {
    if (simulated.length < 20) {
      throw new PalimpsestException(
          "%s simulations are too few: an edge of 5%% needs at least 20."
              .formatted(simulated.length));
    }
    requireFinite("What was simulated of '" + statistic + "'", simulated);
    double[] sorted = simulated.clone();
    Arrays.sort(sorted);
    int beyond = (int) Math.floor(0.05 * sorted.length);
    double edge = tail == Tail.UPPER ? sorted[sorted.length - 1 - beyond] : sorted[beyond];
    Curve smooth = smooth(sorted);
    return density(statistic, observed, smooth.at(), smooth.density(), edge, tail);
  }

  /**
   * Against a density that is known.
   *
   * @param at where it is known, ascending
   * @param density its values there, at least 0 and somewhere above it
   * @param edge the value that chance passes in 5 of 100 cases
   * @throws PalimpsestException if there is no observed value, fewer than two points, one is not
   *     finite, or points or density are not as they should be
   */
  public static NullDistribution density(
      String statistic, double[] observed, double[] at, double[] density, double edge, Tail tail) {
    if (observed.length == 0 || at.length != density.length || at.length < 2) {
      throw new PalimpsestException(
          "A picture of '%s' takes one observed value or more and a density at two points or more, unlike %s observed values and a density of %s values at %s points."
              .formatted(statistic, observed.length, density.length, at.length));
    }
    requireFinite("What was observed of '" + statistic + "'", observed);
    requireFinite("The edge of chance", edge);
    requireFinite("Points and density of chance", at);
    requireFinite("Points and density of chance", density);
    boolean ascending = IntStream.range(1, at.length).allMatch(i -> at[i - 1] <= at[i]);
    if (!ascending
        || Arrays.stream(density).anyMatch(value -> value < 0)
        || Arrays.stream(density).allMatch(value -> value == 0)) {
      throw new PalimpsestException(
          "The density of '%s' by chance is to be given at ascending points, at least 0 and somewhere above it."
              .formatted(statistic));
    }
    Curve chance = new Curve(at.clone(), density.clone());
    return new NullDistribution(statistic, observed.clone(), chance, edge, tail, Caption.of(""));
  }

  private static void requireFinite(String what, double... values) {
    for (double value : values) {
      if (!Double.isFinite(value) || HouseStyle.drawable(value) != value) {
        throw new PalimpsestException(
            "%s: %s cannot be drawn. Leave it out, or find out why it is no usual number."
                .formatted(what, value));
      }
    }
  }

  /** A density by Gaussian kernels of the width that Silverman (1986) recommends. */
  private static Curve smooth(double[] sorted) {
    double mean = DoubleStream.of(sorted).average().orElse(0);
    double variance = DoubleStream.of(sorted).map(x -> (x - mean) * (x - mean)).average().orElse(0);
    double sd = Math.max(Math.sqrt(variance), 1e-12);
    double width = 1.06 * sd * Math.pow(sorted.length, -0.2);
    double low = sorted[0] - 3 * width;
    double high = sorted[sorted.length - 1] + 3 * width;
    double[] at = new double[CURVE_POINTS + 1];
    double[] density = new double[at.length];
    for (int i = 0; i < at.length; i++) {
      at[i] = low + (high - low) * i / CURVE_POINTS;
      double x = at[i];
      density[i] =
          DoubleStream.of(sorted).map(s -> Math.exp(-0.5 * Math.pow((x - s) / width, 2))).sum()
              / (sorted.length * width * Math.sqrt(2 * Math.PI));
    }
    return new Curve(at, density);
  }

  /** Sets what stands above the picture; it has no title if this is not said. */
  public NullDistribution withTitle(String text) {
    return new NullDistribution(statistic, observed, chance, edge, tail, caption.titled(text));
  }

  /** Adds something that a reader must know, such as the layer and how chance was found. */
  public NullDistribution withDetail(String detail) {
    return new NullDistribution(statistic, observed, chance, edge, tail, caption.with(detail));
  }

  /** Draws it. */
  public Figure draw() {
    Caption whole =
        caption.with(
            String.format(
                Locale.ROOT,
                "%d of %d beyond the 5%% edge (chance: %.1f)",
                beyond(),
                observed.length,
                0.05 * observed.length));
    Sheet sheet = new Sheet(this, whole);
    return Figure.of(sheet.width(), sheet.height(), sheet::draw);
  }

  private long beyond() {
    return DoubleStream.of(observed).filter(x -> tail == Tail.UPPER ? x > edge : x < edge).count();
  }

  /** Where everything in the picture stands. */
  private static final class Sheet {

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
        new BasicStroke(
            1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 1, new float[] {6, 3}, 0);

    private final String statistic;
    private final Curve chance;
    private final double edge;
    private final Header header;
    private final double low;
    private final double high;
    private final double bin;
    private final double[] observed;
    private final double[] heights;
    private final double highest;

    Sheet(NullDistribution of, Caption caption) {
      this.statistic = of.statistic;
      this.observed = of.observed;
      this.chance = of.chance;
      this.edge = of.edge;
      this.header = Header.of(caption, TYPE, PLOT_WIDTH + LEFT);
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
      Ink.upwards(
          graphics, "density", TYPE.label(), HouseStyle.MARGIN + 8, (y(0) + y(highest)) / 2);
    }
  }
}
