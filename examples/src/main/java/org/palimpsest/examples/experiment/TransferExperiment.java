package org.palimpsest.examples.experiment;

import java.util.List;
import org.palimpsest.examples.images.SegmentationTask;
import org.palimpsest.examples.phantom.PhantomFamily;
import org.palimpsest.examples.phantom.PhantomTask;
import org.palimpsest.examples.training.TrainingPlan;
import org.palimpsest.examples.training.UNetDesign;

/**
 * A source task, a target task with few images, and networks that learn the target from the
 * source's weights and from scratch.
 *
 * @param network the architecture of all
 * @param source the task that is learned first
 * @param target the task that is learned by all others
 * @param sourceImages how many images the source network learns from
 * @param targetImages how many the others learn from
 * @param heldOut how many other images each Dice is measured on
 * @param probes how many images of the target task every network is shown
 * @param sourcePlan how long the source is learned
 * @param targetPlan how long the target is learned
 * @param seeds how many networks start from the source's weights, and as many from scratch
 */
public record TransferExperiment(
    UNetDesign network,
    SegmentationTask source,
    SegmentationTask target,
    int sourceImages,
    int targetImages,
    int heldOut,
    int probes,
    TrainingPlan sourcePlan,
    TrainingPlan targetPlan,
    int seeds) {

  private static final List<Integer> GRID = List.of(64, 64);

  /** Organs, then vessels; two seeds; about two minutes on two cores. */
  public static TransferExperiment withDefaults() {
    return new TransferExperiment(
        UNetDesign.small(),
        new PhantomTask(PhantomFamily.ORGANS, 0.4, GRID, 1),
        new PhantomTask(PhantomFamily.VESSELS, 0.5, GRID, 2),
        96,
        6,
        16,
        16,
        TrainingPlan.doubling(400, 100),
        TrainingPlan.doubling(320, 20),
        2);
  }

  /** With another source task. */
  public TransferExperiment withSource(SegmentationTask task) {
    return new TransferExperiment(
        network,
        task,
        target,
        sourceImages,
        targetImages,
        heldOut,
        probes,
        sourcePlan,
        targetPlan,
        seeds);
  }

  /**
   * With another target task.
   *
   * @param images how many images the networks learn from
   */
  public TransferExperiment withTarget(SegmentationTask task, int images) {
    return new TransferExperiment(
        network,
        source,
        task,
        sourceImages,
        images,
        heldOut,
        probes,
        sourcePlan,
        targetPlan,
        seeds);
  }

  RunRecipe sourceRun() {
    return new RunRecipe(network, "he:0", source, sourceImages, heldOut, sourcePlan, 0);
  }

  RunRecipe targetRun(String initialisation, long seed) {
    return new RunRecipe(network, initialisation, target, targetImages, heldOut, targetPlan, seed);
  }
}
