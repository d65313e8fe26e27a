package org.palimpsest.reproduction.phantom;

import java.util.Random;
import org.palimpsest.reproduction.images.Raster;

/** Cells packed side by side, as in electron microscopy; the dark membranes between are sought. */
final class Membranes {

  private static final double CELL_SIZE = 0.26;
  private static final double WAVINESS = 0.03;
  private static final double THICKNESS = 0.02;
  private static final double LEAST_THICKNESS = 1.2;
  private static final double CYTOPLASM = 0.75;
  private static final double TEXTURE = 0.05;
  private static final double ORGANELLE = 0.45;
  private static final double EASY_MEMBRANE = 0.2;
  private static final double HARD_MEMBRANE = 0.5;

  private Membranes() {}

  static Scene paint(Random random, double difficulty, int... extents) {
    Scene scene = Scene.empty(extents);
    Raster intensity = scene.intensity();
    Raster texture = Raster.smoothNoise(random, 1.5, extents);
    for (int i = 0; i < intensity.size(); i++) {
      intensity.set(i, CYTOPLASM + TEXTURE * texture.get(i));
    }
    int organelles = 3 + random.nextInt(5);
    for (int organelle = 0; organelle < organelles; organelle++) {
      Blob.ofShare(random, 0.05, 0.02, 0.06, extents).fill(intensity, ORGANELLE);
    }
    double membrane = EASY_MEMBRANE + difficulty * (HARD_MEMBRANE - EASY_MEMBRANE);
    double thickness = Math.max(LEAST_THICKNESS, THICKNESS * intensity.shortest());
    Cells cells = Cells.draw(random, Ball.radius(CELL_SIZE, extents), WAVINESS, extents);
    for (int i = 0; i < intensity.size(); i++) {
      if (cells.distanceToBorder(i) < thickness) {
        intensity.set(i, membrane);
        scene.mask().set(i, 1);
      }
    }
    return scene;
  }
}
