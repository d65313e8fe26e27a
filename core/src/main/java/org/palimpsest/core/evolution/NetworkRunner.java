package org.palimpsest.core.evolution;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.engine.OffHeapGarbage;
import org.palimpsest.core.engine.PreparedStore;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.MatrixRequest;
import org.palimpsest.core.representation.ReducedLayers;
import org.palimpsest.core.representation.ReducingSource;

/** Runs a checkpoint and prepares its layers in every way that will be asked for. */
final class NetworkRunner {

  private final Study study;
  private final Networks networks;
  private final PreparedStore store;
  private final OffHeapGarbage garbage;
  private final List<? extends Preparation<?>> preparations;
  private final Map<String, List<String>> cautions = new HashMap<>();

  NetworkRunner(Study study, Networks networks, PreparedStore store, OffHeapGarbage garbage) {
    this.study = study;
    this.networks = networks;
    this.store = store;
    this.garbage = garbage;
    this.preparations =
        study.measures().stream().map(NetworkRunner::preparationOf).distinct().toList();
  }

  private static Preparation<?> preparationOf(Measure<?> measure) {
    return measure.preparation();
  }

  /**
   * Runs a checkpoint of unknown layers and prepares them on their own grids, and on each other's
   * if they will be compared with one another.
   */
  Structure explore(String hash, Checkpoint checkpoint, boolean acrossLayers) {
    return run(
        hash,
        checkpoint,
        structure ->
            layer -> acrossLayers ? coarserGrids(structure, layer) : Set.of(structure.grid(layer)));
  }

  /** Runs a checkpoint and prepares some layers on some grids. */
  void prepare(String hash, Checkpoint checkpoint, Map<String, Set<Grid>> wanted) {
    run(hash, checkpoint, structure -> layer -> wanted.getOrDefault(layer, Set.of()));
  }

  /** What should be known of the answers of a network that was run. */
  List<String> cautions(String hash) {
    return cautions.getOrDefault(hash, List.of());
  }

  /**
   * @param wanted knowing the structure, on which grids each layer is wanted
   */
  private Structure run(
      String hash, Checkpoint checkpoint, Function<Structure, Function<String, Set<Grid>>> wanted) {
    LayerMatrices matrices;
    long held = 0;
    try (ActivationSource network = networks.open(checkpoint)) {
      if (network instanceof ReducingSource reducing && study.featureMaps().areReduced()) {
        matrices = reduced(reducing, wanted);
      } else {
        ActivationSet whole = network.capture(study.probes(), study.layers(), Progress.silent());
        held = bytesOf(whole);
        matrices = LayerMatrices.of(whole, study.featureMaps());
      }
    } finally {
      networks.requireUnchanged(checkpoint, hash);
    }
    cautions.put(hash, matrices.provenance().cautions());
    Structure structure = structureOf(matrices);
    for (String layer : matrices.layers()) {
      store.prepare(hash, matrices, layer, wanted.apply(structure).apply(layer), preparations);
    }
    garbage.leave(held);
    return structure;
  }

  private static long bytesOf(ActivationSet activations) {
    return activations.layers().stream()
        .map(layer -> activations.get(layer).values())
        .mapToLong(values -> values.length() * values.dataType().width())
        .sum();
  }

  private LayerMatrices reduced(
      ReducingSource network, Function<Structure, Function<String, Set<Grid>>> wanted) {
    Map<String, long[]> shapes = network.shapes(study.probes(), study.layers());
    Map<String, Grid> fitting = ReducedLayers.grids(study.featureMaps(), shapes);
    Map<String, Grid> all = new LinkedHashMap<>();
    shapes.keySet().forEach(layer -> all.put(layer, fitting.getOrDefault(layer, Grid.point())));
    Function<String, Set<Grid>> grids = wanted.apply(new Structure(all));
    Map<String, Set<Grid>> requested = new LinkedHashMap<>();
    fitting.keySet().forEach(layer -> requested.put(layer, grids.apply(layer)));
    return ReducedLayers.capture(
        network,
        study.probes(),
        new MatrixRequest(study.layers(), study.featureMaps(), requested),
        shapes,
        Progress.silent());
  }

  private static Structure structureOf(LayerMatrices matrices) {
    Map<String, Grid> grids = new LinkedHashMap<>();
    for (String layer : matrices.layers()) {
      grids.put(layer, gridOf(matrices, layer));
    }
    return new Structure(grids);
  }

  /** A layer of unknown positions fails by itself when it is prepared; the others go on. */
  private static Grid gridOf(LayerMatrices matrices, String layer) {
    try {
      return matrices.grid(layer);
    } catch (PalimpsestException unknownPositions) {
      return Grid.point();
    }
  }

  private static Set<Grid> coarserGrids(Structure structure, String layer) {
    Set<Grid> grids = new LinkedHashSet<>();
    for (Grid other : structure.grids().values()) {
      grids.add(structure.grid(layer).commonWith(other));
    }
    return grids;
  }
}
