package org.palimpsest.core.representation;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.probe.Fingerprint;

/**
 * The layers of one network as matrices, made by one rule: what the engine compares. Matrices are
 * made or read when they are asked for, so that not all layers are in memory at once.
 *
 * <p>{@link #of} makes them of activations; {@link ReducedLayers} holds those that a network made
 * while it ran; a {@link Region} narrows others to a part of the image.
 */
public interface LayerMatrices {

  /** What to call the network in a table or a picture, such as the name of its file. */
  String name();

  /** Where the network came from. */
  Provenance provenance();

  /** The fingerprint of the probes, or that it is unknown. */
  Fingerprint probes();

  /** How many probes the network was shown. */
  long samples();

  /** The layers' paths, in the order in which they ran. */
  List<String> layers();

  /**
   * The grid on which a layer would be compared to others of the same grid.
   *
   * @throws org.palimpsest.core.PalimpsestException if its shape does not fit the rule
   */
  default Grid grid(String layer) {
    return featureMaps().gridOf(layer, shape(layer));
  }

  /** The shape of a layer's activations; may read them from a file. */
  long[] shape(String layer);

  /** How activations become matrices. */
  FeatureMaps featureMaps();

  /** The part of the image to which positions are narrowed, if they are. */
  default Optional<Region> region() {
    return Optional.empty();
  }

  /** How they do so on a grid, for people. */
  default String describe(Grid grid) {
    return featureMaps().view(grid).describe();
  }

  /**
   * One layer's matrix on a grid; may be read from a file, or made now.
   *
   * @throws org.palimpsest.core.PalimpsestException if a value is not finite, or the grid does not
   *     fit
   */
  Representation get(String layer, Grid grid);

  /**
   * One layer's matrices on several grids, one after the other. What they are made of is read once,
   * where reading costs.
   *
   * @param use is handed each grid with the layer's matrix on it
   * @throws org.palimpsest.core.PalimpsestException as {@link #get}
   */
  default void onEach(
      String layer, Collection<Grid> grids, BiConsumer<? super Grid, ? super Representation> use) {
    grids.forEach(grid -> use.accept(grid, get(layer, grid)));
  }

  /**
   * Makes sure that files of which it was read, or is still to be read, are as they were.
   *
   * @throws org.palimpsest.core.PalimpsestException if one changed
   */
  default void requireUnchanged() {}

  /** Matrices that are made of activations whenever they are asked for. */
  static LayerMatrices of(ActivationSet activations, FeatureMaps featureMaps) {
    return featureMaps.matrices(activations);
  }
}
