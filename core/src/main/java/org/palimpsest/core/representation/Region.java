package org.palimpsest.core.representation;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import java.util.function.DoublePredicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/**
 * A part of what probes show, such as an organ, to which a comparison of positions is narrowed.
 *
 * <p>A position of a layer lies within the region if at least one half of the area that it covers
 * does, the layer's grid being laid over the whole probe. Of each probe that has such positions as
 * many are taken, so that probes count alike: as many as the one with the fewest has, which of the
 * others are drawn by a seed. Probes without any are left out. All layers on one grid are narrowed
 * to the same positions, by whichever network.
 */
public final class Region {

  private static final double HALF = 0.5;
  private static final int BLOCK = 1 << 16;

  /** Sums of shares of areas are off by this at most. */
  private static final double ROUNDING = 1e-9;

  private final String source;
  private final INDArray masks;
  private final String name;
  private final DoublePredicate within;
  private final OptionalInt most;
  private final long seed;
  private final Map<Grid, Rows> known = new HashMap<>();

  private Region(
      String source,
      INDArray masks,
      String name,
      DoublePredicate within,
      OptionalInt most,
      long seed) {
    this.source = source;
    if (masks.rank() < 3) {
      throw new PalimpsestException(
          "Masks have the shape %s; one label for each pixel or voxel of each probe is needed, (n, h, w) or (n, d, h, w)."
              .formatted(Arrays.toString(masks.shape())));
    }
    this.masks = masks;
    this.name = name;
    this.within = within;
    this.most = most;
    this.seed = seed;
  }

  /**
   * What has this label.
   *
   * @param masks of the probes in their order, of the shape {@code (n, h, w)} or {@code (n, d, h,
   *     w)}; an axis of one channel may come second
   * @throws PalimpsestException if they are of another shape, or hold what is no integer from 0
   */
  public static Region ofLabel(INDArray masks, int label) {
    requireLabels(masks);
    return new Region("", masks, "label " + label, m -> m == label, OptionalInt.empty(), 0);
  }

  /**
   * What has any label but 0.
   *
   * @param masks as those of {@link #ofLabel}
   * @throws PalimpsestException as {@link #ofLabel}
   */
  public static Region foreground(INDArray masks) {
    requireLabels(masks);
    return new Region("", masks, "the foreground", m -> m > 0, OptionalInt.empty(), 0);
  }

  private static void requireLabels(INDArray masks) {
    TensorReader reader = TensorReader.of(masks);
    double[] block = new double[(int) Math.min(BLOCK, masks.length())];
    for (long from = 0; from < masks.length(); from += block.length) {
      int count = (int) Math.min(block.length, masks.length() - from);
      reader.read(from, block, count);
      for (int i = 0; i < count; i++) {
        if (!(block[i] >= 0) || block[i] != Math.rint(block[i]) || Double.isInfinite(block[i])) {
          throw new PalimpsestException(
              "Masks of the shape %s hold %s, which is no label: labels are integers from 0."
                  .formatted(Arrays.toString(masks.shape()), block[i]));
        }
      }
    }
  }

  /** The same with so many positions of each probe at most. */
  public Region withPositionsPerProbe(int count, long chosenBy) {
    if (count < 1) {
      throw new PalimpsestException(
          "At least 1 position of each probe is needed, not " + count + ".");
    }
    return new Region(source, masks, name, within, OptionalInt.of(count), chosenBy);
  }

  /** The same with another seed for what is drawn. */
  public Region withSeed(long chosenBy) {
    return new Region(source, masks, name, within, most, chosenBy);
  }

  /**
   * The same, whose errors name where the masks come from.
   *
   * @param file as the user calls it
   */
  public Region from(String file) {
    return new Region(file, masks, name, within, most, seed);
  }

  /** Whether both are the same places of the same masks, drawn alike, whatever these are called. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Region region
        && name.equals(region.name)
        && most.equals(region.most)
        && seed == region.seed
        && (masks == region.masks || haveEqualValues(masks, region.masks));
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, most, seed, Arrays.hashCode(masks.shape()));
  }

  private static boolean haveEqualValues(INDArray a, INDArray b) {
    boolean equal = Arrays.equals(a.shape(), b.shape());
    TensorReader ofA = TensorReader.of(a);
    TensorReader ofB = TensorReader.of(b);
    for (long from = 0; equal && from < a.length(); from += BLOCK) {
      double[] block = new double[(int) Math.min(BLOCK, a.length() - from)];
      double[] other = new double[block.length];
      ofA.read(from, block);
      ofB.read(from, other);
      equal = Arrays.equals(block, other);
    }
    return equal;
  }

  private PalimpsestException wrong(String message) {
    return new PalimpsestException(source.isEmpty() ? message : source + ": " + message);
  }

  /**
   * Layers narrowed to this region.
   *
   * @param layers with all positions as samples
   * @throws PalimpsestException if they are of another number of probes
   */
  public LayerMatrices of(LayerMatrices layers) {
    if (!layers.featureMaps().equals(FeatureMaps.positions())) {
      throw new PalimpsestException(
          "A region is of positions; of %s there are %s."
              .formatted(layers.name(), layers.featureMaps().describe()));
    }
    if (layers.samples() != masks.size(0)) {
      throw wrong(
          "There are masks %s for the %s probes of %s. Give one for each, in their order."
              .formatted(Arrays.toString(masks.shape()), layers.samples(), layers.name()));
    }
    return new RegionMatrices(layers, this);
  }

  /**
   * Which rows of a layer's matrix lie within it.
   *
   * @param probes the numbers of the probes that have any
   * @param positions of each of these probes as many, ascending
   */
  record Rows(List<Integer> probes, List<int[]> positions) {

    int perProbe() {
      return positions.get(0).length;
    }

    /** A short hash, by which rows of other places are told apart. */
    String digest() {
      int[][] places = new int[probes.size()][];
      for (int i = 0; i < places.length; i++) {
        places[i] =
            IntStream.concat(IntStream.of(probes.get(i)), IntStream.of(positions.get(i))).toArray();
      }
      return Fingerprint.of(Nd4j.createFromArray(places)).abbreviated();
    }
  }

  /** For people, such as {@code label 5, 12 of each of 7 probes}. */
  String describe(Grid grid) {
    Rows rows = rows(grid);
    return rows.probes.isEmpty()
        ? name + ", nowhere"
        : name + ", " + rows.perProbe() + " of each of " + rows.probes.size() + " probes";
  }

  /**
   * The rows on a grid, perhaps none.
   *
   * @throws PalimpsestException if the grid does not fit
   */
  synchronized Rows rows(Grid grid) {
    return known.computeIfAbsent(grid, this::found);
  }

  /**
   * The rows on a grid.
   *
   * @throws PalimpsestException if no position lies within, or the grid does not fit
   */
  Rows requireRows(Grid grid) {
    Rows rows = rows(grid);
    if (rows.probes.isEmpty()) {
      throw wrong(
          "No position of the grid %s lies within %s by one half or more. Leave layers of this grid out, or give probes that show more of it."
              .formatted(grid, name));
    }
    return rows;
  }

  private Rows found(Grid grid) {
    requireFitting(grid);
    int[][] all =
        LongStream.range(0, masks.size(0))
            .parallel()
            .mapToObj(probe -> positions(grid, probe))
            .toArray(int[][]::new);
    List<Integer> probes =
        IntStream.range(0, all.length).filter(i -> all[i].length > 0).boxed().toList();
    int least = probes.stream().mapToInt(i -> all[i].length).min().orElse(0);
    int each = Math.min(least, most.orElse(least));
    return new Rows(
        probes,
        probes.stream().map(i -> PositionSampler.drawn(all[i].clone(), each, seed, i)).toList());
  }

  /**
   * @throws PalimpsestException if a layer on this grid has no place in the masks
   */
  void requireFitting(Grid grid) {
    long[] extents = extents(grid);
    boolean fits = grid.extents().size() == extents.length;
    for (int axis = 0; fits && axis < extents.length; axis++) {
      fits = grid.extents().get(axis) <= extents[axis];
    }
    if (!fits) {
      throw wrong(
          "The grid %s has no place in masks of %s for each probe: a region is of layers with as many axes of positions as the masks have, none finer than these. Leave such layers out, or give one label for each pixel or voxel."
              .formatted(grid, Arrays.toString(extents)));
    }
  }

  /** Those of the masks of a probe, without an axis of one channel. */
  private long[] extents(Grid grid) {
    long[] all = Arrays.copyOfRange(masks.shape(), 1, masks.rank());
    boolean channel = all.length == grid.extents().size() + 1 && all[0] == 1;
    return channel ? Arrays.copyOfRange(all, 1, all.length) : all;
  }

  private int[] positions(Grid grid, long probe) {
    Grid own =
        Grid.of(Arrays.stream(extents(grid)).mapToObj(Math::toIntExact).toArray(Integer[]::new));
    double[] shares = new double[own.positions()];
    TensorReader.of(masks).read(probe * shares.length, shares);
    for (int i = 0; i < shares.length; i++) {
      shares[i] = within.test(shares[i]) ? 1 : 0;
    }
    double[] reduced = AreaAverage.between(name, own, grid).apply(shares);
    return IntStream.range(0, reduced.length).filter(i -> reduced[i] >= HALF - ROUNDING).toArray();
  }

  /** The rows of layers that lie within a region. */
  private record RegionMatrices(LayerMatrices whole, Region within) implements LayerMatrices {

    @Override
    public Optional<Region> region() {
      return Optional.of(within);
    }

    @Override
    public void requireUnchanged() {
      whole.requireUnchanged();
    }

    @Override
    public String name() {
      return whole.name();
    }

    @Override
    public Provenance provenance() {
      return whole.provenance();
    }

    @Override
    public Fingerprint probes() {
      return whole.probes();
    }

    @Override
    public long samples() {
      return whole.samples();
    }

    @Override
    public List<String> layers() {
      return whole.layers();
    }

    @Override
    public Grid grid(String layer) {
      Grid grid = whole.grid(layer);
      within.requireFitting(grid);
      return grid;
    }

    @Override
    public long[] shape(String layer) {
      return whole.shape(layer);
    }

    @Override
    public FeatureMaps featureMaps() {
      return whole.featureMaps();
    }

    @Override
    public String describe(Grid grid) {
      return whole.describe(grid) + " in " + within.describe(grid);
    }

    @Override
    public Representation get(String layer, Grid grid) {
      return narrowed(whole.get(layer, grid), grid);
    }

    @Override
    public void onEach(
        String layer,
        Collection<Grid> grids,
        BiConsumer<? super Grid, ? super Representation> use) {
      whole.onEach(layer, grids, (grid, all) -> use.accept(grid, narrowed(all, grid)));
    }

    private Representation narrowed(Representation all, Grid grid) {
      Region.Rows rows = within.requireRows(grid);
      int width = Math.toIntExact(all.features());
      long samples = (long) rows.probes().size() * rows.perProbe();
      TensorReader reader = TensorReader.of(all.matrix());
      TensorWriter writer = TensorWriter.create(reader.type(), samples, width);
      long to = 0;
      for (int i = 0; i < rows.probes().size(); i++) {
        long first = (long) rows.probes().get(i) * all.info().rowsPerProbe();
        for (int position : rows.positions().get(i)) {
          copy(reader, (first + position) * width, writer, to, width);
          to += width;
        }
      }
      Representation.Info info = all.info();
      return new Representation(
          new Representation.Info(
              info.layer(),
              samples,
              width,
              rows.perProbe(),
              info.probes(),
              "%s in %s (places %s)".formatted(info.view(), within.describe(grid), rows.digest())),
          writer.tensor());
    }

    private static void copy(TensorReader from, long at, TensorWriter to, long place, int width) {
      if (from.type() == DataType.FLOAT) {
        float[] row = new float[width];
        from.read(at, row);
        to.write(place, row, width);
      } else {
        double[] row = new double[width];
        from.read(at, row);
        to.write(place, row, width);
      }
    }
  }
}
