package org.palimpsest.reproduction.phantom;

import java.util.Random;
import org.palimpsest.reproduction.images.Raster;

/** A body with several organs, of which the brightest are sought. */
final class Organs {

  private static final double AIR = 0.05;
  private static final double BODY = 0.45;
  private static final double DARK_ORGAN = 0.3;
  private static final double OTHER_ORGAN = 0.6;
  private static final double EASY_ORGAN = 1.0;
  private static final double HARD_ORGAN = 0.72;

  private Organs() {}

  static Scene paint(Random random, double difficulty, int... extents) {
    Scene scene = Scene.empty(extents);
    Raster intensity = scene.intensity();
    for (int i = 0; i < intensity.size(); i++) {
      intensity.set(i, AIR);
    }
    Blob.draw(random, 0.48, 0.42, 0.5, extents).fill(intensity, BODY);
    int others = 2 + random.nextInt(3);
    for (int organ = 0; organ < others; organ++) {
      Blob.ofShare(random, 0.2, 0.07, 0.16, extents)
          .fill(intensity, random.nextBoolean() ? DARK_ORGAN : OTHER_ORGAN);
    }
    double sought = EASY_ORGAN + difficulty * (HARD_ORGAN - EASY_ORGAN);
    int count = 1 + random.nextInt(3);
    for (int organ = 0; organ < count; organ++) {
      Blob blob = Blob.ofShare(random, 0.25, 0.07, 0.15, extents);
      blob.fill(intensity, sought);
      blob.fill(scene.mask(), 1);
    }
    return scene;
  }
}
