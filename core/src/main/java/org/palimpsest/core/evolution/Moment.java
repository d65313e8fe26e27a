package org.palimpsest.core.evolution;

/**
 * A training run at one step.
 *
 * @param run the run's name
 * @param step how many steps the optimiser had made
 */
public record Moment(String run, long step) {

  static Moment of(TrainingRun run, Checkpoint checkpoint) {
    return new Moment(run.name(), checkpoint.step());
  }

  @Override
  public String toString() {
    return run + "@" + step;
  }
}
