package org.palimpsest.reproduction.pages;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.palimpsest.reproduction.verdict.Claim;
import org.palimpsest.reproduction.verdict.Evidence;
import org.palimpsest.reproduction.verdict.Finding;
import org.palimpsest.reproduction.verdict.Interval;
import org.palimpsest.similarity.statistics.Verdict;

/** Lays out what an experiment found. */
final class ReportBlocks {

  private static final List<String> HEADER =
      List.of("measured", "value", "95% interval", "holds if", "verdict");

  private ReportBlocks() {}

  /** One experiment, whose pictures lie beside the page. */
  static List<Block> of(ExperimentReport report) {
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Block.Heading(1, report.title()));
    blocks.add(new Block.Paragraph(report.setup()));
    for (Finding finding : report.findings()) {
      blocks.addAll(of(finding));
    }
    for (ReportPicture picture : report.pictures()) {
      blocks.add(new Block.Image(picture.name() + ".png", picture.caption()));
    }
    for (ReportTable table : report.tables()) {
      blocks.add(new Block.Grid(table.caption(), table.header(), table.rounded()));
    }
    if (!report.notes().isEmpty()) {
      blocks.add(new Block.Items(report.notes()));
    }
    return blocks;
  }

  private static List<Block> of(Finding finding) {
    Claim claim = finding.claim();
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Block.Paragraph(
            "**%s** (%s). Verdict: **%s**."
                .formatted(claim.statement(), claim.source(), finding.verdict().words())));
    blocks.add(new Block.Paragraph("How it is judged: " + claim.criterion()));
    blocks.add(new Block.Grid("", HEADER, rows(finding)));
    if (finding.verdict() != Verdict.HOLDS) {
      blocks.add(
          new Block.Paragraph("A guess at why, which nothing here tests: " + claim.otherwise()));
    }
    return blocks;
  }

  private static List<List<String>> rows(Finding finding) {
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

  static String value(Evidence evidence) {
    return ReportTable.rounded(evidence.estimate().value());
  }

  static String interval(Evidence evidence) {
    Interval interval = evidence.estimate().interval();
    return interval.isKnown()
        ? String.format(
            Locale.ROOT,
            "%s to %s",
            ReportTable.rounded(interval.low()),
            ReportTable.rounded(interval.high()))
        : "unknown: %d networks".formatted(evidence.estimate().networks());
  }
}
