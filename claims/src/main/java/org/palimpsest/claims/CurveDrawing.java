package org.palimpsest.claims;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.palimpsest.report.page.Html;

/**
 * Scores over training, a line per run, steps on a logarithmic axis; step 0, which has no
 * logarithm, at its left end.
 */
final class CurveDrawing {

  private static final double WIDTH = 360;
  private static final double HEIGHT = 210;
  private static final double LEFT = 34;
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
            .formatted(number(LEFT), number(TOP), number(HEIGHT - BOTTOM), number(WIDTH - RIGHT)));
    text(svg, LEFT - 4, TOP + 8, Numbers.of(most), "end-anchored");
    text(svg, LEFT - 4, HEIGHT - BOTTOM, Numbers.of(least), "end-anchored");
    if (fromStart) {
      text(svg, LEFT, HEIGHT - 18, "0", "middle");
    }
    text(svg, x(first), HEIGHT - 18, String.valueOf(Math.round(Math.exp(first))), "middle");
    text(svg, WIDTH - RIGHT - 8, HEIGHT - 18, String.valueOf(Math.round(Math.exp(last))), "middle");
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
