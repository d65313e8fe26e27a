package org.palimpsest.core.comparison;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.Representation;

/**
 * A network's layers, each prepared at most once for each grid and each kind of preparation,
 * however many comparisons ask for it.
 */
public final class PreparedLayers {

  private record Key(String layer, Grid grid, Preparation<?> preparation) {}

  private final LayerMatrices matrices;
  private final Map<Key, Prepared> prepared = new LinkedHashMap<>();
  private final Map<String, Grid> grids = new LinkedHashMap<>();

  private PreparedLayers(LayerMatrices matrices) {
    this.matrices = matrices;
  }

  static PreparedLayers all(LayerMatrices matrices) {
    PreparedLayers layers = new PreparedLayers(matrices);
    layers.findGrids(
        misfit -> {
          throw misfit;
        });
    return layers;
  }

  static PreparedLayers fitting(LayerMatrices matrices, Consumer<String> leftOut) {
    PreparedLayers layers = new PreparedLayers(matrices);
    List<PalimpsestException> misfits = new ArrayList<>();
    layers.findGrids(misfits::add);
    if (layers.grids.isEmpty()) {
      throw misfits.get(0);
    }
    misfits.forEach(misfit -> leftOut.accept(String.valueOf(misfit.getMessage())));
    return layers;
  }

  private void findGrids(Consumer<PalimpsestException> misfits) {
    for (String layer : matrices.layers()) {
      long[] shape = matrices.shape(layer);
      try {
        grids.put(layer, matrices.featureMaps().gridOf(layer, shape));
      } catch (PalimpsestException misfit) {
        misfits.accept(misfit);
      }
    }
  }

  /** What they are prepared from. */
  public LayerMatrices matrices() {
    return matrices;
  }

  /** Those that can be compared, in the order in which they ran. */
  public List<String> layers() {
    return List.copyOf(grids.keySet());
  }

  Grid grid(String layer) {
    return Objects.requireNonNull(grids.get(layer), layer);
  }

  /** Prepares one layer on some grids in every way asked for, reading its activations once. */
  void prepare(String layer, Set<Grid> wanted, List<? extends Preparation<?>> preparations) {
    List<Grid> missing =
        wanted.stream()
            .filter(
                grid ->
                    !preparations.stream()
                        .allMatch(p -> prepared.containsKey(new Key(layer, grid, p))))
            .toList();
    if (missing.isEmpty()) {
      return;
    }
    matrices.onEach(
        layer, missing, (grid, representation) -> prepare(grid, representation, preparations));
  }

  private void prepare(
      Grid grid, Representation representation, List<? extends Preparation<?>> preparations) {
    for (Preparation<?> preparation : preparations) {
      Key key = new Key(representation.layer(), grid, preparation);
      if (!prepared.containsKey(key)) {
        prepared.put(key, preparation.prepare(representation));
      }
    }
  }

  @SuppressWarnings("unchecked") // a key's value was made by the key's own preparation
  <P extends Prepared> P get(String layer, Grid grid, Preparation<P> preparation) {
    return (P)
        prepared.computeIfAbsent(
            new Key(layer, grid, preparation),
            key -> preparation.prepare(matrices.get(layer, grid)));
  }
}
