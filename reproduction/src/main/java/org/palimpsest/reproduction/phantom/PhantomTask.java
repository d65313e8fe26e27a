package org.palimpsest.reproduction.phantom;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.reproduction.images.LabelledImage;
import org.palimpsest.reproduction.images.SegmentationTask;

/**
 * A segmentation task on phantoms. Equal tasks draw equal images, on every machine.
 *
 * @param family what the images show
 * @param difficulty from 0 (easy) to 1 (hard): contrast falls and noise rises with it
 * @param extents rows and columns, or slices, rows and columns
 * @param seed decides held-out images and probes
 * @param trainingSeed decides the images to learn from
 */
public record PhantomTask(
    PhantomFamily family, double difficulty, List<Integer> extents, long seed, long trainingSeed)
    implements SegmentationTask {

  private static final long MIXER = 0x9E3779B97F4A7C15L;

  public PhantomTask {
    extents = List.copyOf(extents);
    if (!(difficulty >= 0 && difficulty <= 1)) {
      throw new PalimpsestException(
          "A difficulty lies between 0 and 1, unlike " + difficulty + ".");
    }
    if (extents.size() < 2 || extents.size() > 3 || extents.stream().anyMatch(e -> e < 8)) {
      throw new PalimpsestException(
          "Phantoms have 2 or 3 axes of at least 8 elements each, unlike " + extents + ".");
    }
  }

  /**
   * One seed decides all images.
   *
   * @param seed of training images, held-out images and probes
   */
  public PhantomTask(PhantomFamily family, double difficulty, List<Integer> extents, long seed) {
    this(family, difficulty, extents, seed, seed);
  }

  @Override
  public PhantomTask withTraining(long other) {
    return new PhantomTask(family, difficulty, extents, seed, other);
  }

  @Override
  public String describe() {
    return "%s of difficulty %s".formatted(family.label(), difficulty);
  }

  @Override
  public List<LabelledImage> draw(Split split, int count) {
    int[] sizes = extents.stream().mapToInt(Integer::intValue).toArray();
    List<LabelledImage> images = new ArrayList<>();
    long decides = split == Split.TRAINING ? trainingSeed : seed;
    for (int i = 0; i < count; i++) {
      long stream = (((decides * 31 + family.ordinal()) * 31 + split.ordinal()) << 32) + i;
      images.add(family.draw(new Random(stream * MIXER), difficulty, sizes));
    }
    return images;
  }
}
