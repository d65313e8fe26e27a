package org.palimpsest.reproduction.experiment;

import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;

/** One network: a run at one of its checkpoints. */
public record Network(TrainingRun run, Checkpoint checkpoint) {

  static Network startOf(TrainingRun run) {
    return new Network(run, run.start());
  }

  static Network endOf(TrainingRun run) {
    return new Network(run, run.end());
  }
}
