package org.palimpsest.examples.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTracker;
import org.palimpsest.core.evolution.TrackingSession;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.EvolutionTables;
import org.palimpsest.io.study.StudyFolder;

/** A study under way in its folder: finds out, and writes what it found. */
final class Tracking {

  private final AskedStudy study;
  private final StudyFolder kept;
  private final TrackingSession session;
  private final PrintWriter err;
  private List<Path> files = List.of();

  Tracking(AskedStudy study, StudyFolder kept, ModelOptions models, PrintWriter err) {
    this.study = study;
    this.kept = kept;
    this.err = err;
    this.session =
        EvolutionTracker.of(models.checkpoints(), kept.journal(), kept.spill())
            .withMemoryBound(MemoryShares.forLayers(models.mostMemory()))
            .withWeights(study.weights())
            .withProgress(TerminalProgress.ifWatched())
            .withPlanListener(plan -> tell(plan.describe(), err))
            .session();
  }

  private static void tell(String line, PrintWriter err) {
    err.println(line);
    err.flush();
  }

  /** Finds out what was asked for. */
  EvolutionTable once() {
    return once(study.runs());
  }

  /** Finds it out of these runs; what is known from before is not done again. */
  EvolutionTable once(RunsFolder runs) {
    AskedStudy asked = study.about(runs);
    EvolutionTable table = session.track(asked.study());
    List<Path> written = new ArrayList<>(EvolutionTables.write(table, kept.path()));
    written.addAll(StudyReports.write(table, asked.settings(), kept.path()));
    files = List.copyOf(written);
    return table;
  }

  /** Where to tell how things go. */
  PrintWriter err() {
    return err;
  }

  /** What was written last. */
  List<Path> files() {
    return files;
  }
}
