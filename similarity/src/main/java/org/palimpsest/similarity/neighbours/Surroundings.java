package org.palimpsest.similarity.neighbours;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.core.measure.PreparedInput;
import org.palimpsest.core.measure.PreparedOutput;
import org.palimpsest.similarity.internal.pairwise.SampleRows;

/**
 * The nearest others of each row of a layer, more of them than a list of neighbours holds, so that
 * neighbours among drawn rows are found without their distances being taken again. Memory: 12nm +
 * 8np bytes for m others.
 *
 * @param metric what makes one row nearer than another
 * @param points the rows: divided by their norms for cosine
 * @param others for each row the nearest others, nearest first, of equally near ones that of the
 *     lower index first
 * @param distances and how far they are
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Surroundings(RowMetric metric, SampleRows points, int[][] others, double[][] distances) {

  private static final int FEW = 16;

  /** How many others are kept for lists of k neighbours. */
  static int reach(int k, int rows) {
    return (int) Math.min(rows - 1L, 2L * k + FEW);
  }

  int rows() {
    return others.length;
  }

  /**
   * How many rows have more of equally near others than fit among their k nearest, so that the
   * order of the samples decides which of them are.
   */
  int undecided(int k) {
    return (int)
        Arrays.stream(distances).filter(list -> list.length > k && list[k] == list[k - 1]).count();
  }

  long bytes() {
    long kept = (long) others.length * others[0].length * (Integer.BYTES + Double.BYTES);
    return kept + (long) points.count() * points.width() * Double.BYTES;
  }

  /** For each row its k nearest others. */
  int[][] nearest(int k) {
    return Arrays.stream(others).map(list -> Arrays.copyOf(list, k)).toArray(int[][]::new);
  }

  /**
   * For each of some drawn rows the k nearest that were drawn of other rows, as places among the
   * drawn ones.
   */
  int[][] nearest(int k, int[] drawn) {
    List<List<Integer>> places = new ArrayList<>();
    for (int row = 0; row < rows(); row++) {
      places.add(new ArrayList<>());
    }
    for (int place = 0; place < drawn.length; place++) {
      places.get(drawn[place]).add(place);
    }
    int[][] ofRows =
        IntStream.range(0, rows())
            .parallel()
            .mapToObj(row -> places.get(row).isEmpty() ? new int[0] : nearest(k, row, places))
            .toArray(int[][]::new);
    return Arrays.stream(drawn).mapToObj(row -> ofRows[row]).toArray(int[][]::new);
  }

  private int[] nearest(int k, int row, List<List<Integer>> places) {
    NearestFirst nearest = new NearestFirst(k);
    for (int r = 0; r < others[row].length; r++) {
      if (nearest.isFull() && distances[row][r] > nearest.farthest()) {
        return nearest.indices();
      }
      offer(places.get(others[row][r]), distances[row][r], nearest);
    }
    return others[row].length == rows() - 1 ? nearest.indices() : amongAll(k, row, places);
  }

  /** Where too few of those that are kept were drawn. */
  private int[] amongAll(int k, int row, List<List<Integer>> places) {
    double[] ofPlaces = new double[places.stream().mapToInt(List::size).sum()];
    for (int other = 0; other < rows(); other++) {
      double distance =
          other == row || places.get(other).isEmpty()
              ? Double.NaN
              : metric.comparable(points.squaredDistance(row, other));
      places.get(other).forEach(place -> ofPlaces[place] = distance);
    }
    return NearestFirst.of(k, ofPlaces).indices();
  }

  private static void offer(List<Integer> places, double distance, NearestFirst nearest) {
    for (int place : places) {
      nearest.offer(place, distance);
    }
  }

  void write(PreparedOutput out) throws IOException {
    out.writeInt(metric.ordinal());
    points.write(out);
    for (int i = 0; i < others.length; i++) {
      out.writeInts(others[i]);
      out.writeDoubles(distances[i]);
    }
  }

  static Surroundings read(PreparedInput in) throws IOException {
    RowMetric metric = RowMetric.values()[in.readInt()];
    SampleRows points = SampleRows.read(in);
    int[][] others = new int[points.count()][];
    double[][] distances = new double[points.count()][];
    for (int i = 0; i < others.length; i++) {
      others[i] = in.readInts();
      distances[i] = in.readDoubles();
    }
    return new Surroundings(metric, points, others, distances);
  }
}
