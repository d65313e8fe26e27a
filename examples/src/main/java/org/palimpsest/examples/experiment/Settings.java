package org.palimpsest.examples.experiment;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.palimpsest.examples.images.FolderTask;
import org.palimpsest.examples.images.SegmentationTask;
import org.palimpsest.examples.phantom.PhantomFamily;
import org.palimpsest.examples.phantom.PhantomTask;
import org.palimpsest.examples.training.TrainingPlan;
import org.palimpsest.examples.training.UNetDesign;

/**
 * The settings that are run: small ones for minutes and large ones for hours, on phantoms or on the
 * images of two folders.
 */
public final class Settings {

  private static final int FEW = 6;
  private static final int MANY = 48;
  private static final int SOURCE_IMAGES = 96;
  private static final int PATCHES = 96;
  private static final int FEW_FILES = 5;
  private static final double EASY = 0.1;
  private static final double HARD = 0.5;
  private static final double SOURCE_DIFFICULTY = 0.4;
  private static final double SCORE_SPACING = 1.25;

  private final List<Integer> grid;
  private final TrainingPlan sourcePlan;
  private final TrainingPlan targetPlan;

  private Settings(int side, TrainingPlan sourcePlan, TrainingPlan targetPlan) {
    this.grid = List.of(side, side);
    this.sourcePlan = sourcePlan;
    this.targetPlan = targetPlan;
  }

  /** Images of 64 × 64, widths 8, 16 and 32, three seeds: minutes on two cores. */
  public static Setting quick(Optional<Path> sourceImages, Optional<Path> targetImages) {
    return small().setting(UNetDesign.small(), 3, sourceImages, targetImages);
  }

  private static Settings small() {
    return new Settings(
        64,
        TrainingPlan.doubling(400, 100),
        TrainingPlan.doubling(320, 20).scoredFrom(5, SCORE_SPACING));
  }

  /** Images of 96 × 96, widths 16 to 128, ten seeds, more conditions: hours on two cores. */
  public static Setting full(Optional<Path> sourceImages, Optional<Path> targetImages) {
    Settings large =
        new Settings(
            96,
            TrainingPlan.doubling(2000, 125),
            TrainingPlan.doubling(1600, 25).scoredFrom(5, SCORE_SPACING));
    UNetDesign network = UNetDesign.small().withWidth(16).withDepth(4);
    Setting basic = large.setting(network, 10, sourceImages, targetImages);
    if (sourceImages.isPresent() || targetImages.isPresent()) {
      return basic;
    }
    List<Condition> others =
        List.of(
            basic.others().get(0),
            basic.others().get(1),
            large.phantoms(PhantomFamily.ORGANS, PhantomFamily.VESSELS, EASY, MANY),
            large.phantoms(PhantomFamily.CORTEX, PhantomFamily.MEMBRANES, HARD, FEW),
            large.phantoms(PhantomFamily.CORTEX, PhantomFamily.MEMBRANES, EASY, MANY),
            large.phantoms(PhantomFamily.ORGANS, PhantomFamily.LESIONS, HARD, FEW),
            large.phantoms(PhantomFamily.ORGANS, PhantomFamily.LESIONS, EASY, MANY));
    return new Setting(
        basic.network(), basic.main(), others, basic.heldOut(), basic.probes(), basic.seeds());
  }

  private Setting setting(
      UNetDesign network, int seeds, Optional<Path> sourceImages, Optional<Path> targetImages) {
    Condition main;
    List<Condition> others;
    if (sourceImages.isPresent() || targetImages.isPresent()) {
      Lesson source = sourceImages.map(this::learnedFrom).orElse(source(PhantomFamily.ORGANS));
      main = images(source, targetImages, FEW_FILES, FEW);
      others = List.of(images(source, targetImages, Integer.MAX_VALUE, MANY));
    } else {
      main = phantoms(PhantomFamily.ORGANS, PhantomFamily.VESSELS, HARD, FEW);
      others =
          List.of(
              phantoms(PhantomFamily.ORGANS, PhantomFamily.VESSELS, HARD, MANY),
              phantoms(PhantomFamily.ORGANS, PhantomFamily.VESSELS, EASY, FEW));
    }
    return new Setting(network, main, others, 16, 16, seeds);
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
        "%s to %s, %s, %d images"
            .formatted(first.label(), then.label(), difficulty < HARD ? "easy" : "hard", images);
    SegmentationTask task = new PhantomTask(then, difficulty, grid, 2);
    return new Condition(
        label,
        source(first),
        new Lesson(task, images, targetPlan),
        difficulty >= HARD && images < MANY);
  }

  /** Patches of a user's images; how hard they are cannot be chosen, how few can. */
  private Condition images(Lesson source, Optional<Path> folder, int files, int phantoms) {
    if (folder.isEmpty()) {
      SegmentationTask task = new PhantomTask(PhantomFamily.VESSELS, HARD, grid, 2);
      return new Condition(
          "images to vessels, hard, %d images".formatted(phantoms),
          source,
          new Lesson(task, phantoms, targetPlan),
          phantoms < MANY);
    }
    boolean few = files == FEW_FILES;
    return new Condition(
        few ? "patches of %d images".formatted(files) : "patches of all training images",
        source,
        new Lesson(FolderTask.of(folder.get(), grid.get(0), files, 2), PATCHES, targetPlan),
        few);
  }
}
