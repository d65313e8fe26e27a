package org.palimpsest.reproduction.phantom;

import java.util.Random;
import org.palimpsest.reproduction.images.Raster;

/** A rounded region with an uneven outline. */
final class Blob {

  private static final double UNEVENNESS = 0.18;

  private final double[] centre;
  private final double[] radii;
  private final Raster outline;

  private Blob(double[] centre, double[] radii, Raster outline) {
    this.centre = centre;
    this.radii = radii;
    this.outline = outline;
  }

  /**
   * Draws a blob whose centre lies in the middle part of the grid.
   *
   * @param margin the share of each axis, at either end, where no centre lies
   * @param least the least radius, as a share of the shortest axis
   * @param most the greatest radius, as a share of the shortest axis
   */
  static Blob draw(Random random, double margin, double least, double most, int... extents) {
    Raster outline = Raster.smoothNoise(random, shortest(extents) * (least + most) / 4, extents);
    double[] centre = new double[extents.length];
    double[] radii = new double[extents.length];
    for (int axis = 0; axis < extents.length; axis++) {
      centre[axis] = extents[axis] * (margin + (1 - 2 * margin) * random.nextDouble());
      radii[axis] = outline.shortest() * (least + (most - least) * random.nextDouble());
    }
    return new Blob(centre, radii, outline);
  }

  /** The same, where radii are those of discs; in a volume the blob fills as large a share. */
  static Blob ofShare(Random random, double margin, double least, double most, int... extents) {
    return draw(random, margin, Ball.radius(least, extents), Ball.radius(most, extents), extents);
  }

  private static int shortest(int... extents) {
    return java.util.Arrays.stream(extents).min().orElseThrow();
  }

  boolean contains(int index, double[] position) {
    double distance = 0;
    for (int axis = 0; axis < centre.length; axis++) {
      double along = (position[axis] - centre[axis]) / radii[axis];
      distance += along * along;
    }
    return Math.sqrt(distance) < 1 + UNEVENNESS * outline.get(index);
  }

  /** Sets every value inside. */
  void fill(Raster raster, double value) {
    double[] position = new double[centre.length];
    for (int i = 0; i < raster.size(); i++) {
      raster.locate(i, position);
      if (contains(i, position)) {
        raster.set(i, value);
      }
    }
  }
}
