package org.palimpsest.claims;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.palimpsest.internal.text.Html;
import org.palimpsest.report.page.StudyReport;
import org.palimpsest.similarity.statistics.Judgement;
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

  /** What an assessment and its findings say, for people, in all forms of the page. */
  static final class Sentences {

    static final String INTRODUCTION =
        "Each line below is a claim about transfer learning in medical image segmentation ("
            + Claim.SOURCE
            + "), and what the training runs at hand say of it.";

    static final String HOW_TO_READ =
        "A figure is followed by its 95 % interval in brackets: where it might lie if other networks"
            + " were trained in the same way. \"Holds\" and \"does not hold\" are said only where the"
            + " interval lies wholly on one side of the threshold that is asked for. \"Cannot be told\""
            + " is no verdict: the runs are compatible with both. Of ten claims judged at once one"
            + " would now and then be told wrongly by chance; the verdicts above are therefore"
            + " corrected for the number of claims (Holm), of which those whose runs are missing do"
            + " not count. The sections below give the verdict alone as well. Whoever thinks another"
            + " threshold right reads the verdict for it from the interval. In the pictures the bar is"
            + " the interval, the dot the figure and the dashed line the threshold; the claim holds in"
            + " the shaded region.";

    static final String WORDS =
        "Words: a network from random weights (a random one) was trained on the task alone, a"
            + " transferred one started from the weights of its source, a network that had learned"
            + " another task. Dice: the overlap of predicted and true regions, from 0 (none) to 1"
            + " (complete). Linear CKA: how alike two networks respond inside to the same images (the"
            + " probes), from 0 (nothing in common) to 1 (the same). Block: a group of layers, from"
            + " input to output. Gain: what transferred networks have more.";

    private static final int MOST = 2;

    private Sentences() {}

    /** The figure that decides, in one sentence with a blank before it; empty if there is none. */
    static String headline(Finding finding) {
      List<Evidence> deciding = finding.deciding();
      if (!finding.missing().isEmpty()) {
        return " " + firstSentence(finding.missing().get(0));
      }
      if (deciding.stream().noneMatch(Evidence::isBoundedSomewhere)) {
        return " " + String.join(" ", finding.judgement().reasons());
      }
      List<String> parts = new ArrayList<>();
      for (Evidence one : shown(finding)) {
        if (one.isBoundedSomewhere()) {
          parts.add("%s, asked for %s".formatted(one.told(), one.asked()));
        }
      }
      List<String> lines = new ArrayList<>();
      if (!parts.isEmpty()) {
        lines.add(Finding.capital(String.join("; ", parts)) + ".");
      }
      if (finding.verdict() == Verdict.CANNOT_BE_TOLD) {
        lines.addAll(finding.judgement().reasons());
      }
      if (deciding.size() > parts.size()) {
        lines.add(counted(deciding));
      }
      lines.addAll(finding.readings());
      return " " + String.join(" ", lines);
    }

    /** Of how many figures which verdict would be given, if each were the only one. */
    private static String counted(List<Evidence> deciding) {
      List<String> counts = new ArrayList<>();
      for (Verdict verdict : Verdict.values()) {
        long count = deciding.stream().filter(one -> one.verdict() == verdict).count();
        if (count > 0) {
          counts.add("%s %s".formatted(count, verdict.words().replace("holds", "as claimed")));
        }
      }
      return "Figures that decide: %s, each by itself.".formatted(String.join(", ", counts));
    }

    private static String firstSentence(String text) {
      int end = text.indexOf(". ");
      return end < 0 ? text : text.substring(0, end + 1);
    }

    private static List<Evidence> shown(Finding finding) {
      List<Evidence> telling = finding.telling();
      int most = finding.verdict() == Verdict.HOLDS ? 1 : MOST;
      return telling.subList(0, Math.min(most, telling.size()));
    }

    /** What the verdict is, alone and together with the others. */
    static String verdict(Assessment assessment, int index) {
      Finding finding = assessment.findings().get(index);
      Verdict alone = finding.verdict();
      Verdict together = assessment.together().get(index);
      if (!finding.missing().isEmpty()) {
        return "Cannot be told: runs are missing.";
      }
      if (alone == Verdict.CANNOT_BE_TOLD) {
        return "Cannot be told.";
      }
      String sentence = alone == Verdict.HOLDS ? "The claim holds" : "The claim does not hold";
      return alone == together
          ? sentence + ", also if it is judged together with the other claims."
          : sentence
              + " if it is the only one that is asked. Together with the others (Holm's correction)"
              + " it cannot be told.";
    }

    /** That a claim is told alone and not beside the others, and what would help. */
    static String undoneByOthers(Finding finding, double corrected) {
      Evidence weakest =
          finding.telling().stream()
              .max(Comparator.comparingDouble(one -> one.judgement().p()))
              .orElseThrow();
      return "Beside the other claims more certainty is asked for: corrected for their number p is %s, where at most %s is allowed. More %s in each group would give it, above all of: %s, asked for %s."
          .formatted(
              Numbers.of(corrected),
              Numbers.threshold(Judgement.LEVEL),
              weakest.units(),
              weakest.told(),
              weakest.asked());
    }

    static String varies(Finding finding) {
      return "In the intervals is what varies between networks of a group: %s."
          .formatted(String.join("; ", finding.varies()));
    }

    static String fixed(Finding finding) {
      return "Not in the intervals, since it is the same for all: %s."
          .formatted(String.join("; ", finding.fixed()));
    }

    static Finding.Table evidence(Finding finding) {
      List<List<String>> rows = new ArrayList<>();
      for (Evidence one : finding.evidence()) {
        rows.add(
            List.of(
                one.what(),
                one.inWords(),
                one.asked(),
                one.verdict().words(),
                one.decides() ? "decides" : "beside",
                "%s %s".formatted(one.networks(), one.units())));
      }
      return new Finding.Table(
          "Figures with their 95 % intervals, each by itself (not corrected for how many there are)",
          List.of("figure", "value", "asked for", "verdict by itself", "role", "smallest group"),
          rows);
    }
  }
}
