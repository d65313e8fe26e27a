package org.palimpsest.reproduction.pages;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.palimpsest.reproduction.verdict.Bounds;
import org.palimpsest.reproduction.verdict.ClaimFigure;
import org.palimpsest.reproduction.verdict.ClaimFinding;
import org.palimpsest.reproduction.verdict.PaperClaim;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/** Lays out what an experiment found. */
final class ReportBlocks {

  private static final List<String> HEADER =
      List.of("measured", "value", "95% interval", "holds if", "verdict");

  private ReportBlocks() {}

  /** One experiment, whose pictures lie beside the page. */
  static List<PagePart> of(ExperimentReport report) {
    List<PagePart> blocks = new ArrayList<>();
    blocks.add(new PagePart.Heading(1, report.title()));
    blocks.add(new PagePart.Paragraph(report.setup()));
    for (ClaimFinding finding : report.findings()) {
      blocks.addAll(of(finding));
    }
    for (ReportPicture picture : report.pictures()) {
      blocks.add(new PagePart.Image(picture.name() + ".png", picture.caption()));
    }
    for (ReportTable table : report.tables()) {
      blocks.add(new PagePart.Grid(table.caption(), table.header(), table.rounded()));
    }
    if (!report.notes().isEmpty()) {
      blocks.add(new PagePart.Items(report.notes()));
    }
    return blocks;
  }

  private static List<PagePart> of(ClaimFinding finding) {
    PaperClaim claim = finding.claim();
    List<PagePart> blocks = new ArrayList<>();
    blocks.add(
        new PagePart.Paragraph(
            "**%s** (%s). Verdict: **%s**."
                .formatted(claim.statement(), claim.source(), finding.verdict().words())));
    blocks.add(new PagePart.Paragraph("How it is judged: " + claim.criterion()));
    blocks.add(new PagePart.Grid("", HEADER, rows(finding)));
    if (finding.verdict() != Verdict.HOLDS) {
      blocks.add(
          new PagePart.Paragraph("A guess at why, which nothing here tests: " + claim.otherwise()));
    }
    return blocks;
  }

  private static List<List<String>> rows(ClaimFinding finding) {
    return finding.evidence().stream()
        .map(
            one ->
                List.of(
                    one.what(),
                    value(one),
                    interval(one),
                    one.rule().words(),
                    one.verdict().words()))
        .toList();
  }

  static String value(ClaimFigure evidence) {
    return ReportTable.rounded(evidence.estimate().value());
  }

  static String interval(ClaimFigure evidence) {
    Bounds interval = evidence.estimate().interval();
    return interval.isKnown()
        ? String.format(
            Locale.ROOT,
            "%s to %s",
            ReportTable.rounded(interval.low()),
            ReportTable.rounded(interval.high()))
        : "unknown: %s networks".formatted(evidence.estimate().networks());
  }
}
