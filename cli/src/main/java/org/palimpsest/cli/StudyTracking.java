package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.palimpsest.cli.internal.TerminalProgress;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTracker;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.StudyWorkers;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.io.study.EvolutionTables;
import org.palimpsest.io.study.StudyFolder;

/** A study under way in its folder: finds out, and writes what it found. */
final class StudyTracking {

  private final AskedStudy study;
  private RunsFolder runs;
  private final StudyFolder kept;
  private final CheckpointFiles networks;
  private final EvolutionTracker.Session session;
  private final PrintWriter err;
  private final boolean draws;
  private List<Path> files = List.of();

  StudyTracking(
      AskedStudy study,
      StudyFolder kept,
      ModelOptions models,
      Optional<Function<Study, StudyWorkers>> workers,
      PrintWriter err) {
    this.study = study;
    this.runs = study.runs();
    this.kept = kept;
    this.err = err;
    this.draws = !models.limitMemory();
    this.networks = models.checkpoints().saying(checkpoint -> runs.options().of(checkpoint));
    EvolutionTracker bare =
        EvolutionTracker.of(networks, kept.journal(), kept.spill())
            .withMemoryBound(MemoryShares.forLayers(models.mostMemory()))
            .withWeights(study.weights())
            .withProgress(TerminalProgress.ifWatched())
            .withPlanListener(plan -> tell(plan.describe(), err));
    EvolutionTracker staffed = workers.map(bare::withWorkers).orElse(bare);
    this.session = study.intervals().map(staffed::withIntervals).orElse(staffed).session();
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
  EvolutionTable once(RunsFolder found) {
    runs = found;
    AskedStudy asked = study.about(found);
    EvolutionTable table = session.track(asked.study());
    List<Path> written = new ArrayList<>(EvolutionTables.write(table, kept.path()));
    if (draws) {
      written.addAll(StudyReports.write(table, asked.settings(), networks, kept.path()));
    }
    files = List.copyOf(written);
    return table;
  }

  /** The runs of which it was found out last. */
  RunsFolder runs() {
    return runs;
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
