package org.palimpsest.core.evolution;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.evolution.StudyJournal.LayerGrids;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/**
 * Who does the work of a study: runs networks, prepares their layers, and compares. The tracker
 * asks for what is missing and keeps what comes of it; where that is worked out, be it in this
 * process or on other machines, makes no difference to the result.
 *
 * <p>Results are told by the thread that asked, in the order in which the tasks were given. What
 * cannot go on at all, such as a disk that is full, is thrown.
 */
public interface StudyWorkers {

  /**
   * A network that is to be run, and its layers prepared.
   *
   * @param hash of the checkpoint's content
   * @param checkpoint where the network is
   * @param wanted on which grids layers are wanted; empty if its layers are not known yet: then
   *     each is prepared on its own grid
   * @param acrossLayers of unknown layers, whether they will be compared with one another, so that
   *     each is prepared on the common grids too
   */
  record NetworkTask(
      String hash,
      Checkpoint checkpoint,
      Optional<Map<String, Set<Grid>>> wanted,
      boolean acrossLayers) {}

  /**
   * What a network told when it was run.
   *
   * @param layers its layers and their grids, in the order in which they ran
   * @param cautions what should be known about its outputs, such as that it draws random numbers
   */
  record NetworkRun(LayerGrids layers, List<String> cautions) {}

  /** Is told what came of networks, each of them once, in the order in which they were given. */
  interface NetworkResults {

    /** It ran, and its layers are prepared, or it is known why they cannot be. */
    void ran(NetworkTask task, NetworkRun run);

    /** It cannot be used. */
    void failed(NetworkTask task, String reason);
  }

  /**
   * Two prepared layers that are to be compared.
   *
   * @param key what the measurement is about
   * @param grid on which the layers meet
   */
  record LayerTask(Measurement.Key key, Grid grid) {}

  /**
   * Weights that are to be compared.
   *
   * @param comparison the name of the {@link WeightComparison}
   * @param hashA of the first checkpoint's content
   * @param a the first checkpoint
   * @param hashB of the second checkpoint's content
   * @param b the second checkpoint
   */
  record WeightTask(String comparison, String hashA, Checkpoint a, String hashB, Checkpoint b) {}

  /** What came of comparing weights. */
  sealed interface WeightsFound {

    /** Measurements of the layers that both have. */
    record Made(List<Study.LayerMeasurement> measurements) implements WeightsFound {}

    /** The weights were read and cannot be compared. */
    record Impossible(String reason) implements WeightsFound {}

    /** Weights could not be read. */
    record Unread(List<UnreadWeights> weights) implements WeightsFound {}
  }

  /**
   * Weights that could not be read.
   *
   * @param hash of the checkpoint's content
   * @param reason why not
   * @param changed whether the checkpoint is no longer what it was when its hash was taken
   */
  record UnreadWeights(String hash, String reason, boolean changed) {}

  /** Is told what came of comparing weights. */
  interface WeightResults {

    /** Whether a task is still to be done, knowing the results of those before. */
    boolean isWanted(WeightTask task);

    /** What came of a task. */
    void found(WeightTask task, WeightsFound found);
  }

  /**
   * Whether a layer is prepared for a measure, or it is known why it cannot be.
   *
   * @param hash of the checkpoint's content
   * @param layer its layer
   * @param grid on which it is wanted
   * @param measure whose preparation is meant; measures of equal preparations share it
   */
  boolean isPrepared(String hash, String layer, Grid grid, Measure<?> measure);

  /**
   * Runs networks and prepares their layers, so that afterwards each is {@linkplain #isPrepared
   * prepared}.
   *
   * @param tasks the networks, each once
   * @param results is told what came of each
   */
  void runNetworks(List<NetworkTask> tasks, NetworkResults results);

  /**
   * Compares layers of networks that were run. Each comparison is made by itself, so that its
   * number does not depend on which others are asked for.
   *
   * @param tasks pairs of prepared layers
   * @param results is told the outcome of each, in this order
   */
  void compareLayers(List<LayerTask> tasks, BiConsumer<LayerTask, Outcome> results);

  /**
   * Compares weights, reading those of each checkpoint as rarely as memory allows: neighbouring
   * tasks share checkpoints.
   *
   * @param tasks pairs of checkpoints
   * @param results is asked before each whether it is still wanted, and told what came of it
   */
  void compareWeights(List<WeightTask> tasks, WeightResults results);

  /**
   * How many comparisons of layers are made at once, by which the time that is left is estimated;
   * at least 1.
   */
  int sideBySide();

  /**
   * Compares layers to no other end than to learn how long it takes. Workers elsewhere need not:
   * the estimate is then of networks and weights alone.
   */
  default void rehearse(LayerTask task) {}
}
