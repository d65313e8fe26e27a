package org.palimpsest.similarity.neighbours;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Prepared.Resamplable;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.Rows;
import org.palimpsest.similarity.internal.pairwise.DistinctRows;
import org.palimpsest.similarity.internal.pairwise.SampleChecks;
import org.palimpsest.similarity.internal.pairwise.SampleRows;
import org.palimpsest.similarity.internal.pairwise.SquaredDistances;
import org.palimpsest.similarity.internal.pairwise.Ties;

/**
 * The k nearest neighbours of each sample of one layer, nearest first; of equally near ones that of
 * the lower index. Memory: 4nk bytes and those of the surroundings.
 */
final class Neighbours implements Resamplable<Neighbours> {

  private final Representation.Info info;
  private final int k;
  private final Surroundings surroundings;
  private final int[] rows;
  private final int[][] lists;

  /**
   * @param rows for each sample which of the rows it is
   * @param lists for each sample the indices of its neighbours
   */
  private Neighbours(
      Representation.Info info, int k, Surroundings surroundings, int[] rows, int[][] lists) {
    this.info = info;
    this.k = k;
    this.surroundings = surroundings;
    this.rows = rows;
    this.lists = lists;
  }

  static Neighbours of(Representation.Info info, int k, Surroundings surroundings) {
    int[] inOrder = IntStream.range(0, surroundings.rows()).toArray();
    return new Neighbours(info, k, surroundings, inOrder, surroundings.nearest(k));
  }

  @Override
  public Representation.Info info() {
    return info;
  }

  @Override
  public long bytes() {
    return (long) Integer.BYTES * rows.length * (k + 1) + surroundings.bytes();
  }

  /** Of how many samples the neighbours are not told from others that are as near. */
  int undecided() {
    return surroundings.undecided(k);
  }

  int samples() {
    return lists.length;
  }

  /** The neighbours of one sample, nearest first. Not to be changed. */
  int[] of(int sample) {
    return lists[sample];
  }

  /** The place of a sample in the list of another, from 1; 0 if it is not in it. */
  int rankOf(int neighbour, int sample) {
    int[] list = lists[sample];
    for (int r = 0; r < list.length; r++) {
      if (list[r] == neighbour) {
        return r + 1;
      }
    }
    return 0;
  }

  /** The inner product of each of the rows with their mean. */
  double[] alongMean() {
    SampleRows points = surroundings.points();
    double[] mean = points.mean();
    double[] along = new double[rows.length];
    for (int i = 0; i < along.length; i++) {
      along[i] = points.product(rows[i], mean);
    }
    return along;
  }

  /** The inner product of two of the rows that were compared. */
  double product(int a, int b) {
    return surroundings.points().product(rows[a], rows[b]);
  }

  /** Whether each sample has k others besides its own copies. */
  @Override
  public boolean canDraw(int[] drawn) {
    int[] copies = new int[rows.length];
    for (int row : drawn) {
      copies[rows[row]]++;
    }
    return Arrays.stream(copies).max().orElse(0) + k <= drawn.length;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Copies of a sample are no neighbours of it; those of another fill as many places. Cost: n
   * lists of about 2k rows.
   */
  @Override
  public Neighbours withRows(int[] drawn) {
    int[] drawnRows = Rows.gather(rows, drawn);
    return new Neighbours(info, k, surroundings, drawnRows, surroundings.nearest(k, drawnRows));
  }

  /** Each sample once, in another order. */
  Neighbours reordered(int[] order) {
    int[] places = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      places[order[i]] = i;
    }
    int[][] reordered = new int[order.length][];
    for (int i = 0; i < order.length; i++) {
      reordered[i] = IntStream.of(lists[order[i]]).map(other -> places[other]).toArray();
    }
    return new Neighbours(info, k, surroundings, Rows.gather(rows, order), reordered);
  }

  /** As plain numbers. */
  static final class Format implements PreparedFormat<Neighbours> {

    @Override
    public void write(Neighbours prepared, PreparedOutput out) throws IOException {
      out.writeInfo(prepared.info);
      out.writeInt(prepared.k);
      prepared.surroundings.write(out);
      out.writeInts(prepared.rows);
      for (int[] list : prepared.lists) {
        out.writeInts(list);
      }
    }

    @Override
    public Neighbours read(PreparedInput in) throws IOException {
      Representation.Info info = in.readInfo();
      int k = in.readInt();
      Surroundings surroundings = Surroundings.read(in);
      int[] rows = in.readInts();
      int[][] lists = new int[rows.length][];
      for (int i = 0; i < lists.length; i++) {
        lists[i] = in.readInts();
      }
      return new Neighbours(info, k, surroundings, rows, lists);
    }
  }

  /**
   * Finds the k nearest neighbours of each sample. A sample is left out of its own list by its
   * index, so that a repetition of it counts as a neighbour.
   *
   * <p>Distances tie as {@link org.palimpsest.similarity.internal.pairwise.Ties} says. Cost: 2n²p,
   * a block of samples at a time.
   */
  record Search(int k, NearestNeighbours.Metric metric) implements Preparation<Neighbours> {

    @Override
    public Neighbours prepare(Representation representation) {
      Representation.Info info = representation.info();
      SampleChecks.requireSamples(
          info, k + 1, "each sample has %s neighbours besides itself".formatted(k));
      SampleRows raw = SampleChecks.varyingRows(representation);
      SampleRows points =
          switch (metric) {
            case COSINE -> raw.normalised("is all zero, so that no angle to it is defined");
            case EUCLIDEAN -> raw.centred().dividedBy(raw.centred().powerOfTwoScale());
          };
      return Neighbours.of(info, k, surroundings(points));
    }

    private Surroundings surroundings(SampleRows points) {
      DistinctRows distinct = DistinctRows.of(points.centred());
      List<List<Integer>> members = distinct.members();
      int[][] others = new int[points.count()][];
      double[][] distances = new double[points.count()][];
      SquaredDistances.all(
          distinct.rows(),
          (row, first, squared) -> {
            for (int c = 0; c < squared.length; c++) {
              squared[c] = metric.comparable(squared[c]);
            }
            for (int sample : members.get(row)) {
              NearestFirst nearest = nearest(sample, squared, distinct.classOf());
              others[sample] = nearest.indices();
              distances[sample] = nearest.distances();
            }
          });
      return new Surroundings(metric, points, others, distances);
    }

    private NearestFirst nearest(int sample, double[] distances, int[] classOf) {
      double[] ofSamples = new double[classOf.length];
      for (int j = 0; j < classOf.length; j++) {
        ofSamples[j] = j == sample ? Double.NaN : distances[classOf[j]];
      }
      return NearestFirst.of(Surroundings.reach(k, classOf.length), ofSamples);
    }

    @Override
    public Optional<PreparedFormat<Neighbours>> format() {
      return Optional.of(new Format());
    }
  }

  /**
   * The nearest others of each row of a layer, more of them than a list of neighbours holds, so
   * that neighbours among drawn rows are found without their distances being taken again. Memory:
   * 12nm + 8np bytes for m others.
   *
   * @param metric what makes one row nearer than another
   * @param points the rows: divided by their norms for cosine
   * @param others for each row the nearest others, nearest first, of equally near ones that of the
   *     lower index first
   * @param distances and how far they are
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  private record Surroundings(
      NearestNeighbours.Metric metric, SampleRows points, int[][] others, double[][] distances) {

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
          Arrays.stream(distances)
              .filter(list -> list.length > k && list[k] == list[k - 1])
              .count();
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
      NearestNeighbours.Metric metric = NearestNeighbours.Metric.values()[in.readInt()];
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

  /** Gathers the k nearest samples, nearest first, of equally near ones that of the lower index. */
  static final class NearestFirst {

    private final int[] indices;
    private final double[] distances;
    private int size;

    /**
     * The k nearest of some samples, where distances that tie count as equal.
     *
     * @param distances by index; NaN for what is not among them
     */
    static NearestFirst of(int k, double[] distances) {
      NearestFirst exact = new NearestFirst(k);
      for (int i = 0; i < distances.length; i++) {
        if (!Double.isNaN(distances[i])) {
          exact.offer(i, distances[i]);
        }
      }
      double farthest = exact.farthest();
      int[] candidates =
          IntStream.range(0, distances.length)
              .filter(i -> distances[i] <= farthest || Ties.tie(farthest, distances[i]))
              .boxed()
              .sorted(Comparator.comparingDouble(i -> distances[i]))
              .mapToInt(i -> i)
              .toArray();
      NearestFirst nearest = new NearestFirst(k);
      double level = 0;
      for (int c = 0; c < candidates.length; c++) {
        double distance = distances[candidates[c]];
        if (c == 0 || !Ties.tie(distances[candidates[c - 1]], distance)) {
          level = distance;
        }
        nearest.offer(candidates[c], level);
      }
      return nearest;
    }

    NearestFirst(int k) {
      this.indices = new int[k];
      this.distances = new double[k];
    }

    void offer(int index, double distance) {
      if (isFull() && !isBefore(index, distance, size - 1)) {
        return;
      }
      int place = isFull() ? size - 1 : size++;
      while (place > 0 && isBefore(index, distance, place - 1)) {
        distances[place] = distances[place - 1];
        indices[place] = indices[place - 1];
        place--;
      }
      distances[place] = distance;
      indices[place] = index;
    }

    private boolean isBefore(int index, double distance, int place) {
      return distance < distances[place]
          || (distance == distances[place] && index < indices[place]);
    }

    boolean isFull() {
      return size == indices.length;
    }

    /** The distance of the last one that was kept. */
    double farthest() {
      return distances[size - 1];
    }

    int[] indices() {
      return indices;
    }

    double[] distances() {
      return distances;
    }
  }
}
