package org.palimpsest.reproduction.phantom;

import java.util.Random;
import org.palimpsest.reproduction.images.Raster;

/** A folded cortex: fluid outside, grey matter as a band, white matter within; grey is sought. */
final class Cortex {

  private static final double FLUID = 0.15;
  private static final double WHITE = 0.85;
  private static final double EASY_GREY = 0.5;
  private static final double HARD_GREY = 0.7;
  private static final double SIZE = 0.36;
  private static final double FOLDS = 0.03;
  private static final double FOLD_SCALE = 0.05;
  private static final double THICKNESS = 0.09;
  private static final double LAYERING = 0.06;

  private Cortex() {}

  static Scene paint(Random random, double difficulty, int... extents) {
    Scene scene = Scene.empty(extents);
    Raster folds = Raster.smoothNoise(random, FOLD_SCALE * scene.mask().shortest(), extents);
    double unit = scene.mask().shortest();
    double size = unit * (SIZE + 0.06 * random.nextDouble());
    double stretch = 0.9 + 0.3 * random.nextDouble();
    double grey = EASY_GREY + difficulty * (HARD_GREY - EASY_GREY);
    double[] position = new double[extents.length];
    for (int i = 0; i < scene.mask().size(); i++) {
      scene.mask().locate(i, position);
      double depth = size + FOLDS * unit * folds.get(i) - radius(position, stretch, extents);
      double share = depth / (THICKNESS * unit);
      if (share < 0) {
        scene.intensity().set(i, FLUID);
      } else if (share > 1) {
        scene.intensity().set(i, WHITE);
      } else {
        scene.intensity().set(i, grey + LAYERING * Math.sin(3 * Math.PI * share));
        scene.mask().set(i, 1);
      }
    }
    return scene;
  }

  private static double radius(double[] position, double stretch, int... extents) {
    double squared = 0;
    for (int axis = 0; axis < position.length; axis++) {
      double away = position[axis] - (extents[axis] - 1) / 2.0;
      squared += (axis == 0 ? stretch : 1) * away * away;
    }
    return Math.sqrt(squared);
  }
}
