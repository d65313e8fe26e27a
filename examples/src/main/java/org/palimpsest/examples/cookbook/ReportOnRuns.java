package org.palimpsest.examples.cookbook;

import java.nio.file.Path;
import java.util.List;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTracker;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.io.study.EvolutionTables;
import org.palimpsest.io.study.StudyFolder;
import org.palimpsest.report.page.StudyReport;
import org.palimpsest.similarity.cka.Cka;

/** A study as a page with its pictures, in a folder that goes on where it was interrupted. */
public final class ReportOnRuns {

  private ReportOnRuns() {}

  /**
   * @param arguments a folder of training runs with {@code probes.npy}, and the folder to write
   */
  public static void main(String[] arguments) {
    RunsFolder runs = RunsFolder.open(Path.of(arguments[0]));
    Path folder = Path.of(arguments[1]);
    Study study =
        Study.of(runs.runs(), NpyProbes.open(runs.requireProbes()), List.of(Cka.linear()));

    try (StudyFolder kept = StudyFolder.open(folder)) {
      EvolutionTable table =
          EvolutionTracker.of(new CheckpointFiles(), kept.journal(), kept.spill()).track(study);
      EvolutionTables.write(table, folder);
      StudyReport.of(table, StudyReport.Facts.of("Our U-Nets", "held-out images")).write(folder);
    }
    System.out.println("Written: " + folder.resolve(StudyReport.PAGE));
  }
}
