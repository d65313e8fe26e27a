package org.palimpsest.reproduction.phantom;

import java.util.Random;
import org.palimpsest.reproduction.images.Raster;

/** A textured organ with a few small lesions that are barely brighter; the lesions are sought. */
final class Lesions {

  private static final double AIR = 0.05;
  private static final double TISSUE = 0.55;
  private static final double TEXTURE = 0.05;
  private static final double EASY_CONTRAST = 0.3;
  private static final double HARD_CONTRAST = 0.12;

  private Lesions() {}

  static Scene paint(Random random, double difficulty, int... extents) {
    Scene scene = Scene.empty(extents);
    Raster intensity = scene.intensity();
    Raster texture = Raster.smoothNoise(random, 0.03 * intensity.shortest() + 1, extents);
    Blob organ = Blob.draw(random, 0.48, 0.4, 0.48, extents);
    Raster inside = Raster.zeros(extents);
    organ.fill(inside, 1);
    int count = 2 + random.nextInt(4);
    for (int lesion = 0; lesion < count; lesion++) {
      Blob.ofShare(random, 0.28, 0.04, 0.1, extents).fill(scene.mask(), 1);
    }
    double contrast = EASY_CONTRAST + difficulty * (HARD_CONTRAST - EASY_CONTRAST);
    for (int i = 0; i < intensity.size(); i++) {
      boolean tissue = inside.get(i) == 1;
      scene.mask().set(i, tissue ? scene.mask().get(i) : 0);
      double value = TISSUE + TEXTURE * texture.get(i) + contrast * scene.mask().get(i);
      intensity.set(i, tissue ? value : AIR);
    }
    return scene;
  }
}
