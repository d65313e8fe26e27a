package org.palimpsest.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.TrainingRun.CheckpointOpener;
import org.palimpsest.io.study.StudyFolder;
import org.palimpsest.report.page.FilterPictures;
import org.palimpsest.report.page.StudyReport;

/** A study's table as pictures and a page. */
final class StudyReports {

  private static final int LAYERS_WITH_FILTERS = 3;

  private StudyReports() {}

  static StudyReport of(
      EvolutionTable table, StudyFolder.Settings settings, CheckpointOpener networks) {
    Map<String, String> values = settings.values();
    String runs = values.getOrDefault("runs", "");
    StudyReport.Facts facts =
        StudyReport.Facts.of(
            "Training runs in " + endOf(Path.of(runs)),
            settings.facts().getOrDefault("shown", "unknown probes"));
    facts = facts.withVersion("Java", Runtime.version().toString());
    String steps = settings.facts().getOrDefault(KeptCheckpoints.STEPS, "");
    facts = facts.withNote("Runs: " + runs);
    for (String note : KeptCheckpoints.notes(settings)) {
      facts = facts.withNote(note);
    }
    if (!steps.isEmpty()) {
      facts = facts.withNote("Training steps are " + steps + ".");
    }
    if (steps.equals(KeptCheckpoints.EPOCHS)) {
      facts = facts.withStepName("epoch");
    }
    StudyReport report = StudyReport.of(table, facts);
    if (!List.of(values.getOrDefault("weights", "").split(" ")).contains("filters")) {
      return report;
    }
    for (StudyReport.Picture filters :
        FilterPictures.ofFirstRuns(
            table, networks, LAYERS_WITH_FILTERS, MatchedFilters::beforeAndAfter)) {
      report = report.withPicture(filters);
    }
    return report;
  }

  /** The last two names, since the last alone is often {@code runs}. */
  private static Path endOf(Path path) {
    int names = path.getNameCount();
    return names > 2 ? path.subpath(names - 2, names) : path;
  }

  static List<Path> write(
      EvolutionTable table, StudyFolder.Settings settings, CheckpointOpener networks, Path folder) {
    return of(table, settings, networks).write(folder);
  }
}
