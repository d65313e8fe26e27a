package org.palimpsest.reproduction.experiment;

import java.nio.file.Path;
import java.util.List;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTracker;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.io.study.EvolutionTables;
import org.palimpsest.io.study.StudyFolder;

/**
 * The tracker of an experiment, whose journal and tables lie in the folder {@code study} of its
 * results.
 *
 * @param folder of the experiment's results
 * @param progress hears of the work
 */
record Tracking(Path folder, Progress progress) {

  static Tracking in(Path folder, Progress progress) {
    return new Tracking(folder.resolve("study"), progress);
  }

  EvolutionTable track(Study study, WeightComparison... weights) {
    try (StudyFolder kept = StudyFolder.open(folder)) {
      EvolutionTable table =
          EvolutionTracker.of(new CheckpointFiles(), kept.journal(), kept.spill())
              .withWeights(List.of(weights))
              .withProgress(progress)
              .track(study);
      EvolutionTables.write(table, folder);
      return table;
    }
  }
}
