package org.palimpsest.reproduction.trained;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.reproduction.images.SegmentationTask.Split;
import org.palimpsest.reproduction.training.NetworkState;
import org.palimpsest.reproduction.training.Training;
import org.palimpsest.reproduction.training.UNet;

/**
 * What came of a recipe.
 *
 * @param archives the network as a TorchScript archive, by step
 * @param dice its mean Dice on held-out images, by step
 * @param losses its loss on images that it learned from, by step
 * @param seconds how long it took
 */
record TrainedRun(
    Map<Integer, byte[]> archives,
    Map<Long, Double> dice,
    Map<Long, Double> losses,
    double seconds) {

  private static final double NANOS = 1e9;

  /**
   * Trains.
   *
   * @param source the end of the run that the recipe starts from, if it starts from one
   * @param task advances by one at each step
   */
  static TrainedRun of(RunRecipe recipe, Optional<NetworkState> source, Progress.Task task) {
    long start = System.nanoTime();
    UNet network = UNet.of(recipe.network());
    Map<Integer, byte[]> archives = new TreeMap<>();
    Map<Long, Double> scores = new TreeMap<>();
    Map<Long, Double> losses = new TreeMap<>();
    Training training =
        new Training(
            network,
            recipe.plan(),
            recipe::isFrozen,
            recipe.task().draw(Split.TRAINING, recipe.images()),
            recipe.task().draw(Split.HELD_OUT, recipe.heldOut()),
            recipe.seed());
    training.run(
        recipe.start().from(source).of(network),
        task,
        new Training.Recorder() {
          @Override
          public void record(int step, NetworkState state, double dice) {
            archives.put(step, network.archive(state));
          }

          @Override
          public void score(int step, double dice, double loss) {
            scores.put((long) step, dice);
            losses.put((long) step, loss);
          }
        });
    return new TrainedRun(archives, scores, losses, (System.nanoTime() - start) / NANOS);
  }
}
