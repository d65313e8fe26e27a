package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.palimpsest.report.page.Html;

/** A figure's interval on a line, the region of the claim shaded and its threshold dashed. */
final class IntervalDrawing {

  private static final double WIDTH = 360;
  private static final double HEIGHT = 58;
  private static final double MARGIN = 34;
  private static final double MIDDLE = 24;
  private static final double SPARE = 0.18;

  private final Evidence evidence;
  private final double least;
  private final double most;
  private final StringBuilder svg = new StringBuilder();

  private IntervalDrawing(Evidence evidence, double least, double most) {
    this.evidence = evidence;
    this.least = least;
    this.most = most;
  }

  /** As SVG; empty if there is nothing to draw. */
  static String of(Evidence evidence) {
    double[] shown =
        DoubleStream.of(
                evidence.from(),
                evidence.to(),
                evidence.interval().low(),
                evidence.interval().high(),
                evidence.value().orElse(Double.NaN))
            .filter(Double::isFinite)
            .toArray();
    double low = DoubleStream.of(shown).min().orElse(0);
    double high = DoubleStream.of(shown).max().orElse(0);
    if (evidence.value().isEmpty() && !evidence.isBoundedSomewhere()) {
      return "";
    }
    double spare = high > low ? SPARE * (high - low) : Math.max(1, Math.abs(high)) * SPARE;
    return new IntervalDrawing(evidence, low - spare, high + spare).drawn();
  }

  private String drawn() {
    svg.append(
        "<svg class=\"interval\" viewBox=\"0 0 %s %s\" role=\"img\" aria-label=\"%s\">"
            .formatted(
                number(WIDTH),
                number(HEIGHT),
                Html.escaped(
                    evidence.what()
                        + " "
                        + evidence.inWords()
                        + "; asked for: "
                        + evidence.asked())));
    double from = place(evidence.from());
    svg.append(
        "<rect class=\"claimed\" x=\"%s\" y=\"8\" width=\"%s\" height=\"32\"/>"
            .formatted(number(from), number(place(evidence.to()) - from)));
    line("axis", place(least), MIDDLE, place(most), MIDDLE);
    threshold(evidence.from());
    threshold(evidence.to());
    if (evidence.isBoundedSomewhere()) {
      interval();
    }
    evidence
        .value()
        .ifPresent(
            value ->
                svg.append(
                    "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"5\"/>"
                        .formatted(
                            evidence.isBoundedSomewhere() ? "point" : "point alone",
                            number(place(value)),
                            number(MIDDLE))));
    labels();
    return svg.append("</svg>").toString();
  }

  private void interval() {
    double low = evidence.interval().low();
    double high = evidence.interval().high();
    line("bar", place(low), MIDDLE, place(high), MIDDLE);
    if (Double.isFinite(low)) {
      line("bar", place(low), MIDDLE - 6, place(low), MIDDLE + 6);
    }
    if (Double.isFinite(high)) {
      line("bar", place(high), MIDDLE - 6, place(high), MIDDLE + 6);
    }
  }

  private void threshold(double value) {
    if (Double.isFinite(value)) {
      line("threshold", place(value), 4, place(value), 42);
      text(place(value), HEIGHT - 4, "asked " + Numbers.of(value), "asked");
    }
  }

  /** The ends of the interval above the line, unless they would lie on each other. */
  private void labels() {
    List<Double> ends = new ArrayList<>();
    for (double end : new double[] {evidence.interval().low(), evidence.interval().high()}) {
      if (Double.isFinite(end)
          && ends.stream().noneMatch(other -> Math.abs(place(other) - place(end)) < 40)) {
        text(place(end), 13, Numbers.of(end), "end");
        ends.add(end);
      }
    }
  }

  private void line(String kind, double x1, double y1, double x2, double y2) {
    svg.append(
        "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
            .formatted(kind, number(x1), number(y1), number(x2), number(y2)));
  }

  private void text(double x, double y, String text, String kind) {
    svg.append(
        "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>"
            .formatted(kind, number(x), number(y), Html.escaped(text)));
  }

  private double place(double value) {
    double within = Math.max(least, Math.min(most, value));
    return MARGIN + (WIDTH - 2 * MARGIN) * (within - least) / (most - least);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
