package org.palimpsest.core.comparison;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.engine.Block;
import org.palimpsest.core.internal.engine.FailureOf;
import org.palimpsest.core.internal.engine.PreparedStore;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.LayerMatrices;

/**
 * A network's layers, each prepared at most once for each grid and each kind of preparation,
 * however many comparisons ask for it. All that was prepared is held in memory, or as much of it as
 * {@link Comparison#withMemory} allows. For one thread.
 *
 * <p>Where one network is compared with many, it saves preparing that one anew each time:
 *
 * <pre>{@code
 * Comparison comparison = Comparison.by(Cka.linear());
 * PreparedLayers source = comparison.prepare(sourceActivations);
 * for (ActivationSet other : others) {
 *   ComparisonResult result = comparison.compare(source, comparison.prepare(other));
 * }
 * }</pre>
 */
public final class PreparedLayers {

  private static final AtomicLong NUMBER = new AtomicLong();

  private final LayerMatrices matrices;
  private final PreparedStore store;

  /** What the network is called in the store, where another may have the same name. */
  private final String network;

  private final Map<String, Grid> grids = new LinkedHashMap<>();

  private PreparedLayers(LayerMatrices matrices, PreparedStore store) {
    this.matrices = matrices;
    this.store = store;
    this.network = NUMBER.incrementAndGet() + " " + matrices.name();
  }

  static PreparedLayers all(LayerMatrices matrices, PreparedStore store) {
    PreparedLayers layers = new PreparedLayers(matrices, store);
    layers.findGrids(
        misfit -> {
          throw misfit;
        });
    return layers;
  }

  static PreparedLayers fitting(
      LayerMatrices matrices, PreparedStore store, Consumer<String> leftOut) {
    PreparedLayers layers = new PreparedLayers(matrices, store);
    List<PalimpsestException> misfits = new ArrayList<>();
    layers.findGrids(misfits::add);
    if (layers.grids.isEmpty()) {
      throw misfits.get(0);
    }
    misfits.forEach(misfit -> leftOut.accept(String.valueOf(misfit.getMessage())));
    return layers;
  }

  private void findGrids(Consumer<PalimpsestException> misfits) {
    long samplesOfFirst = 0;
    for (String layer : matrices.layers()) {
      long[] shape = shape(layer);
      try {
        Grid grid = matrices.grid(layer);
        if (grids.isEmpty()) {
          samplesOfFirst = shape[0];
        }
        requireSamples(layer, shape[0], samplesOfFirst);
        grids.put(layer, grid);
      } catch (PalimpsestException misfit) {
        misfits.accept(FailureOf.network(matrices, layer, misfit));
      }
    }
  }

  private long[] shape(String layer) {
    try {
      return matrices.shape(layer);
    } catch (PalimpsestException unreadable) {
      throw FailureOf.network(matrices, layer, unreadable);
    }
  }

  /** Other arrays than activations may lie in a file, such as weights. */
  private void requireSamples(String layer, long samples, long samplesOfFirst) {
    if (samples != samplesOfFirst) {
      throw new PalimpsestException(
          "Layer '%s' of %s has %s samples and '%s' has %s: they are no answers to the same probes. Choose layers that are."
              .formatted(layer, matrices.name(), samples, layers().get(0), samplesOfFirst));
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

  Meeting.Side side() {
    return new Meeting.Side(matrices.name(), grids);
  }

  /**
   * Prepares one layer on some grids in every way asked for, reading its activations once. What
   * cannot be prepared is told by the comparisons that ask for it.
   */
  void prepare(String layer, Set<Grid> wanted, List<? extends Preparation<?>> preparations) {
    store.prepare(network, matrices, layer, wanted, preparations);
  }

  Block.Source source(String layer, Grid grid, Preparation<?> preparation) {
    return new Block.Source(store, key(layer, grid, preparation));
  }

  /** What a layer that was prepared takes. */
  long bytes(String layer, Grid grid, Preparation<?> preparation) {
    return store.bytes(key(layer, grid, preparation));
  }

  private PreparedStore.Key key(String layer, Grid grid, Preparation<?> preparation) {
    return new PreparedStore.Key(network, layer, grid, preparation);
  }
}
