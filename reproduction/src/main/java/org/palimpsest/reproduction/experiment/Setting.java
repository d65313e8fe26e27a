package org.palimpsest.reproduction.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.reproduction.images.LabelledImage;
import org.palimpsest.reproduction.images.SegmentationTask;
import org.palimpsest.reproduction.images.SegmentationTask.Split;
import org.palimpsest.reproduction.trained.RunRecipe;
import org.palimpsest.reproduction.trained.Start;
import org.palimpsest.reproduction.training.UNetDesign;

/**
 * Which networks an experiment looks at. Experiments of one setting share their networks.
 *
 * @param network the architecture of all
 * @param main the condition that every experiment looks at
 * @param others further conditions, for experiments that compare them
 * @param heldOut on how many held-out images each Dice is measured
 * @param probes how many other images of the target every network is shown
 * @param seeds how many networks there are of each kind
 */
public record Setting(
    UNetDesign network,
    Condition main,
    List<Condition> others,
    int heldOut,
    int probes,
    int seeds) {

  public Setting {
    others = List.copyOf(others);
    if (seeds < 1) {
      throw new PalimpsestException(
          "There is 1 network of each kind or more, unlike %s; give more --seeds."
              .formatted(seeds));
    }
  }

  public Setting withSeeds(int number) {
    return new Setting(network, main, others, heldOut, probes, number);
  }

  /** All conditions, the main one first. */
  public List<Condition> conditions() {
    List<Condition> all = new ArrayList<>(List.of(main));
    all.addAll(others);
    return all;
  }

  /** In two sentences. */
  public String describe() {
    return String.format(
        Locale.ROOT,
        ("U-Nets of width %d and depth %d learn %s from scratch or from a network that has"
            + " learned %s; the seeds 0 to %d decide the random weights and the order of the"
            + " images. Dice is measured on %d held-out images; representations are those of %d"
            + " other images of the target."),
        network.width(),
        network.depth(),
        main.target().describe(),
        main.source().describe(),
        seeds - 1,
        heldOut,
        probes);
  }

  /** The images that every network is shown. */
  List<LabelledImage> shown(Lesson lesson) {
    return lesson.task().draw(Split.PROBES, probes);
  }

  /** The network that others start from. */
  public RunRecipe source(Condition condition) {
    return source(condition, 0);
  }

  /** A network that learns the source from scratch; the one of seed 0 is what others start from. */
  public RunRecipe source(Condition condition, long seed) {
    return recipe(condition.source(), new Start.Random(seed), seed);
  }

  /** A network that learns the target from the source's weights. */
  public RunRecipe transfer(Condition condition, long seed) {
    return recipe(condition.target(), Start.transferred(source(condition)), seed);
  }

  /** A network that learns the target from scratch. */
  public RunRecipe random(Condition condition, long seed) {
    return recipe(condition.target(), new Start.Random(1 + seed), seed);
  }

  private RunRecipe recipe(Lesson lesson, Start start, long seed) {
    SegmentationTask task = lesson.task();
    return new RunRecipe(
        network, start, List.of(), task, lesson.images(), heldOut, lesson.plan(), seed);
  }
}
