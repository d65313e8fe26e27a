package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.palimpsest.internal.text.VisibleText;

/** An assessment as Markdown. */
final class AssessmentMarkdown {

  private final Assessment assessment;
  private final List<String> lines = new ArrayList<>();

  AssessmentMarkdown(Assessment assessment) {
    this.assessment = assessment;
  }

  String text() {
    lines.add("# What these runs say of transfer learning");
    paragraph(Texts.INTRODUCTION);
    lines.add("");
    List<String> summary = assessment.summary();
    for (int i = 0; i < summary.size(); i++) {
      String number = assessment.findings().get(i).claim().number();
      lines.add("- %s %s".formatted(number, escaped(summary.get(i))));
    }
    paragraph(Texts.HOW_TO_READ);
    assessment.notes().forEach(note -> paragraph("Note: " + note));
    IntStream.range(0, assessment.findings().size()).forEach(this::claim);
    lines.add("");
    lines.add("## What was looked at");
    lines.add("");
    assessment
        .facts()
        .forEach((name, fact) -> lines.add("- %s: %s".formatted(escaped(name), escaped(fact))));
    assessment.problems().forEach(problem -> lines.add("- Could not be used: " + escaped(problem)));
    return String.join("\n", lines) + "\n";
  }

  private void claim(int index) {
    Finding finding = assessment.findings().get(index);
    lines.add("");
    lines.add("## %s %s".formatted(finding.claim().number(), finding.claim().statement()));
    paragraph("**" + Sentences.verdict(assessment, index) + "**");
    items(finding.wouldTell());
    AssessmentPictures.of(finding)
        .keySet()
        .forEach(
            name -> {
              lines.add("");
              lines.add(
                  "![%s](%s/%s)".formatted(finding.claim().statement(), Assessment.PICTURES, name));
            });
    if (!finding.evidence().isEmpty()) {
      table(Texts.evidence(finding));
    }
    paragraph("How it is judged: " + finding.claim().judged());
    if (!finding.varies().isEmpty()) {
      paragraph(Texts.varies(finding));
      paragraph(Texts.fixed(finding));
    }
    items(finding.caveats());
    finding.tables().forEach(this::table);
  }

  private void items(List<String> texts) {
    if (!texts.isEmpty()) {
      lines.add("");
      texts.forEach(text -> lines.add("- " + escaped(text)));
    }
  }

  private void paragraph(String text) {
    lines.add("");
    lines.add(escaped(text));
  }

  private void table(Grid grid) {
    paragraph(grid.caption() + ":");
    lines.add("");
    lines.add(row(grid.header()));
    lines.add(row(grid.header().stream().map(cell -> "---").toList()));
    grid.rows().forEach(cells -> lines.add(row(cells)));
  }

  private static String row(List<String> cells) {
    return cells.stream()
        .map(cell -> escaped(cell).replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }

  private static String escaped(String text) {
    return VisibleText.of(text).replace("<", "&lt;").replace("`", "\\`");
  }
}
