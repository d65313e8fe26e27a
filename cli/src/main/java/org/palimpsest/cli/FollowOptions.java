package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.evolution.EvolutionTable;
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
    return follow ? follower(runs, said, err).first() : RunsInput.open(runs, said);
  }

  /** Tracks until the end that was asked for. */
  EvolutionTable through(Tracking tracking, Path runs, NetworkOptions said) {
    return follower(runs, said, tracking.err()).follow(tracking);
  }

  private Follower follower(Path runs, NetworkOptions said, PrintWriter err) {
    return new Follower(
        () -> RunsInput.open(runs, said),
        runs,
        lastStep == null ? Long.MAX_VALUE : lastStep,
        idleSeconds == null ? Duration.ofSeconds(Long.MAX_VALUE) : Duration.ofSeconds(idleSeconds),
        err);
  }
}
