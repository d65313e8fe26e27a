package org.palimpsest.reproduction.pages;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.text.CsvText;
import org.palimpsest.reproduction.verdict.Bounds;
import org.palimpsest.reproduction.verdict.ClaimFigure;
import org.palimpsest.reproduction.verdict.ClaimFinding;

/** Writes what experiments found. */
public final class ReportFiles {

  private static final String VERDICTS = "verdicts.csv";

  private ReportFiles() {}

  /**
   * Writes one experiment's findings into a folder: {@code report.md}, {@code report.html}, {@code
   * verdicts.csv}, each table as CSV, each picture as PNG and SVG.
   *
   * @return the files
   */
  public static List<Path> write(ExperimentReport report, Path folder) {
    List<Path> files = new ArrayList<>();
    for (ReportPicture picture : report.pictures()) {
      Path png = folder.resolve(picture.name() + ".png");
      Path svg = folder.resolve(picture.name() + ".svg");
      picture.figure().writePng(png);
      picture.figure().writeSvg(svg);
      files.addAll(List.of(png, svg));
    }
    for (ReportTable table : report.tables()) {
      files.add(csv(folder.resolve(table.name() + ".csv"), table.header(), table.exact()));
    }
    if (!report.findings().isEmpty()) {
      files.add(verdicts(report, folder));
    }
    files.addAll(pages(report.title(), ReportBlocks.of(report), folder));
    return files;
  }

  /** The findings as a few lines of text. */
  public static List<String> lines(ExperimentReport report) {
    List<String> lines = new ArrayList<>();
    for (ClaimFinding finding : report.findings()) {
      lines.add(
          finding.claim().statement() + ": " + finding.verdict().words().toUpperCase(Locale.ROOT));
      for (ClaimFigure one : finding.evidence()) {
        lines.add(
            "  %s: %s [%s]; holds if %s"
                .formatted(
                    one.what(),
                    ReportBlocks.value(one),
                    ReportBlocks.interval(one),
                    one.rule().words()));
      }
    }
    return lines;
  }

  private static List<Path> pages(String title, List<PagePart> blocks, Path folder) {
    Path markdown = folder.resolve("report.md");
    Path html = folder.resolve("report.html");
    AtomicFile.write(markdown, MarkdownPage.of(blocks));
    AtomicFile.write(html, HtmlPage.of(title, blocks));
    return List.of(markdown, html);
  }

  private static Path verdicts(ExperimentReport report, Path folder) {
    List<List<String>> rows = new ArrayList<>();
    for (ClaimFinding finding : report.findings()) {
      finding.evidence().forEach(one -> rows.add(row(report, finding, one)));
    }
    List<String> header =
        List.of(
            "experiment",
            "claim",
            "measured",
            "value",
            "low",
            "high",
            "networks",
            "holds_if",
            "verdict_on_figure",
            "verdict_on_claim");
    return csv(folder.resolve(VERDICTS), header, rows);
  }

  private static List<String> row(ExperimentReport report, ClaimFinding finding, ClaimFigure one) {
    Bounds interval = one.estimate().interval();
    return List.of(
        report.name(),
        finding.claim().statement(),
        one.what(),
        ReportTable.exact(one.estimate().value()),
        interval.isKnown() ? String.valueOf(interval.low()) : "",
        interval.isKnown() ? String.valueOf(interval.high()) : "",
        String.valueOf(one.estimate().networks()),
        one.rule().words(),
        one.verdict().words(),
        finding.verdict().words());
  }

  private static Path csv(Path file, List<String> header, List<List<String>> rows) {
    AtomicFile.write(file, CsvText.of(header, rows));
    return file;
  }
}
