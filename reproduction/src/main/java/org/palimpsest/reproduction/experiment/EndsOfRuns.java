package org.palimpsest.reproduction.experiment;

import java.util.stream.Stream;
import org.palimpsest.core.evolution.TrainingRun;

/** Runs without what lies between their start and their end. */
public final class EndsOfRuns {

  private EndsOfRuns() {}

  /** The run with its first and last checkpoint alone. */
  public static TrainingRun of(TrainingRun run) {
    return new TrainingRun(
        run.name(),
        run.initialisation(),
        run.seed(),
        Stream.of(run.start(), run.end()).distinct().toList());
  }
}
