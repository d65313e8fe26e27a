package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.palimpsest.claims.AssessmentPage.Sentences;
import org.palimpsest.internal.text.Html;
import org.palimpsest.similarity.statistics.Estimate.ConfidenceInterval;

/** The pictures of a finding as files of their own, for pages that cannot hold them. */
final class FindingPictures {

  private static final int WIDTH = 360;
  private static final int INTERVAL = 58;
  private static final int CURVES = 210;
  private static final int LINE = 14;
  private static final int LETTERS = 56;
  private static final String STYLE =
      """
      <style>
      text { font: 11px sans-serif; fill: #222; text-anchor: middle; }
      text.caption { text-anchor: start; }
      text.end-anchored { text-anchor: end; }
      text.asked { fill: #0072b2; }
      .claimed { fill: #0072b2; fill-opacity: 0.12; }
      .axis { fill: none; stroke: #888; }
      .bar { stroke: #222; stroke-width: 2.5; }
      .threshold { stroke: #0072b2; stroke-dasharray: 4 3; stroke-width: 1.5; }
      .point { fill: #222; }
      .alone { fill: #fff; stroke: #222; }
      polyline { fill: none; stroke-width: 1.6; stroke-opacity: 0.85; }
      polyline.transferred { stroke: #0072b2; }
      polyline.random { stroke: #b35900; stroke-dasharray: 5 3; }
      </style>
      """;

  private final StringBuilder svg = new StringBuilder();
  private int height;

  private FindingPictures() {}

  /** By the ends of their names: the intervals that decide, and scores over training. */
  static Map<String, String> of(Finding finding) {
    Map<String, String> pictures = new LinkedHashMap<>();
    List<Evidence> deciding =
        finding.deciding().stream().filter(one -> !IntervalDrawing.of(one).isEmpty()).toList();
    if (!deciding.isEmpty()) {
      pictures.put(finding.claim().key() + ".svg", intervals(finding, deciding));
    }
    if (!finding.curves().isEmpty()) {
      pictures.put(finding.claim().key() + "-curves.svg", curves(finding.curves()));
    }
    return Collections.unmodifiableMap(pictures);
  }

  private static String intervals(Finding finding, List<Evidence> deciding) {
    FindingPictures picture = new FindingPictures();
    for (Evidence one : deciding) {
      picture.caption(Finding.capital(one.told()));
      picture.add(IntervalDrawing.of(one), INTERVAL);
    }
    picture.caption("Bar: 95 % interval. Dashed: threshold. Shaded: the claim holds.");
    if (!finding.varies().isEmpty()) {
      picture.caption(Sentences.varies(finding));
      picture.caption(Sentences.fixed(finding));
    }
    return picture.whole();
  }

  private static String curves(List<Finding.Curve> curves) {
    FindingPictures picture = new FindingPictures();
    Map<String, List<Finding.Curve>> panels =
        curves.stream()
            .collect(
                Collectors.groupingBy(
                    Finding.Curve::panel, LinkedHashMap::new, Collectors.toList()));
    panels.forEach(
        (panel, some) -> {
          picture.caption(
              "Dice (0 to 1) on held-out images over training, a line per run: transferred (whole lines), random (broken); "
                  + panel);
          picture.add(CurveDrawing.of(panel, some), CURVES);
        });
    return picture.whole();
  }

  private void caption(String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (line.length() + word.length() > LETTERS) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    for (String one : lines) {
      height += LINE;
      svg.append(
          "<text class=\"caption\" x=\"4\" y=\"%s\">%s</text>\n"
              .formatted(height, Html.escaped(one)));
    }
    height += LINE / 2;
  }

  private void add(String drawing, int tall) {
    svg.append(
        drawing.replaceFirst(
            "<svg ",
            "<svg x=\"0\" y=\"%s\" width=\"%s\" height=\"%s\" ".formatted(height, WIDTH, tall)));
    svg.append('\n');
    height += tall + LINE / 2;
  }

  private String whole() {
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %s %s\" width=\"540\">\n%s<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n%s</svg>\n"
        .formatted(WIDTH, height, STYLE, svg);
  }

  /** A figure's interval on a line, the region of the claim shaded and its threshold dashed. */
  static final class IntervalDrawing {

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
        text(place(value), HEIGHT - 4, "asked " + Numbers.threshold(value), "asked");
      }
    }

    /** The ends of the interval above the line, unless they would lie on each other. */
    private void labels() {
      ConfidenceInterval interval = evidence.interval();
      boolean hasLow = Double.isFinite(interval.low());
      if (hasLow) {
        text(place(interval.low()), 13, Numbers.low(interval), "end");
      }
      boolean isFree = !hasLow || place(interval.high()) - place(interval.low()) >= 40;
      if (Double.isFinite(interval.high()) && isFree) {
        text(place(interval.high()), 13, Numbers.high(interval), "end");
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

  /**
   * Scores over training, a line per run, steps on a logarithmic axis; step 0, which has no
   * logarithm, at its left end.
   */
  static final class CurveDrawing {

    private static final double WIDTH = 360;
    private static final double HEIGHT = 210;
    private static final double LEFT = 40;
    private static final double RIGHT = 10;
    private static final double TOP = 8;
    private static final double BOTTOM = 32;
    private static final double FROM_START_TO_FIRST = 30;

    private final List<Finding.Curve> curves;
    private final boolean fromStart;
    private final double first;
    private final double last;
    private final double least;
    private final double most;

    private CurveDrawing(List<Finding.Curve> curves) {
      this.curves = curves;
      this.fromStart = curves.stream().anyMatch(curve -> curve.scores().containsKey(0L));
      this.first =
          curves.stream()
              .flatMap(curve -> curve.scores().keySet().stream())
              .filter(step -> step > 0)
              .mapToDouble(Math::log)
              .min()
              .orElse(0);
      this.last =
          curves.stream()
              .flatMap(curve -> curve.scores().keySet().stream())
              .mapToDouble(step -> Math.log((double) Math.max(1, step)))
              .max()
              .orElse(1);
      this.least = scores(curves).min().orElse(0);
      this.most = scores(curves).max().orElse(1);
    }

    private static DoubleStream scores(List<Finding.Curve> curves) {
      return curves.stream()
          .flatMap(curve -> curve.scores().values().stream())
          .mapToDouble(Double::doubleValue);
    }

    /** As SVG. */
    static String of(String panel, List<Finding.Curve> curves) {
      return new CurveDrawing(curves).drawn(panel);
    }

    private String drawn(String panel) {
      StringBuilder svg = new StringBuilder();
      svg.append(
          "<svg class=\"curves\" viewBox=\"0 0 360 210\" role=\"img\" aria-label=\"Dice over training: %s\">"
              .formatted(Html.escaped(panel)));
      svg.append(
          "<path class=\"axis\" d=\"M%s %sV%sH%s\"/>"
              .formatted(
                  number(LEFT), number(TOP), number(HEIGHT - BOTTOM), number(WIDTH - RIGHT)));
      text(svg, LEFT - 4, TOP + 8, Numbers.of(most), "end-anchored");
      text(svg, LEFT - 4, HEIGHT - BOTTOM, Numbers.of(least), "end-anchored");
      if (fromStart) {
        text(svg, LEFT, HEIGHT - 18, "0", "middle");
      }
      text(svg, x(first), HEIGHT - 18, String.valueOf(Math.round(Math.exp(first))), "middle");
      text(
          svg,
          WIDTH - RIGHT - 8,
          HEIGHT - 18,
          String.valueOf(Math.round(Math.exp(last))),
          "middle");
      text(
          svg,
          WIDTH / 2,
          HEIGHT - 4,
          "training steps (logarithmic" + (fromStart ? " after 0)" : ")"),
          "middle");
      for (Finding.Curve curve : curves) {
        svg.append(
            "<polyline class=\"%s\" points=\"%s\"><title>%s</title></polyline>"
                .formatted(Html.escaped(curve.arm()), points(curve), Html.escaped(curve.run())));
      }
      return svg.append("</svg>").toString();
    }

    private String points(Finding.Curve curve) {
      return curve.scores().entrySet().stream()
          .map(score -> number(place(score.getKey())) + "," + number(y(score.getValue())))
          .collect(Collectors.joining(" "));
    }

    private double x(double logStep) {
      double span = last > first ? last - first : 1;
      double left = LEFT + (fromStart ? FROM_START_TO_FIRST : 0);
      return left + (WIDTH - left - RIGHT) * (logStep - first) / span;
    }

    private double place(long step) {
      return step == 0 ? LEFT : x(Math.log(step));
    }

    private double y(double score) {
      double span = most > least ? most - least : 1;
      return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (score - least) / span;
    }

    private static void text(StringBuilder svg, double x, double y, String text, String kind) {
      svg.append(
          "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>"
              .formatted(kind, number(x), number(y), Html.escaped(text)));
    }

    private static String number(double value) {
      return String.format(Locale.ROOT, "%.1f", value);
    }
  }
}
