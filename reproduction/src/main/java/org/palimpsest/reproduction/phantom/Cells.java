package org.palimpsest.reproduction.phantom;

import java.util.Arrays;
import java.util.Random;
import org.palimpsest.reproduction.images.Raster;

/** A tessellation: each place belongs to the nearest of some random centres, on wavy ground. */
final class Cells {

  private static final int CANDIDATES = 8;

  private final Raster grid;
  private final double[][] centres;
  private final Raster[] shifts;
  private final double waviness;

  private Cells(Raster grid, double[][] centres, Raster[] shifts, double waviness) {
    this.grid = grid;
    this.centres = centres;
    this.shifts = shifts;
    this.waviness = waviness;
  }

  /**
   * @param size how large a cell is, as a share of the shortest axis
   * @param waviness how far borders stray, as a share of the shortest axis
   */
  static Cells draw(Random random, double size, double waviness, int... extents) {
    Raster grid = Raster.zeros(extents);
    double cell = size * grid.shortest();
    int count = (int) Math.max(3, grid.size() / Math.pow(cell, extents.length));
    double[][] centres = new double[count][extents.length];
    for (int c = 0; c < count; c++) {
      centres[c] = awayFrom(Arrays.copyOf(centres, c), random, extents);
    }
    Raster[] shifts = new Raster[extents.length];
    for (int axis = 0; axis < extents.length; axis++) {
      shifts[axis] = Raster.smoothNoise(random, cell / 3, extents);
    }
    return new Cells(grid, centres, shifts, waviness * grid.shortest());
  }

  /**
   * The one of several random places that lies farthest from all others, so that cells are even.
   */
  private static double[] awayFrom(double[][] others, Random random, int... extents) {
    double[] best = new double[extents.length];
    double most = -1;
    for (int candidate = 0; candidate < CANDIDATES; candidate++) {
      double[] place = new double[extents.length];
      for (int axis = 0; axis < extents.length; axis++) {
        place[axis] = extents[axis] * random.nextDouble();
      }
      double nearest = Double.POSITIVE_INFINITY;
      for (double[] other : others) {
        nearest = Math.min(nearest, squaredDistance(place, other));
      }
      if (nearest > most) {
        most = nearest;
        best = place;
      }
    }
    return best;
  }

  private static double squaredDistance(double[] a, double[] b) {
    double squared = 0;
    for (int axis = 0; axis < a.length; axis++) {
      squared += (a[axis] - b[axis]) * (a[axis] - b[axis]);
    }
    return squared;
  }

  /** How much farther the second nearest centre is than the nearest: 0 on a border. */
  double distanceToBorder(int index) {
    double[] position = new double[grid.rank()];
    grid.locate(index, position);
    for (int axis = 0; axis < position.length; axis++) {
      position[axis] += waviness * shifts[axis].get(index);
    }
    double nearest = Double.POSITIVE_INFINITY;
    double second = Double.POSITIVE_INFINITY;
    for (double[] centre : centres) {
      double distance = Math.sqrt(squaredDistance(position, centre));
      if (distance < nearest) {
        second = nearest;
        nearest = distance;
      } else if (distance < second) {
        second = distance;
      }
    }
    return second - nearest;
  }
}
