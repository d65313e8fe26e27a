package org.palimpsest.report.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Shape;
import java.awt.font.FontRenderContext;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.SymbolAxis;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.Plot;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.text.TextUtils;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.RectangleInsets;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.internal.text.Names;
import org.palimpsest.internal.text.VisibleText;

/** How every picture looks: white, few lines, one family of type, colours for everyone's eyes. */
final class HouseStyle {

  static final Color INK = new Color(0x222222);
  static final Color FAINT = new Color(0xdddddd);
  static final Color MISSING = new Color(0xe9e9e9);
  static final BasicStroke LINE =
      new BasicStroke(1.8f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
  static final int MARGIN = 12;
  private static final double GREATEST_DRAWN = 1e307;
  private static final double LEAST_SPAN = 1e-300;
  private static final double SMALLEST_PLAIN = 1e-6;

  /** Of the largest of some numbers, below which two decimals show little of them. */
  static final double LEAST_PRINTED = 0.1;

  private static final double GREATEST_PRINTED = 1e7;
  private static final int MOST_DECIMALS = 9;
  private static final int MOST_DIGITS = 15;
  private static final double GREATEST_PLAIN = 1e9;
  private static final int MOST_TICKS = 50;
  private static final int LETTERS_KEPT = 3;
  private static final double LONGEST_NAME = 220;
  private static final int LONGEST_MEASURED = 500;
  static final String SEPARATOR = "  ·  ";
  static final BasicStroke HAIRLINE = new BasicStroke(0.6f);
  private static final FontRenderContext MEASURING = new FontRenderContext(null, true, true);

  /** The colours of Okabe and Ito (2008), those readable on white. */
  private static final List<Color> SERIES =
      List.of(
          new Color(0x0072b2),
          new Color(0xd55e00),
          new Color(0x009e73),
          new Color(0xcc79a7),
          new Color(0xe69f00),
          new Color(0x56b4e9),
          new Color(0x000000));

  private static final List<float[]> DASHES =
      List.of(new float[] {}, new float[] {7, 3}, new float[] {2, 2.5f}, new float[] {9, 2, 2, 2});

  static {
    TextUtils.setUseDrawRotatedStringWorkaround(false); // it would turn text into outlines in SVG
  }

  private HouseStyle() {}

  static Color series(int index) {
    return SERIES.get(index % SERIES.size());
  }

  /** A line for each series, so that they differ in grey too. */
  static BasicStroke line(int index) {
    float[] dashes = DASHES.get(index % DASHES.size());
    return dashes.length == 0
        ? LINE
        : new BasicStroke(
            LINE.getLineWidth(), BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dashes, 0);
  }

  /** A mark for each series, so that they differ in grey too. */
  static Shape mark(int index, double size) {
    double half = size / 2;
    return switch (index % 5) {
      case 0 -> new Ellipse2D.Double(-half, -half, size, size);
      case 1 -> new Rectangle2D.Double(-half * 0.9, -half * 0.9, size * 0.9, size * 0.9);
      case 2 -> polygon(0, -half * 1.15, half * 1.15, half, -half * 1.15, half);
      case 3 -> polygon(0, -half * 1.25, half * 1.25, 0, 0, half * 1.25, -half * 1.25, 0);
      default -> polygon(0, half * 1.15, half * 1.15, -half, -half * 1.15, -half);
    };
  }

  private static Shape polygon(double... coordinates) {
    Path2D path = new Path2D.Double();
    path.moveTo(coordinates[0], coordinates[1]);
    for (int i = 2; i < coordinates.length; i += 2) {
      path.lineTo(coordinates[i], coordinates[i + 1]);
    }
    path.closePath();
    return path;
  }

  static double width(String text, Font font) {
    return font.getStringBounds(text, MEASURING).getWidth();
  }

  static double widest(List<String> texts, Font font) {
    return texts.stream().mapToDouble(text -> width(text, font)).max().orElse(0);
  }

  /** As much of a text's end as may be measured again and again to find out what fits. */
  private static String end(String text) {
    return text.substring(Math.max(0, text.length() - LONGEST_MEASURED));
  }

  /** The text if it fits into the width, else as many of the last parts of a path as fit. */
  static String fitted(String whole, Font font, double width) {
    String text = end(VisibleText.of(whole));
    if (width(text, font) <= width) {
      return text;
    }
    for (int cut = text.indexOf('/'); cut >= 0; cut = text.indexOf('/', cut + 1)) {
      if (width("…" + text.substring(cut), font) <= width) {
        return "…" + text.substring(cut);
      }
    }
    int from = 1;
    while (from < text.length() - 1 && width("…" + text.substring(from), font) > width) {
      from++;
    }
    return "…" + text.substring(from);
  }

  /**
   * A path as {@link #fitted} gives it; where that leaves nothing that tells it from the other,
   * what does.
   */
  static String fittedBeside(String other, String whole, Font font, double width) {
    String text = fitted(whole, font, width);
    return whole.equals(other) || !text.equals(fitted(other, font, width))
        ? text
        : abridged(Names.apart(whole, other).get(0), font, width);
  }

  /** The text if it fits into the width, else its first letters and as much of its end as fits. */
  static String abridged(String whole, Font font, double width) {
    String shown = VisibleText.of(whole);
    String text = end(shown);
    if (text.equals(shown) && width(text, font) <= width) {
      return text;
    }
    String head = shown.substring(0, Math.min(LETTERS_KEPT, shown.length())) + "…";
    int from = Math.min(LETTERS_KEPT, text.length());
    while (from < text.length() - 1 && width(head + text.substring(from), font) > width) {
      from++;
    }
    return head + text.substring(from);
  }

  /** Names short enough to stand along an axis. */
  static List<String> abridged(List<String> names, Font font) {
    return abridged(names, font, LONGEST_NAME);
  }

  /**
   * Names that fit into the width and can be told apart if the whole ones can: those that would
   * look alike are shown from where they begin to differ, or with their number.
   */
  static List<String> abridged(List<String> names, Font font, double width) {
    Map<String, String> shown = new LinkedHashMap<>();
    names.forEach(name -> shown.put(name, abridged(name, font, width)));
    alike(shown).forEach(group -> fromWhereTheyDiffer(group, font, width, shown));
    alike(shown).forEach(group -> numbered(group, font, width, shown));
    return names.stream().map(name -> shown.getOrDefault(name, name)).toList();
  }

  /** Different names that are shown alike. */
  private static List<List<String>> alike(Map<String, String> shown) {
    Map<String, List<String>> names = new LinkedHashMap<>();
    shown.forEach((name, as) -> names.computeIfAbsent(as, key -> new ArrayList<>()).add(name));
    return names.values().stream().filter(group -> group.size() > 1).toList();
  }

  private static void fromWhereTheyDiffer(
      List<String> names, Font font, double width, Map<String, String> shown) {
    int same = 0;
    String first = names.get(0);
    for (int at = 0; at < first.length() && same == at; at++) {
      String start = first.substring(0, at + 1);
      same += names.stream().allMatch(name -> name.startsWith(start)) ? 1 : 0;
    }
    int from = Math.max(0, same - LETTERS_KEPT);
    for (String name : names) {
      String rest = from == 0 ? name : "…" + name.substring(from);
      shown.put(name, cut(rest, font, width));
    }
  }

  private static void numbered(
      List<String> names, Font font, double width, Map<String, String> shown) {
    for (int i = 0; i < names.size(); i++) {
      String number = "(" + (i + 1) + ") ";
      shown.put(names.get(i), number + abridged(names.get(i), font, width - width(number, font)));
    }
  }

  /** The text if it fits into the width, else as much of its beginning as fits. */
  static String cut(String whole, Font font, double width) {
    String shown = VisibleText.of(whole);
    String text = shown.substring(0, Math.min(LONGEST_MEASURED, shown.length()));
    if (text.equals(shown) && width(text, font) <= width) {
      return text;
    }
    int to = text.length() - 1;
    while (to > 1 && width(text.substring(0, to) + "…", font) > width) {
      to--;
    }
    return text.substring(0, to) + "…";
  }

  /** Facts joined into as few lines as the width allows; one that is too long is broken. */
  static List<String> wrapped(List<String> facts, Font font, double width) {
    List<String> lines = new ArrayList<>();
    for (String told : facts) {
      String fact = VisibleText.of(told);
      List<String> parts = broken(fact, font, width);
      int last = lines.size() - 1;
      String longer = last < 0 ? fact : lines.get(last) + SEPARATOR + fact;
      if (last >= 0 && parts.size() == 1 && width(longer, font) <= width) {
        lines.set(last, longer);
      } else {
        lines.addAll(parts);
      }
    }
    return lines;
  }

  /** The text in lines no wider than that; a word that is too long loses its beginning. */
  static List<String> broken(String text, Font font, double width) {
    List<String> lines = new ArrayList<>();
    for (String word : VisibleText.of(text).split(" ", -1)) {
      int last = lines.size() - 1;
      String longer = last < 0 ? word : lines.get(last) + " " + word;
      if (last >= 0 && width(longer, font) <= width) {
        lines.set(last, longer);
      } else {
        lines.add(fitted(word, font, width));
      }
    }
    return lines;
  }

  static JFreeChart chart(Plot plot, String title, List<String> subtitles, TypeScale type) {
    JFreeChart chart = new JFreeChart(null, type.label(), plot, false);
    chart.setBackgroundPaint(Color.WHITE);
    chart.setPadding(new RectangleInsets(MARGIN, MARGIN, MARGIN, MARGIN));
    chart.setTextAntiAlias(true);
    if (!title.isEmpty()) {
      chart.setTitle(line(title, type.title(), 4));
    }
    for (int i = 0; i < subtitles.size(); i++) {
      boolean last = i == subtitles.size() - 1;
      chart.addSubtitle(i, line(subtitles.get(i), type.subtitle(), last ? 8 : 1));
    }
    return chart;
  }

  private static TextTitle line(String text, Font font, int below) {
    TextTitle title = new TextTitle(VisibleText.of(text), font);
    title.setPaint(INK);
    title.setHorizontalAlignment(HorizontalAlignment.LEFT);
    title.setTextAlignment(HorizontalAlignment.LEFT);
    title.setPadding(0, 0, below, 0);
    return title;
  }

  static void style(XYPlot plot) {
    plot.setBackgroundPaint(Color.WHITE);
    plot.setOutlineVisible(false);
    plot.setDomainGridlinesVisible(false);
    plot.setRangeGridlinePaint(FAINT);
    plot.setRangeGridlineStroke(HAIRLINE);
    plot.setAxisOffset(new RectangleInsets(0, 0, 0, 0));
  }

  static void style(ValueAxis axis, Font labels, Font ticks) {
    axis.setLabelFont(labels);
    axis.setLabelPaint(INK);
    axis.setTickLabelFont(ticks);
    axis.setTickLabelPaint(INK);
    axis.setAxisLinePaint(INK);
    axis.setTickMarkPaint(INK);
  }

  /** An axis of names, each at a whole number from 0 on. */
  static SymbolAxis names(String label, List<String> names, Font labels, Font ticks) {
    SymbolAxis axis = new SymbolAxis(label, names.toArray(new String[0]));
    style(axis, labels, ticks);
    axis.setGridBandsVisible(false);
    axis.setTickUnit(new NumberTickUnit(1));
    axis.setAutoRange(false);
    axis.setRange(-0.5, names.size() - 0.5);
    axis.setTickMarksVisible(false);
    return axis;
  }

  /** Leaves names out, evenly, until the others have room above each other. */
  static void thin(SymbolAxis axis, Font ticks, double cell) {
    double needed = 1.1 * ticks.getSize2D();
    axis.setTickUnit(new NumberTickUnit(Math.max(1, Math.ceil(needed / cell))));
  }

  /** Two decimals, or three digits of a large number. */
  static String printed(double value) {
    if (Double.isNaN(value)) {
      return "";
    }
    String text = String.format(Locale.ROOT, Math.abs(value) < 100 ? "%.2f" : "%.3g", value);
    return text.equals("-0.00") ? "0.00" : text;
  }

  static String beside(double value, Interval.Ends ends) {
    return beside(value, ends.low(), ends.high());
  }

  /** {@code 0.213, interval 0.021 to 0.628}, with digits enough to tell the ends apart. */
  static String beside(double value, double low, double high) {
    double width = high - low;
    double largest = Math.max(Math.abs(value), Math.max(Math.abs(low), Math.abs(high)));
    double decimals = width > 0 ? Math.max(2, 1 - Math.floor(Math.log10(width))) : 2;
    boolean isTiny = decimals > MOST_DECIMALS && largest < LEAST_PRINTED;
    String number =
        isTiny || largest >= GREATEST_PRINTED
            ? "%." + digits(largest, width) + "e"
            : "%." + (int) Math.min(MOST_DECIMALS, decimals) + "f";
    return String.format(
        Locale.ROOT, number + ", interval " + number + " to " + number, value, low, high);
  }

  /** Behind the point of the first digit. */
  private static int digits(double largest, double width) {
    double ofEnds = width > 0 ? Math.ceil(Math.log10(largest / width)) + 1 : 2;
    return (int) Math.max(2, Math.min(MOST_DIGITS, ofEnds));
  }

  /** A round step (1, 2 or 5 times a power of ten) that divides a range into about that many. */
  static NumberTickUnit niceUnit(double range, int steps) {
    double rough = Math.max(range, LEAST_SPAN) / steps;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double lead = rough / power;
    double unit = (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power;
    int decimals = Math.max(0, (int) Math.ceil(-Math.log10(unit) - 1e-9));
    boolean plain = unit >= SMALLEST_PLAIN && range <= GREATEST_PLAIN;
    DecimalFormat format =
        new DecimalFormat(plain ? "0" : "0.##E0", DecimalFormatSymbols.getInstance(Locale.ROOT));
    if (plain) {
      format.setMinimumFractionDigits(decimals);
    }
    return new NumberTickUnit(unit, format);
  }

  /** The multiples of a {@link #niceUnit} within a range. */
  static List<Double> ticks(double low, double high, int about) {
    double unit = niceUnit(high - low, about).getSize();
    double first = Math.ceil(low / unit - 1e-9);
    double count = Math.floor(high / unit + 1e-9) - first;
    List<Double> ticks = new ArrayList<>();
    for (int k = 0; k <= Math.min(count, MOST_TICKS); k++) {
      ticks.add((first + k) * unit);
    }
    return ticks;
  }

  /**
   * @throws PalimpsestException if one of these is not a number
   */
  static void requireNumbers(String what, double... values) {
    for (double value : values) {
      if (Double.isNaN(value)) {
        throw new PalimpsestException(
            "%s cannot be drawn: it is not a number (NaN). Leave it out.".formatted(what));
      }
    }
  }

  /** The number, or if it is beyond all reason the greatest that spans can be computed of. */
  static double drawable(double value) {
    return Math.max(-GREATEST_DRAWN, Math.min(GREATEST_DRAWN, value));
  }
}
