package org.palimpsest.examples.training;

import java.util.List;
import java.util.TreeSet;

/**
 * How long and how a network is trained.
 *
 * @param steps how many steps the optimiser makes
 * @param batchSize images per step
 * @param learningRate of Adam
 * @param checkpointSteps after which steps the network is saved, in ascending order; 0 and the last
 *     are always among them
 */
public record TrainingPlan(
    int steps, int batchSize, float learningRate, List<Integer> checkpointSteps) {

  public TrainingPlan {
    TreeSet<Integer> sorted = new TreeSet<>(checkpointSteps);
    sorted.add(0);
    sorted.add(steps);
    int last = steps;
    sorted.removeIf(step -> step < 0 || step > last);
    checkpointSteps = List.copyOf(sorted);
  }

  /** Saves the start and the end, and between them {@code first}, twice, four times that, …. */
  public static TrainingPlan doubling(int steps, int first) {
    TreeSet<Integer> saved = new TreeSet<>();
    for (int step = first; step < steps; step *= 2) {
      saved.add(step);
    }
    return new TrainingPlan(steps, 12, 2e-3f, List.copyOf(saved));
  }
}
