package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.palimpsest.report.page.Html;

/** The pictures of a finding as files of their own, for pages that cannot hold them. */
final class AssessmentPictures {

  private static final int WIDTH = 360;
  private static final int INTERVAL = 58;
  private static final int CURVES = 210;
  private static final int LINE = 14;
  private static final int LETTERS = 64;
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

  private AssessmentPictures() {}

  /** By the ends of their names: the intervals that decide, and scores over training. */
  static Map<String, String> of(Finding finding) {
    Map<String, String> pictures = new LinkedHashMap<>();
    List<Evidence> deciding =
        finding.deciding().stream().filter(one -> !IntervalDrawing.of(one).isEmpty()).toList();
    if (!deciding.isEmpty()) {
      pictures.put(finding.claim().key() + ".svg", intervals(deciding));
    }
    if (!finding.curves().isEmpty()) {
      pictures.put(finding.claim().key() + "-curves.svg", curves(finding.curves()));
    }
    return Collections.unmodifiableMap(pictures);
  }

  private static String intervals(List<Evidence> deciding) {
    AssessmentPictures picture = new AssessmentPictures();
    for (Evidence one : deciding) {
      picture.caption("%s %s".formatted(Finding.capital(one.what()), one.inWords()));
      picture.add(IntervalDrawing.of(one), INTERVAL);
    }
    return picture.whole();
  }

  private static String curves(List<Finding.Curve> curves) {
    AssessmentPictures picture = new AssessmentPictures();
    Map<String, List<Finding.Curve>> panels =
        curves.stream()
            .collect(
                Collectors.groupingBy(
                    Finding.Curve::panel, LinkedHashMap::new, Collectors.toList()));
    panels.forEach(
        (panel, some) -> {
          picture.caption(
              "Dice over training, a line per run: transferred (whole lines), random (broken); "
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
          "<text class=\"caption\" x=\"4\" y=\"%d\">%s</text>\n"
              .formatted(height, Html.escaped(one)));
    }
    height += LINE / 2;
  }

  private void add(String drawing, int tall) {
    svg.append(
        drawing.replaceFirst(
            "<svg ",
            "<svg x=\"0\" y=\"%d\" width=\"%d\" height=\"%d\" ".formatted(height, WIDTH, tall)));
    svg.append('\n');
    height += tall + LINE / 2;
  }

  private String whole() {
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"540\">\n%s<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n%s</svg>\n"
        .formatted(WIDTH, height, STYLE, svg);
  }
}
