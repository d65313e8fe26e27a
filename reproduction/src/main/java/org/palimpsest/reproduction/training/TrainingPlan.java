package org.palimpsest.reproduction.training;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.palimpsest.core.PalimpsestException;

/**
 * How long and how a network is trained.
 *
 * @param steps how many steps the optimiser makes
 * @param batchSize images per step
 * @param learningRate of Adam
 * @param checkpointSteps after which steps the network is saved, in ascending order; 0 and the last
 *     are always among them
 * @param scoreSteps after which steps its Dice is measured; those of the checkpoints are always
 *     among them
 * @param decay how the learning rate changes over the steps
 */
public record TrainingPlan(
    int steps,
    int batchSize,
    float learningRate,
    List<Integer> checkpointSteps,
    List<Integer> scoreSteps,
    Decay decay) {

  /** How the learning rate changes over the steps. */
  public enum Decay {
    /** It stays as it is. */
    NONE,
    /** It falls to 0 at the last step along half a cosine. */
    COSINE
  }

  private static final int BATCH = 12;
  private static final float RATE = 2e-3f;

  public TrainingPlan {
    checkpointSteps = within(steps, checkpointSteps);
    TreeSet<Integer> scored = new TreeSet<>(scoreSteps);
    scored.addAll(checkpointSteps);
    scoreSteps = within(steps, scored);
  }

  /** Measures Dice where the network is saved. */
  public TrainingPlan(int steps, int batchSize, float learningRate, List<Integer> checkpointSteps) {
    this(steps, batchSize, learningRate, checkpointSteps, List.of(), Decay.NONE);
  }

  private static List<Integer> within(int steps, Collection<Integer> wanted) {
    TreeSet<Integer> sorted = new TreeSet<>(wanted);
    sorted.add(0);
    sorted.add(steps);
    sorted.removeIf(step -> step < 0 || step > steps);
    return List.copyOf(sorted);
  }

  /** Saves the start and the end, and between them {@code first}, twice, four times that, …. */
  public static TrainingPlan doubling(int steps, int first) {
    return new TrainingPlan(steps, BATCH, RATE, spaced(steps, first, 2));
  }

  /**
   * Measures Dice more often than the network is saved.
   *
   * @param first the first such step
   * @param factor from one to the next, above 1
   */
  public TrainingPlan scoredFrom(int first, double factor) {
    return scoredAt(spaced(steps, first, factor));
  }

  /** Measures Dice after these steps, and where the network is saved. */
  public TrainingPlan scoredAt(Collection<Integer> wanted) {
    return new TrainingPlan(
        steps, batchSize, learningRate, checkpointSteps, List.copyOf(wanted), decay);
  }

  /** With a learning rate that falls to 0 along half a cosine. */
  public TrainingPlan withCosineDecay() {
    return new TrainingPlan(
        steps, batchSize, learningRate, checkpointSteps, scoreSteps, Decay.COSINE);
  }

  /**
   * With so many times as many steps, the learning rate falling over all of them; saved and scored
   * at the same steps as before, at what was the last one, and at twice, four times that, ….
   */
  public TrainingPlan times(int factor) {
    if (factor == 1) {
      return this;
    }
    List<Integer> saved = new ArrayList<>(checkpointSteps);
    saved.addAll(spaced(steps * factor, steps, 2));
    return new TrainingPlan(steps * factor, batchSize, learningRate, saved, scoreSteps, decay);
  }

  /**
   * From {@code first} on, each the same factor after the one before, below {@code steps}.
   *
   * @throws PalimpsestException if the first is below 1, or the factor not above 1
   */
  public static List<Integer> spaced(int steps, int first, double factor) {
    if (first < 1 || !(factor > 1)) {
      throw new PalimpsestException(
          "Steps are spaced from 1 or more by a factor above 1, unlike %s and %s."
              .formatted(first, factor));
    }
    TreeSet<Integer> spaced = new TreeSet<>();
    for (double step = first; Math.round(step) < steps; step *= factor) {
      spaced.add((int) Math.round(step));
    }
    return List.copyOf(spaced);
  }
}
