package org.palimpsest.examples.report;

import java.util.List;
import org.palimpsest.examples.verdict.Finding;

/**
 * What came of one experiment.
 *
 * @param name of its folder and files, such as {@code seed-variability}
 * @param title for people
 * @param setup which networks and images, in a few sentences
 * @param findings the claims and what became of them
 * @param tables figures
 * @param pictures the same for the eye
 * @param notes what a reader should know beside
 */
public record ExperimentReport(
    String name,
    String title,
    String setup,
    List<Finding> findings,
    List<ReportTable> tables,
    List<ReportPicture> pictures,
    List<String> notes) {

  public ExperimentReport {
    findings = List.copyOf(findings);
    tables = List.copyOf(tables);
    pictures = List.copyOf(pictures);
    notes = List.copyOf(notes);
  }
}
