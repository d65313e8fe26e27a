package org.palimpsest.reproduction.phantom;

import java.util.Random;
import org.palimpsest.reproduction.images.LabelledImage;
import org.palimpsest.reproduction.images.Raster;

/** Turns a scene into an image: blur, a smooth bias field, noise, standardisation. */
final class Scanner {

  private static final double BLUR = 0.6;
  private static final double BIAS_SCALE = 0.3;
  private static final double BIAS_STRENGTH = 0.15;
  private static final double LEAST_NOISE = 0.08;
  private static final double MORE_NOISE = 0.17;

  private Scanner() {}

  static LabelledImage scan(Scene scene, Random random, double difficulty) {
    Raster clean = scene.intensity().blurred(BLUR);
    Raster bias =
        Raster.smoothNoise(random, BIAS_SCALE * clean.shortest(), scene.intensity().extents());
    double noise = LEAST_NOISE + MORE_NOISE * difficulty;
    Raster image = Raster.zeros(clean.extents());
    for (int i = 0; i < image.size(); i++) {
      double field = Math.exp(BIAS_STRENGTH * bias.get(i));
      image.set(i, clean.get(i) * field + noise * random.nextGaussian());
    }
    return new LabelledImage(image.standardised(), scene.mask());
  }
}
