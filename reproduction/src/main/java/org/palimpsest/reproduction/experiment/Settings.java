package org.palimpsest.reproduction.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.palimpsest.reproduction.images.FolderTask;
import org.palimpsest.reproduction.images.SegmentationTask;
import org.palimpsest.reproduction.phantom.PhantomFamily;
import org.palimpsest.reproduction.phantom.PhantomTask;
import org.palimpsest.reproduction.training.TrainingPlan;
import org.palimpsest.reproduction.training.UNetDesign;

/**
 * The settings that are run: small ones for minutes and large ones for hours, on phantoms in two or
 * three dimensions or on the images of two folders.
 */
public final class Settings {

  private static final int FEW = 6;
  private static final int MANY = 48;
  private static final int SOURCE_IMAGES = 96;
  private static final int PATCHES = 96;
  private static final int FEW_FILES = 5;
  private static final int HELD_OUT = 16;
  private static final int PROBES = 16;
  private static final double EASY = 0.1;
  private static final double HARD = 0.5;
  private static final double SOURCE_DIFFICULTY = 0.4;
  private static final double SCORE_SPACING = 1.25;

  private final List<Integer> grid;
  private final UNetDesign network;
  private final int seeds;
  private final TrainingPlan sourcePlan;
  private final TrainingPlan targetPlan;

  private Settings(
      List<Integer> grid,
      UNetDesign network,
      int seeds,
      TrainingPlan sourcePlan,
      TrainingPlan targetPlan) {
    this.grid = grid;
    this.network = network;
    this.seeds = seeds;
    this.sourcePlan = sourcePlan;
    this.targetPlan = targetPlan.scoredFrom(5, SCORE_SPACING);
  }

  /** Images of 64 × 64, widths 8, 16 and 32, three seeds: minutes on two cores. */
  public static Settings quick() {
    return new Settings(
        List.of(64, 64),
        UNetDesign.small(),
        3,
        TrainingPlan.doubling(400, 100),
        TrainingPlan.doubling(320, 20));
  }

  /** Volumes of 20 × 20 × 20, widths 8, 16 and 32: minutes on two cores. */
  public static Settings volumes() {
    return new Settings(
        List.of(20, 20, 20),
        UNetDesign.small().withDimensions(3),
        3,
        TrainingPlan.doubling(400, 100),
        TrainingPlan.doubling(320, 20));
  }

  /** Images of 96 × 96, widths 16 to 128, ten seeds: hours on two cores. */
  public static Settings full() {
    return new Settings(
        List.of(96, 96),
        UNetDesign.small().withWidth(16).withDepth(4),
        10,
        TrainingPlan.doubling(2000, 125),
        TrainingPlan.doubling(1600, 25));
  }

  /** With networks of another shape. */
  public Settings withNetwork(UnaryOperator<UNetDesign> change) {
    return new Settings(grid, change.apply(network), seeds, sourcePlan, targetPlan);
  }

  /** On phantoms: one pair of tasks. */
  public Setting onPhantoms() {
    return setting(phantoms(PhantomFamily.ORGANS, PhantomFamily.VESSELS, HARD, FEW), fewPairs());
  }

  /** On phantoms: several pairs of tasks. */
  public Setting onManyPhantoms() {
    List<Condition> others = new ArrayList<>(fewPairs());
    others.add(phantoms(PhantomFamily.ORGANS, PhantomFamily.VESSELS, EASY, MANY));
    others.add(phantoms(PhantomFamily.CORTEX, PhantomFamily.MEMBRANES, HARD, FEW));
    others.add(phantoms(PhantomFamily.CORTEX, PhantomFamily.MEMBRANES, EASY, MANY));
    others.add(phantoms(PhantomFamily.ORGANS, PhantomFamily.LESIONS, HARD, FEW));
    others.add(phantoms(PhantomFamily.ORGANS, PhantomFamily.LESIONS, EASY, MANY));
    return setting(phantoms(PhantomFamily.ORGANS, PhantomFamily.VESSELS, HARD, FEW), others);
  }

  private List<Condition> fewPairs() {
    return List.of(
        phantoms(PhantomFamily.ORGANS, PhantomFamily.VESSELS, HARD, MANY),
        phantoms(PhantomFamily.ORGANS, PhantomFamily.VESSELS, EASY, FEW));
  }

  /**
   * On a user's images; where there are none, on phantoms.
   *
   * @param sourceImages the folder that the source is learned from
   * @param targetImages the folder that the target is learned from
   */
  public Setting onImages(Optional<Path> sourceImages, Optional<Path> targetImages) {
    Lesson source = sourceImages.map(this::learnedFrom).orElse(source(PhantomFamily.ORGANS));
    return setting(
        images(source, targetImages, FEW_FILES, FEW),
        List.of(images(source, targetImages, Integer.MAX_VALUE, MANY)));
  }

  private Setting setting(Condition main, List<Condition> others) {
    return new Setting(network, main, others, HELD_OUT, PROBES, seeds);
  }

  private Lesson source(PhantomFamily family) {
    return new Lesson(
        new PhantomTask(family, SOURCE_DIFFICULTY, grid, 1), SOURCE_IMAGES, sourcePlan);
  }

  private Lesson learnedFrom(Path folder) {
    return new Lesson(
        FolderTask.of(folder, grid.get(0), Integer.MAX_VALUE, 1), SOURCE_IMAGES, sourcePlan);
  }

  private Condition phantoms(
      PhantomFamily first, PhantomFamily then, double difficulty, int images) {
    String label =
        "%s to %s, %s, %s images"
            .formatted(first.label(), then.label(), difficulty < HARD ? "easy" : "hard", images);
    SegmentationTask task = new PhantomTask(then, difficulty, grid, 2);
    return new Condition(label, source(first), new Lesson(task, images, targetPlan));
  }

  /** Patches of a user's images; how hard they are cannot be chosen, how few can. */
  private Condition images(Lesson source, Optional<Path> folder, int files, int phantoms) {
    if (folder.isEmpty()) {
      SegmentationTask task = new PhantomTask(PhantomFamily.VESSELS, HARD, grid, 2);
      return new Condition(
          "images to vessels, hard, %s images".formatted(phantoms),
          source,
          new Lesson(task, phantoms, targetPlan));
    }
    boolean few = files == FEW_FILES;
    return new Condition(
        few ? "patches of %s images".formatted(files) : "patches of all training images",
        source,
        new Lesson(FolderTask.of(folder.get(), grid.get(0), files, 2), PATCHES, targetPlan));
  }
}
