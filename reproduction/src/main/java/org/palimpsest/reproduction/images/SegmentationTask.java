package org.palimpsest.reproduction.images;

import java.util.List;

/**
 * Images in which a structure is to be found. Equal tasks draw equal images.
 *
 * <p>Implementations are records of plain values: two tasks are the same if their values are.
 */
public interface SegmentationTask {

  /** Disjoint sets of images of one task. */
  enum Split {
    TRAINING,
    HELD_OUT,
    PROBES
  }

  /** What it is, for people. */
  String describe();

  /** Rows and columns of an image, or slices, rows and columns. */
  List<Integer> extents();

  /** The same held-out images and probes, but other images to learn from. */
  SegmentationTask withTraining(long seed);

  /** The first {@code count} images of a split; a longer list begins with the shorter one. */
  List<LabelledImage> draw(Split split, int count);
}
