package org.palimpsest.reproduction.training;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.palimpsest.reproduction.images.LabelledImage;

/** Draws batches: every image once before any comes again, each mirrored at random. */
final class BatchSampler {

  private final List<LabelledImage> images;
  private final Random random;
  private final List<LabelledImage> waiting = new ArrayList<>();

  BatchSampler(List<LabelledImage> images, long seed) {
    this.images = List.copyOf(images);
    this.random = new Random(seed);
  }

  List<LabelledImage> next(int size) {
    List<LabelledImage> batch = new ArrayList<>();
    while (batch.size() < size) {
      if (waiting.isEmpty()) {
        waiting.addAll(images);
        Collections.shuffle(waiting, random);
      }
      batch.add(mirrored(waiting.remove(waiting.size() - 1)));
    }
    return batch;
  }

  private LabelledImage mirrored(LabelledImage image) {
    LabelledImage result = image;
    for (int axis = 0; axis < image.image().rank(); axis++) {
      if (random.nextBoolean()) {
        result = result.flipped(axis);
      }
    }
    return result;
  }
}
