package org.palimpsest.core.representation;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.probe.Fingerprint;

/**
 * Turns feature maps into matrices, rows being samples and columns features.
 *
 * <p>It is a rule, to be used for all layers of both networks: rows of two layers belong together
 * only if one rule made both. Immutable.
 *
 * <pre>{@code
 * FeatureMaps rule = FeatureMaps.positions().withPositionsPerProbe(256, 7);
 * Representation layer = rule.represent(activations); // 256 rows for each probe
 * }</pre>
 *
 * @param mode what a sample is
 * @param positionsPerProbe with {@link Mode#POSITIONS}, how many positions of each probe are drawn;
 *     all if empty, or if a layer has fewer
 * @param seed decides which; layers on one grid get the same positions, whichever their network
 */
public record FeatureMaps(Mode mode, OptionalInt positionsPerProbe, long seed) {

  /**
   * @throws PalimpsestException if positions are to be drawn in another mode, or fewer than 1
   */
  public FeatureMaps {
    if (positionsPerProbe.isPresent() && mode != Mode.POSITIONS) {
      throw new PalimpsestException(
          "Positions can be drawn only where positions are the samples, not with '%s'."
              .formatted(mode));
    }
    if (positionsPerProbe.isPresent() && positionsPerProbe.getAsInt() < 1) {
      throw new PalimpsestException(
          "At least 1 position of each probe must be drawn, not "
              + positionsPerProbe.getAsInt()
              + ".");
    }
  }

  /** Positions as samples, all of them. */
  public static FeatureMaps positions() {
    return of(Mode.POSITIONS);
  }

  /** The average over positions. */
  public static FeatureMaps pool() {
    return of(Mode.POOL);
  }

  /** Each channel at each position as a feature of its own. */
  public static FeatureMaps flatten() {
    return of(Mode.FLATTEN);
  }

  /** The rule of this mode; where positions are samples, with every position. */
  public static FeatureMaps of(Mode mode) {
    return new FeatureMaps(mode, OptionalInt.empty(), 0);
  }

  /**
   * Draws that many positions of each probe, without replacement; others for each probe, the same
   * for all layers of a grid.
   *
   * @param count at least 1
   * @param seed decides which
   * @throws PalimpsestException if positions are not the samples, or the count is less than 1
   */
  public FeatureMaps withPositionsPerProbe(int count, long seed) {
    return new FeatureMaps(mode, OptionalInt.of(count), seed);
  }

  /** For people, such as {@code positions as samples, 256 of each probe drawn with seed 7}. */
  public String describe() {
    return switch (mode) {
      case POSITIONS -> "positions as samples" + drawn();
      case POOL -> "probes as samples, channels averaged over positions";
      case FLATTEN -> "probes as samples, each channel at each position a feature";
    };
  }

  private String drawn() {
    return positionsPerProbe.isPresent()
        ? ", " + positionsPerProbe.getAsInt() + " of each probe drawn with seed " + seed
        : "";
  }

  /**
   * The grid on which these activations would be compared to others of the same grid.
   *
   * @throws PalimpsestException if no positions are known for their rank and the mode needs them
   */
  public Grid gridOf(Activations activations) {
    return gridOf(activations.layer(), activations.values().shape());
  }

  /** As {@link #gridOf(Activations)}, of activations of which only the shape is known. */
  public Grid gridOf(String layer, long... shape) {
    return switch (mode) {
      case FLATTEN -> Grid.point();
      case POOL -> Grid.of(layer, shape).commonWith(Grid.point());
      case POSITIONS -> Grid.of(layer, shape);
    };
  }

  /**
   * Whether matrices hold less than activations, so that it pays to make them where a network runs.
   */
  public boolean areReduced() {
    return mode == Mode.POOL || positionsPerProbe.isPresent();
  }

  /**
   * The matrix of these activations on their own grid, in the type they have: float32 stays
   * float32. Takes one pass over the values, on all cores.
   *
   * @param activations as of {@link #represent(Activations, Grid)}
   * @throws PalimpsestException as {@link #represent(Activations, Grid)}
   */
  public Representation represent(Activations activations) {
    return represent(activations, gridOf(activations));
  }

  /**
   * The matrix of these activations after a reduction to the given grid by area averages.
   *
   * @param activations of shape {@code (n, p)}, {@code (n, c, h, w)} or {@code (n, c, d, h, w)};
   *     any shape with {@link Mode#FLATTEN}
   * @param grid no finer than their own along any axis; used only where positions are samples
   * @throws PalimpsestException if a value is not finite, or the grid does not fit
   */
  public Representation represent(Activations activations, Grid grid) {
    View view = view(grid);
    INDArray matrix = matrix(activations, grid, 0); // refuses a grid that does not fit
    return new Representation(
        new Representation.Info(
            activations.layer(),
            activations.samples() * view.rowsPerProbe(),
            layout(activations).channels(),
            view.rowsPerProbe(),
            activations.probes(),
            view.describe()),
        matrix);
  }

  /** The matrices of these layers, each made whenever it is asked for. */
  LayerMatrices matrices(ActivationSet activations) {
    return new MadeWhenAsked(activations, this);
  }

  /**
   * The matrix alone, of activations to some of many probes.
   *
   * @param firstProbe the number of the first of them
   */
  INDArray matrix(Activations activations, Grid grid, long firstProbe) {
    return MatrixBuilder.build(layout(activations), view(grid), firstProbe);
  }

  /**
   * The same of a single probe with each column's values one after the other in memory, which may
   * be that of the activations.
   *
   * @param probe its number among all
   */
  INDArray matrixFeaturesFirst(Activations activations, Grid grid, long probe) {
    return MatrixBuilder.featuresFirst(layout(activations), view(grid), probe);
  }

  View view(Grid grid) {
    return new View(this, mode == Mode.POSITIONS ? grid : Grid.point());
  }

  private Layout layout(Activations activations) {
    return mode == Mode.FLATTEN ? Layout.flattened(activations) : Layout.spatial(activations);
  }

  /** Matrices of activations that are made whenever they are asked for. */
  private record MadeWhenAsked(ActivationSet activations, FeatureMaps featureMaps)
      implements LayerMatrices {

    @Override
    public void requireUnchanged() {
      activations.requireUnchanged();
    }

    @Override
    public String name() {
      return activations.name();
    }

    @Override
    public Provenance provenance() {
      return activations.provenance();
    }

    @Override
    public Fingerprint probes() {
      return activations.probes();
    }

    @Override
    public long samples() {
      return activations.get(layers().get(0)).samples();
    }

    @Override
    public List<String> layers() {
      return activations.layers();
    }

    @Override
    public long[] shape(String layer) {
      return activations.get(layer).values().shape();
    }

    @Override
    public Representation get(String layer, Grid grid) {
      return featureMaps.represent(activations.get(layer), grid);
    }

    @Override
    public void onEach(
        String layer,
        Collection<Grid> grids,
        BiConsumer<? super Grid, ? super Representation> use) {
      Activations read = activations.get(layer);
      grids.forEach(grid -> use.accept(grid, featureMaps.represent(read, grid)));
    }
  }

  /**
   * How a feature map becomes a matrix, rows being samples and columns features.
   *
   * <p>Of activations of shape (n, c, h, w) to n probes: positions give n·h·w rows of c columns,
   * pooling n rows of c, flattening n rows of c·h·w. The choice decides what is asked. With
   * positions as samples, two layers are alike if they tell the same places apart; with pooling or
   * flattening, if they tell the same images apart. Layers of different grids can be compared by
   * the first two, of any shapes by the third. Positions of one image are not independent of each
   * other: intervals take images as units in every mode.
   */
  public enum Mode {
    /**
     * Every position of every probe is a sample, the channels are the features. Layers on different
     * grids meet on the coarser one, by averages of areas.
     */
    POSITIONS,
    /** Every probe is a sample, the channels' averages over all positions are the features. */
    POOL,
    /**
     * Every probe is a sample, each channel at each position is a feature. With few images and many
     * features most measures are near their best value for any two layers.
     */
    FLATTEN
  }

  /**
   * How a matrix was made of activations: a rule, and the grid on which it was used. Its
   * {@linkplain #describe description} stands beside each score, in tables and on every {@link
   * Representation.Info}, so that two numbers that were made differently are not taken for the same
   * thing.
   *
   * @param featureMaps the rule
   * @param grid the grid to which feature maps were reduced; a single point unless positions are
   *     samples
   */
  public record View(FeatureMaps featureMaps, Grid grid) {

    /** What {@link #describe} says of plain arrays, whose samples have no positions. */
    public static final String OF_PLAIN_ROWS = "positions 1";

    /**
     * How many rows each probe has: the number of positions, or of those that are drawn; 1 where
     * probes are the samples.
     */
    public int rowsPerProbe() {
      return featureMaps.positionsPerProbe().isPresent()
          ? Math.min(grid.positions(), featureMaps.positionsPerProbe().getAsInt())
          : grid.positions();
    }

    /** For people, such as {@code positions 64x64, 256 of 4096 per probe, seed 7}. */
    public String describe() {
      return switch (featureMaps.mode()) {
        case FLATTEN -> "flatten";
        case POOL -> "pool";
        case POSITIONS -> "positions " + grid + drawn();
      };
    }

    private String drawn() {
      return rowsPerProbe() == grid.positions()
          ? ""
          : String.format(
              Locale.ROOT,
              ", %d of %d per probe, seed %d",
              rowsPerProbe(),
              grid.positions(),
              featureMaps.seed());
    }
  }

  /**
   * The positions of a feature map.
   *
   * <p>Two layers whose grids differ are compared on a {@linkplain #commonWith common} one, to
   * which both are reduced by averages of areas; an area that cuts a position counts the share of
   * it. No layer is ever brought to a finer grid than its own. Equal extents make equal grids.
   *
   * @param extents their number along each spatial axis: {@code (h, w)} or {@code (d, h, w)}; empty
   *     for a layer without space
   */
  public record Grid(List<Integer> extents) {

    private static final Grid POINT = new Grid(List.of());

    public Grid {
      extents = List.copyOf(extents);
    }

    /** The grid of a layer without space: a single position. */
    public static Grid point() {
      return POINT;
    }

    /**
     * A grid of these extents, none for a single point.
     *
     * @param extents along each spatial axis, in the order of the tensor's axes; each at least 1
     */
    public static Grid of(Integer... extents) {
      return new Grid(Arrays.asList(extents));
    }

    /**
     * The grid on which a layer's activations lie: all axes after samples and channels.
     *
     * @throws PalimpsestException if the rank is not 2, 4 or 5
     */
    public static Grid of(Activations activations) {
      return of(activations.layer(), activations.values().shape());
    }

    /**
     * As {@link #of(Activations)}, of activations of which only the shape is known.
     *
     * @param layer the layer's path, for the message
     * @param shape {@code (n, p)}, {@code (n, c, h, w)} or {@code (n, c, d, h, w)}
     * @throws PalimpsestException if the rank is not 2, 4 or 5
     */
    public static Grid of(String layer, long... shape) {
      if (shape.length != 2 && shape.length != 4 && shape.length != 5) {
        throw new PalimpsestException(
            "Layer '%s' has the shape %s; positions are known for (n, p), (n, c, h, w) and (n, c, d, h, w). Only the feature map 'flatten' takes it."
                .formatted(layer, Arrays.toString(shape)));
      }
      return new Grid(
          Arrays.stream(shape).skip(2).mapToObj(Math::toIntExact).collect(Collectors.toList()));
    }

    /**
     * The number of positions, 1 for a layer without space: so many rows does a probe give where
     * positions are samples.
     *
     * @throws ArithmeticException if they are more than an int holds
     */
    public int positions() {
      return extents.stream().reduce(1, Math::multiplyExact);
    }

    /**
     * The finest grid to which both can be reduced: the smaller extent along each axis. With a
     * layer that has no space, a single position.
     *
     * <p>A grid of 64 × 64 and one of 32 × 48 have 32 × 48 in common; two equal ones have
     * themselves. The order of the two does not matter.
     *
     * @param other the grid of the other layer
     * @throws PalimpsestException if one is an image's and the other a volume's
     */
    public Grid commonWith(Grid other) {
      if (extents.isEmpty() || other.extents.isEmpty()) {
        return POINT;
      }
      if (extents.size() != other.extents.size()) {
        throw new PalimpsestException(
            "The grids %s and %s have no common one; use the feature map 'pool'."
                .formatted(this, other));
      }
      return new Grid(
          IntStream.range(0, extents.size())
              .mapToObj(axis -> Math.min(extents.get(axis), other.extents.get(axis)))
              .toList());
    }

    @Override
    public String toString() {
      return extents.isEmpty()
          ? "1"
          : extents.stream().map(String::valueOf).collect(Collectors.joining("x"));
    }
  }
}
