package org.palimpsest.reproduction.training;

import ai.djl.training.tracker.Tracker;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.reproduction.images.LabelledImage;

/**
 * Trains one network on one set of images. The same arguments give the same network.
 *
 * @param network its architecture
 * @param plan how long and how
 * @param frozen the paths of parameters that keep their values, such as the encoder's
 * @param images what it learns from
 * @param heldOut what its Dice is measured on
 * @param seed decides the order and mirroring of the images
 */
public record Training(
    UNet network,
    TrainingPlan plan,
    Predicate<String> frozen,
    List<LabelledImage> images,
    List<LabelledImage> heldOut,
    long seed) {

  private static final int OF_LOSS = 64;

  /** Gets what is saved. */
  @FunctionalInterface
  public interface Recorder {

    /**
     * @param step how many steps were made
     * @param state the network then
     * @param dice its mean Dice on the held-out images
     */
    void record(int step, NetworkState state, double dice);

    /**
     * Hears of a step at which Dice was measured.
     *
     * @param step how many steps were made
     * @param dice its mean Dice on the held-out images
     * @param loss on the images that it learns from; of many on the first {@value #OF_LOSS}
     */
    default void score(int step, double dice, double loss) {}
  }

  public Training {
    images = List.copyOf(images);
    heldOut = List.copyOf(heldOut);
  }

  /**
   * Runs to the end and gives the trained network.
   *
   * @param start what it holds at step 0
   * @param task advances by one at each step
   * @param recorder called at the plan's steps
   */
  public NetworkState run(NetworkState start, Progress.Task task, Recorder recorder) {
    BatchSampler sampler = new BatchSampler(images, seed);
    NetworkState state = start;
    List<LabelledImage> some = images.subList(0, Math.min(OF_LOSS, images.size()));
    try (LiveNetwork live = LiveNetwork.open(network, network.archive(start), rate(), frozen)) {
      for (int step = 0; step <= plan.steps(); step++) {
        requireNotInterrupted();
        if (plan.scoreSteps().contains(step)) {
          double dice = live.dice(heldOut);
          recorder.score(step, dice, live.loss(some));
          if (plan.checkpointSteps().contains(step)) {
            state = live.state();
            recorder.record(step, state, dice);
          }
        }
        if (step < plan.steps()) {
          requireFinite(live.step(sampler.next(plan.batchSize())), step);
          task.advance(1);
        }
      }
    }
    return state;
  }

  private Tracker rate() {
    return switch (plan.decay()) {
      case NONE -> Tracker.fixed(plan.learningRate());
      case COSINE ->
          Tracker.cosine()
              .setBaseValue(plan.learningRate())
              .optFinalValue(0)
              .setMaxUpdates(plan.steps())
              .build();
    };
  }

  private static void requireNotInterrupted() {
    if (Thread.interrupted()) {
      throw new CancellationException("The training was interrupted.");
    }
  }

  private void requireFinite(float loss, int step) {
    if (!Float.isFinite(loss)) {
      throw new PalimpsestException(
          "The loss became %s at step %s: train with a learning rate below %s."
              .formatted(loss, step, plan.learningRate()));
    }
  }
}
