package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.palimpsest.cli.internal.WholeCheckpoints;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.runs.RunsFolder;
import picocli.CommandLine.Option;

/** Whether and how long to watch a training that is still going on. */
final class FollowOptions {

  @Option(
      names = "--follow",
      description =
          "Watch RUNS while training writes checkpoints, and keep tables and pictures up to date,"
              + " until Ctrl-C. Files that are still being written are left alone until whole.")
  private boolean follow;

  @Option(
      names = "--until-step",
      paramLabel = "N",
      description = "With --follow: end when every run has a checkpoint of step N or later.")
  private @Nullable Long lastStep;

  @Option(
      names = "--idle",
      paramLabel = "SECONDS",
      description = "With --follow: end when nothing has changed for so long.")
  private @Nullable Long idleSeconds;

  boolean isAsked() {
    return follow;
  }

  /** The runs to begin with; waits for the first checkpoint if there may be none yet. */
  RunsFolder firstRuns(Path runs, NetworkOptions said, PrintWriter err) {
    return follow ? follower(runs, said, err).first() : RunsFolder.open(runs, said);
  }

  /** Tracks until the end that was asked for. */
  EvolutionTable through(StudyTracking tracking, Path runs, NetworkOptions said) {
    return follower(runs, said, tracking.err()).follow(tracking);
  }

  private Follower follower(Path runs, NetworkOptions said, PrintWriter err) {
    return new Follower(
        () -> RunsFolder.open(runs, said),
        runs,
        lastStep == null ? Long.MAX_VALUE : lastStep,
        idleSeconds == null ? Duration.ofSeconds(Long.MAX_VALUE) : Duration.ofSeconds(idleSeconds),
        err);
  }

  /** Watches training runs grow, and tracks them again whenever a whole checkpoint has come. */
  private static final class Follower {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

    private final Supplier<RunsFolder> opening;
    private final Path runs;
    private final long lastStep;
    private final Duration patience;
    private final PrintWriter err;
    private final WholeCheckpoints whole = new WholeCheckpoints();
    private long movementsSeen;
    private long quietSince = System.nanoTime();
    private String waitingFor = "";
    private String toldLast = "";

    /**
     * @param opening looks at what there is
     * @param runs what is watched
     * @param lastStep ends when every run has come so far
     * @param patience ends when nothing has changed for so long
     * @param err hears what is waited for
     */
    Follower(
        Supplier<RunsFolder> opening,
        Path runs,
        long lastStep,
        Duration patience,
        PrintWriter err) {
      this.opening = opening;
      this.runs = runs;
      this.lastStep = lastStep;
      this.patience = patience;
      this.err = err;
    }

    /** The runs as soon as one of them has a whole checkpoint. */
    RunsFolder first() {
      tell("Watching " + runs + " for checkpoints; Ctrl-C ends it.");
      quietSince = System.nanoTime();
      while (true) {
        boolean last = isOver();
        Optional<RunsFolder> found = look();
        if (found.isPresent()) {
          return found.get();
        }
        if (last && isOver()) {
          throw new PalimpsestException(
              "%s: no whole checkpoint came within %s s.".formatted(runs, patience.toSeconds()));
        }
        pause();
      }
    }

    /** Tracks until the end is reached, and then once more with whatever there is. */
    EvolutionTable follow(StudyTracking tracking) {
      List<TrainingRun> known = List.of();
      long changesKnown = 0;
      quietSince = System.nanoTime();
      while (true) {
        boolean last = isOver();
        Optional<RunsFolder> found = look();
        if (found.isPresent()
            && (whole.changes() != changesKnown || !found.get().allRuns().equals(known))) {
          changesKnown = whole.changes();
          known = found.get().allRuns();
          tracked(tracking, found.get());
          quietSince = System.nanoTime();
        }
        if (haveComeFar(known) || (last && isOver())) {
          return tracked(tracking, opening.get());
        }
        pause();
      }
    }

    /** Tells what the table holds, unless that was told last. */
    private EvolutionTable tracked(StudyTracking tracking, RunsFolder found) {
      EvolutionTable table = tracking.once(found);
      long runsOfTable = table.checkpoints().stream().map(CheckpointRecord::run).distinct().count();
      String line =
          "%s checkpoints of %s runs; tables and report are up to date."
              .formatted(table.checkpoints().size() - table.broken().size(), runsOfTable);
      if (!line.equals(toldLast)) {
        toldLast = line;
        tell(line);
      }
      return table;
    }

    private Optional<RunsFolder> look() {
      try {
        Optional<RunsFolder> found = whole.of(opening.get());
        if (whole.movements() != movementsSeen) {
          movementsSeen = whole.movements();
          quietSince = System.nanoTime();
        }
        return found;
      } catch (PalimpsestException notYet) {
        String reason = String.valueOf(notYet.getMessage());
        if (!reason.equals(waitingFor)) {
          waitingFor = reason;
          tell("Waiting: " + reason);
        }
        return Optional.empty();
      }
    }

    private boolean haveComeFar(List<TrainingRun> known) {
      return !known.isEmpty() && known.stream().allMatch(run -> run.end().step() >= lastStep);
    }

    /**
     * Whether patience has ended. Who gives up looks once more after that: on a busy machine a
     * single look may take longer than patience lasts.
     */
    private boolean isOver() {
      return Duration.ofNanos(System.nanoTime() - quietSince).compareTo(patience) > 0;
    }

    private void tell(String line) {
      err.println(line);
      err.flush();
    }

    private static void pause() {
      try {
        Thread.sleep(BETWEEN_LOOKS.toMillis());
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new PalimpsestException("The watch was interrupted.", interrupted);
      }
    }
  }
}
