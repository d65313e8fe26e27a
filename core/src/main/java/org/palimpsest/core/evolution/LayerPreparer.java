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
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.core.representation.Representation;

/** Runs a checkpoint and prepares its layers in every way that will be asked for. */
final class LayerPreparer {

  private final Study study;
  private final Networks networks;
  private final PreparedStore store;
  private final OffHeapGarbage garbage;
  private final List<? extends Preparation<?>> preparations;
  private final Map<PreparedStore.Key, String> failures = new LinkedHashMap<>();
  private final Map<String, List<String>> cautions = new HashMap<>();

  LayerPreparer(Study study, Networks networks, PreparedStore store, OffHeapGarbage garbage) {
    this.study = study;
    this.networks = networks;
    this.store = store;
    this.garbage = garbage;
    this.preparations =
        study.measures().stream().map(LayerPreparer::preparationOf).distinct().toList();
  }

  private static Preparation<?> preparationOf(Measure<?> measure) {
    return measure.preparation();
  }

  /**
   * Runs a checkpoint of unknown layers and prepares them on their own grids, and on each other's
   * if they will be compared with one another.
   */
  Structure explore(String hash, Checkpoint checkpoint, boolean acrossLayers) {
    ActivationSet activations = capture(hash, checkpoint);
    Structure structure = structureOf(activations);
    prepare(
        hash,
        activations,
        layer -> acrossLayers ? coarserGrids(structure, layer) : Set.of(structure.grid(layer)));
    return structure;
  }

  /** Runs a checkpoint and prepares some layers on some grids. */
  void prepare(String hash, Checkpoint checkpoint, Map<String, Set<Grid>> wanted) {
    ActivationSet activations = capture(hash, checkpoint);
    prepare(hash, activations, layer -> wanted.getOrDefault(layer, Set.of()));
  }

  /** Why a layer could not be prepared, if it was tried. */
  Map<PreparedStore.Key, String> failures() {
    return failures;
  }

  /** What should be known of the answers of a network that was run. */
  List<String> cautions(String hash) {
    return cautions.getOrDefault(hash, List.of());
  }

  private ActivationSet capture(String hash, Checkpoint checkpoint) {
    try (ActivationSource network = networks.open(checkpoint)) {
      ActivationSet activations =
          network.capture(study.probes(), study.layers(), Progress.silent());
      cautions.put(hash, activations.provenance().cautions());
      return activations;
    } finally {
      networks.requireUnchanged(checkpoint, hash);
    }
  }

  private Structure structureOf(ActivationSet activations) {
    Map<String, Grid> grids = new LinkedHashMap<>();
    for (String layer : activations.layers()) {
      grids.put(layer, gridOf(activations.get(layer)));
    }
    return new Structure(grids);
  }

  /** A layer of unknown positions fails by itself when it is prepared; the others go on. */
  private Grid gridOf(Activations activations) {
    try {
      return study.featureMaps().gridOf(activations);
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

  private void prepare(String hash, ActivationSet activations, Function<String, Set<Grid>> grids) {
    for (String layer : activations.layers()) {
      Activations answers = activations.get(layer);
      for (Grid grid : grids.apply(layer)) {
        prepare(hash, answers, grid);
      }
      garbage.leave(bytesOf(answers));
    }
  }

  private static long bytesOf(Activations activations) {
    return activations.values().length() * activations.values().dataType().width();
  }

  private void prepare(String hash, Activations activations, Grid grid) {
    List<PreparedStore.Key> missing =
        preparations.stream()
            .map(p -> new PreparedStore.Key(hash, activations.layer(), grid, p))
            .filter(key -> !store.contains(key) && !failures.containsKey(key))
            .toList();
    if (missing.isEmpty()) {
      return;
    }
    try {
      Representation representation = study.featureMaps().represent(activations, grid);
      missing.forEach(key -> prepare(key, representation));
      garbage.leave(representation.samples() * representation.features() * Float.BYTES);
    } catch (PalimpsestException failure) {
      missing.forEach(key -> failures.put(key, String.valueOf(failure.getMessage())));
    }
  }

  private void prepare(PreparedStore.Key key, Representation representation) {
    try {
      store.put(key, key.preparation().prepare(representation));
    } catch (PalimpsestException failure) {
      failures.put(key, String.valueOf(failure.getMessage()));
    }
  }
}
