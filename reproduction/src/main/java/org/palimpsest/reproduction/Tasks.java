package org.palimpsest.reproduction;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.palimpsest.reproduction.Arm.Amount;
import org.palimpsest.reproduction.Arm.Difficulty;
import org.palimpsest.reproduction.images.FolderTask;
import org.palimpsest.reproduction.images.SegmentationTask;
import org.palimpsest.reproduction.phantom.PhantomFamily;
import org.palimpsest.reproduction.phantom.PhantomTask;

/** What networks learn from: which images a source sees, and which ones those that follow. */
public sealed interface Tasks {

  /** The task of a source. */
  SegmentationTask source(String name);

  /** The task of an arm. */
  SegmentationTask target(String name, Difficulty difficulty, Amount images);

  /** How many images of the target a network learns from. */
  int count(Amount images);

  /**
   * Phantoms: membranes, vessels and organs.
   *
   * @param grid rows and columns
   */
  record Phantoms(List<Integer> grid) implements Tasks {

    private static final int FEW = 6;
    private static final int MANY = 48;
    private static final double EASY = 0.1;
    private static final double HARD = 0.5;
    private static final double OF_SOURCES = 0.4;

    public Phantoms {
      grid = List.copyOf(grid);
    }

    @Override
    public SegmentationTask source(String name) {
      return new PhantomTask(family(name), OF_SOURCES, grid, 1);
    }

    @Override
    public SegmentationTask target(String name, Difficulty difficulty, Amount images) {
      return new PhantomTask(family(name), difficulty == Difficulty.EASY ? EASY : HARD, grid, 2);
    }

    @Override
    public int count(Amount images) {
      return images == Amount.FEW ? FEW : MANY;
    }

    private static PhantomFamily family(String name) {
      return PhantomFamily.valueOf(name.toUpperCase(Locale.ROOT));
    }
  }

  /**
   * Patches of images in two folders.
   *
   * @param sources what sources learn
   * @param targets what the others learn
   * @param patch rows and columns of a patch
   */
  record Folders(Path sources, Path targets, int patch) implements Tasks {

    private static final int FEW_FILES = 5;
    private static final int PATCHES = 96;

    @Override
    public SegmentationTask source(String name) {
      return FolderTask.of(sources, patch, Integer.MAX_VALUE, 1);
    }

    @Override
    public SegmentationTask target(String name, Difficulty difficulty, Amount images) {
      return FolderTask.of(targets, patch, images == Amount.FEW ? FEW_FILES : Integer.MAX_VALUE, 2);
    }

    @Override
    public int count(Amount images) {
      return PATCHES;
    }
  }
}
