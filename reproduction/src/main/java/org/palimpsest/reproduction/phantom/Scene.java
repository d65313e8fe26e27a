package org.palimpsest.reproduction.phantom;

import java.util.Random;
import org.palimpsest.reproduction.images.Raster;

/** What the scanner sees, before its own faults: intensities and the mask of what is sought. */
record Scene(Raster intensity, Raster mask) {

  /** Draws one scene of a family. */
  @FunctionalInterface
  interface Painter {

    /**
     * @param random where all chance comes from
     * @param difficulty from 0 to 1: the higher, the less the sought structure stands out
     * @param extents of two or three axes
     */
    Scene paint(Random random, double difficulty, int... extents);
  }

  static Scene empty(int... extents) {
    return new Scene(Raster.zeros(extents), Raster.zeros(extents));
  }
}
