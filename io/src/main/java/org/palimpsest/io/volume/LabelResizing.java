package org.palimpsest.io.volume;

import java.util.stream.IntStream;

/**
 * Resizes masks label by label, as {@code batchgenerators} does: each voxel takes the label whose
 * indicator is greatest there by linear interpolation; of equal ones that of the nearest voxel,
 * else the smallest. With the nearest voxel alone, that one's label.
 */
record LabelResizing(Interpolation rule) {

  /** Which voxels along an axis a new one lies between, how near the second, and the nearest. */
  private record Places(int[] first, double[] second, int[] nearest) {

    static Places of(int from, int to) {
      Places places = new Places(new int[to], new double[to], new int[to]);
      double scale = (double) from / to;
      for (int i = 0; i < to; i++) {
        double at = Math.min(Math.max((i + 0.5) * scale - 0.5, 0), from - 1);
        places.nearest[i] = (int) Math.floor(at + 0.5);
        places.first[i] = (int) Math.floor(at);
        places.second[i] = at - places.first[i];
      }
      return places;
    }
  }

  short[] resize(short[] source, int[] extents, int[] target) {
    Places[] places = new Places[Geometry.AXES];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      places[axis] = Places.of(extents[axis], target[axis]);
    }
    short[] resized = new short[target[0] * target[1] * target[2]];
    IntStream.range(0, target[0] * target[1])
        .parallel()
        .forEach(
            line -> {
              int a = line / target[1];
              int b = line % target[1];
              Corners corners = new Corners(source, extents, places);
              for (int c = 0; c < target[2]; c++) {
                short nearest = corners.nearest(a, b, c);
                resized[line * target[2] + c] =
                    rule == Interpolation.NEAREST ? nearest : corners.winner(a, b, c, nearest);
              }
            });
    return resized;
  }

  /** The eight voxels around a place. */
  private static final class Corners {

    private final short[] source;
    private final int[] extents;
    private final Places[] places;
    private final short[] labels = new short[8];
    private final double[] weights = new double[8];

    Corners(short[] source, int[] extents, Places[] places) {
      this.source = source;
      this.extents = extents;
      this.places = places;
    }

    private short at(int a, int b, int c) {
      return source[(a * extents[1] + b) * extents[2] + c];
    }

    short nearest(int a, int b, int c) {
      return at(places[0].nearest[a], places[1].nearest[b], places[2].nearest[c]);
    }

    short winner(int a, int b, int c, short nearest) {
      int[] index = {a, b, c};
      for (int corner = 0; corner < labels.length; corner++) {
        int[] voxel = new int[Geometry.AXES];
        double weight = 1;
        for (int axis = 0; axis < Geometry.AXES; axis++) {
          boolean later = (corner >> (2 - axis) & 1) == 1;
          double second = places[axis].second[index[axis]];
          weight *= later ? second : 1 - second;
          int first = places[axis].first[index[axis]];
          voxel[axis] = later ? Math.min(first + 1, extents[axis] - 1) : first;
        }
        labels[corner] = at(voxel[0], voxel[1], voxel[2]);
        weights[corner] = weight;
      }
      return winner(nearest);
    }

    private short winner(short nearest) {
      double most = -1;
      short best = nearest;
      for (int corner = 0; corner < labels.length; corner++) {
        short label = labels[corner];
        double share = share(label);
        boolean wins =
            share > most || share == most && best != nearest && (label == nearest || label < best);
        if (wins) {
          most = share;
          best = label;
        }
      }
      return best;
    }

    private double share(short label) {
      double share = 0;
      for (int corner = 0; corner < labels.length; corner++) {
        if (labels[corner] == label) {
          share += weights[corner];
        }
      }
      return share;
    }
  }
}
