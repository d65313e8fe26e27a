package org.palimpsest.examples.report;

import java.util.List;

/**
 * Experiments on one kind of images.
 *
 * @param title for people
 * @param folder where the experiments' own folders lie
 * @param reports what came of them
 */
public record ReportSection(String title, String folder, List<ExperimentReport> reports) {

  public ReportSection {
    reports = List.copyOf(reports);
  }
}
