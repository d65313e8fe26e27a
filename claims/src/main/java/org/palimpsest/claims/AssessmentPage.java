package org.palimpsest.claims;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.palimpsest.internal.text.Html;
import org.palimpsest.report.page.StudyReport;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/** An assessment as one page that needs no network and runs no script. */
final class AssessmentPage {

  private static final String FRAME =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
      <title>What these runs say of transfer learning</title>
      <link rel="icon" href="data:,">
      <style>
      %s
      </style>
      </head>
      <body>
      %s
      </body>
      </html>
      """;

  private final Assessment assessment;

  AssessmentPage(Assessment assessment) {
    this.assessment = assessment;
  }

  String html() {
    String claims =
        IntStream.range(0, assessment.findings().size())
            .mapToObj(this::claim)
            .collect(Collectors.joining("\n"));
    String body =
        Html.element("header", Html.element("h1", "What these runs say of transfer learning"))
            + "<main>"
            + summary()
            + claims
            + looked()
            + "</main>";
    return FRAME.formatted(StudyReport.style() + "\n" + style(), body);
  }

  private static String style() {
    try (InputStream in = AssessmentPage.class.getResourceAsStream("assess.css")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private String summary() {
    StringBuilder html = new StringBuilder("<section id=\"summary\">");
    html.append(Html.paragraph(Sentences.INTRODUCTION));
    html.append("<ul class=\"summary\">");
    for (int i = 0; i < assessment.findings().size(); i++) {
      Finding finding = assessment.findings().get(i);
      html.append("<li>")
          .append(finding.claim().number())
          .append(" <a href=\"#")
          .append(finding.claim().key())
          .append("\">")
          .append(Html.escaped(finding.claim().statement()))
          .append("</a> ")
          .append(mark(i))
          .append("<br><span class=\"figures\">")
          .append(Html.escaped(Sentences.headline(finding).strip()))
          .append("</span></li>");
    }
    html.append("</ul>");
    html.append(Html.paragraph(Sentences.HOW_TO_READ));
    html.append(Html.paragraph(Sentences.WORDS));
    html.append(Html.list(assessment.notes()));
    return html.append("</section>").toString();
  }

  private String mark(int index) {
    Verdict together = assessment.together().get(index);
    String kind = together.words().replace(' ', '-');
    return "<strong class=\"verdict %s\">%s</strong>"
        .formatted(kind, Html.escaped(assessment.verdict(index)));
  }

  private String claim(int index) {
    Finding finding = assessment.findings().get(index);
    StringBuilder html = new StringBuilder();
    html.append("<section id=\"").append(finding.claim().key()).append("\">");
    html.append(
        Html.element(
            "h2", finding.claim().number() + " " + Html.escaped(finding.claim().statement())));
    html.append(
        Html.element(
            "p", Html.element("strong", Html.escaped(Sentences.verdict(assessment, index)))));
    html.append(Html.list(assessment.wouldTell(index)));
    html.append(Html.list(finding.readings()));
    finding.deciding().forEach(one -> html.append(figure(one)));
    if (!finding.curves().isEmpty()) {
      html.append(curves(finding.curves()));
    }
    if (!finding.varies().isEmpty()) {
      html.append(Html.paragraph(Sentences.varies(finding)));
      html.append(Html.paragraph(Sentences.fixed(finding)));
    }
    html.append(Html.element("h3", "How it is judged"));
    html.append(Html.paragraph(finding.claim().judged()));
    html.append(Html.list(finding.caveats()));
    html.append(details(finding));
    return html.append("</section>").toString();
  }

  private static String figure(Evidence evidence) {
    String caption =
        "%s. Asked for: %s.".formatted(Finding.capital(evidence.told()), evidence.asked());
    return Html.element(
        "figure",
        Html.element("figcaption", Html.escaped(caption))
            + FindingPictures.IntervalDrawing.of(evidence));
  }

  private static String curves(List<Finding.Curve> curves) {
    Map<String, List<Finding.Curve>> panels =
        curves.stream()
            .collect(
                Collectors.groupingBy(
                    Finding.Curve::panel, LinkedHashMap::new, Collectors.toList()));
    StringBuilder html = new StringBuilder();
    panels.forEach(
        (panel, some) ->
            html.append(
                Html.element(
                    "figure",
                    "<figcaption>Dice over training, a line per run: <span class=\"key transferred\">transferred</span>, <span class=\"key random\">random</span>; "
                        + Html.escaped(panel)
                        + "</figcaption>"
                        + FindingPictures.CurveDrawing.of(panel, some))));
    return html.toString();
  }

  private static String details(Finding finding) {
    StringBuilder html = new StringBuilder();
    if (!finding.evidence().isEmpty()) {
      List<Evidence> beside = finding.evidence().stream().filter(e -> !e.decides()).toList();
      beside.forEach(one -> html.append(figure(one)));
      html.append(table(Sentences.evidence(finding)));
    }
    finding.tables().forEach(grid -> html.append(table(grid)));
    return html.isEmpty()
        ? ""
        : "<details><summary>Figures beside, and every network</summary>" + html + "</details>";
  }

  private static String table(Finding.Table grid) {
    return Html.element("h4", Html.escaped(grid.caption()))
        + Html.table(grid.header(), grid.rows());
  }

  private String looked() {
    List<Html.Fact> facts =
        assessment.facts().entrySet().stream()
            .map(fact -> new Html.Fact(fact.getKey(), fact.getValue()))
            .toList();
    String problems =
        assessment.problems().isEmpty()
            ? ""
            : Html.element("h3", "What could not be used") + Html.list(assessment.problems());
    return "<section id=\"facts\"><h2>What was looked at</h2>"
        + Html.facts(facts)
        + problems
        + "</section>";
  }
}
