package org.palimpsest.core.evolution;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Version;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.evolution.StudyJournal.LayerGrids;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.evolution.StudyWorkers.LayerTask;
import org.palimpsest.core.evolution.StudyWorkers.NetworkRun;
import org.palimpsest.core.evolution.StudyWorkers.NetworkTask;
import org.palimpsest.core.evolution.StudyWorkers.UnreadWeights;
import org.palimpsest.core.evolution.StudyWorkers.WeightTask;
import org.palimpsest.core.evolution.StudyWorkers.WeightsFound;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.evolution.TrainingRun.CheckpointOpener;
import org.palimpsest.core.internal.engine.Block;
import org.palimpsest.core.internal.engine.OffHeapGarbage;
import org.palimpsest.core.internal.engine.PreparedStore;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Interval.ScoreIntervals;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Prepared.PreparedShelf;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;
import org.palimpsest.core.weights.Weights;

/**
 * Does single tasks of a study, one by one: for {@link StudyWorkers} elsewhere, each of whom has a
 * bench of the same study and finds the layers of others on the same shelf.
 *
 * <p>Safe to use from several threads.
 */
public final class StudyWorkbench {

  /** Of what layers may take in memory, what one network may give for the next to run meanwhile. */
  private static final int OF_BOUND_AHEAD = 8;

  private final Questions asked;
  private final Tools tools;
  private final PreparedStore store;
  private final OffHeapGarbage garbage;
  private final List<? extends Preparation<?>> preparations;
  private final Map<String, Measure<?>> measures = new LinkedHashMap<>();
  private final WeightReader weights;

  /**
   * What is asked of each network of a study, whichever its networks are.
   *
   * @param probes what every network is shown
   * @param layers which layers are compared
   * @param featureMaps how feature maps become matrices
   * @param measures by what representations are compared
   */
  public record Questions(
      Probes probes, LayerSelector layers, FeatureMaps featureMaps, List<Measure<?>> measures) {

    public Questions {
      measures = List.copyOf(measures);
    }

    /** Those of a asked. */
    public static Questions of(Study study) {
      return new Questions(study.probes(), study.layers(), study.featureMaps(), study.measures());
    }
  }

  /**
   * What a bench works with.
   *
   * @param networks opens checkpoints
   * @param intervals gives scores their intervals over probes, if they are to have any
   * @param weightComparisons by what weights are compared
   * @param boundOfLayers the most bytes that prepared layers may take in memory
   * @param boundOfWeights the most bytes that weights may take in memory
   */
  public record Tools(
      CheckpointOpener networks,
      Optional<ScoreIntervals> intervals,
      List<WeightComparison> weightComparisons,
      long boundOfLayers,
      long boundOfWeights) {

    static Tools of(TrackerSettings settings) {
      return new Tools(
          settings.networks(),
          settings.intervals(),
          settings.weightComparisons(),
          settings.boundOfLayers(),
          settings.boundOfWeights());
    }
  }

  StudyWorkbench(Questions asked, Tools tools, PreparedStore store, OffHeapGarbage garbage) {
    this.asked = asked;
    this.tools = tools;
    this.store = store;
    this.garbage = garbage;
    this.preparations =
        asked.measures().stream().map(StudyWorkbench::preparationOf).distinct().toList();
    asked.measures().forEach(measure -> measures.put(measure.name(), measure));
    this.weights = new WeightReader(tools, garbage);
  }

  /**
   * A bench that shares prepared layers with others.
   *
   * @param asked what is to be found out; those who share must ask the same
   * @param tools what it works with
   * @param shelf where prepared layers lie
   */
  public static StudyWorkbench sharing(Questions asked, Tools tools, PreparedShelf shelf) {
    OffHeapGarbage garbage = OffHeapGarbage.within(tools.boundOfLayers() + tools.boundOfWeights());
    PreparedStore store =
        PreparedStore.sharing(tools.boundOfLayers(), shelf, key -> name(asked, key), garbage);
    return new StudyWorkbench(asked, tools, store, garbage);
  }

  /** What decides a prepared layer; measures of equal preparations share it under the first. */
  private static String name(Questions asked, PreparedStore.Key key) {
    String measure =
        asked.measures().stream()
            .filter(one -> one.preparation().equals(key.preparation()))
            .map(Measure::name)
            .findFirst()
            .orElseThrow();
    return String.join(
        "|",
        Version.current(),
        asked.probes().fingerprint().value(),
        asked.featureMaps().toString(),
        key.network(),
        key.layer(),
        key.grid().toString(),
        measure);
  }

  private static Preparation<?> preparationOf(Measure<?> measure) {
    return measure.preparation();
  }

  /** As {@link StudyWorkers#isPrepared}. */
  public boolean isPrepared(String hash, String layer, Grid grid, Measure<?> measure) {
    return store.isSettled(new PreparedStore.Key(hash, layer, grid, measure.preparation()));
  }

  /**
   * Runs a network and prepares its layers in every way that the study's measures ask for.
   *
   * @throws PalimpsestException if it cannot be read or run, or changed since its hash was taken
   */
  public NetworkRun run(NetworkTask task) {
    return prepare(capture(task));
  }

  /**
   * What a network gave, of which nothing is prepared yet.
   *
   * @param task asked for it
   * @param matrices its layers
   * @param bytes that they take, or more
   * @param garbage bytes that nobody holds when they are prepared
   */
  record Captured(NetworkTask task, LayerMatrices matrices, long bytes, long garbage) {}

  /**
   * Runs a network.
   *
   * @throws PalimpsestException as {@link #run}
   */
  Captured capture(NetworkTask task) {
    try (ActivationSource network = tools.networks().open(task.checkpoint())) {
      if (network instanceof ReducingSource reducing && asked.featureMaps().areReduced()) {
        return reduced(reducing, task);
      }
      ActivationSet whole = network.capture(asked.probes(), asked.layers(), Progress.silent());
      long bytes = bytesOf(whole);
      return new Captured(task, LayerMatrices.of(whole, asked.featureMaps()), bytes, bytes);
    } finally {
      tools.networks().requireUnchanged(task.checkpoint(), task.hash());
    }
  }

  /** Prepares a network's layers, as {@link #run} does. */
  NetworkRun prepare(Captured network) {
    NetworkTask task = network.task();
    LayerMatrices matrices = network.matrices();
    LayerGrids structure = structureOf(matrices);
    for (String layer : matrices.layers()) {
      store.prepare(task.hash(), matrices, layer, wanted(task, structure, layer), preparations);
    }
    garbage.leave(network.garbage());
    return new NetworkRun(structure, matrices.provenance().cautions());
  }

  /** Whether as much again can be held meanwhile. */
  boolean hasRoomBeside(Captured network) {
    return network.bytes() <= tools.boundOfLayers() / OF_BOUND_AHEAD;
  }

  private static Set<Grid> wanted(NetworkTask task, LayerGrids structure, String layer) {
    if (task.wanted().isPresent()) {
      return task.wanted().get().getOrDefault(layer, Set.of());
    }
    return task.acrossLayers() ? coarserGrids(structure, layer) : Set.of(structure.grid(layer));
  }

  private static long bytesOf(ActivationSet activations) {
    return activations.layers().stream()
        .map(layer -> activations.get(layer).values())
        .mapToLong(values -> values.length() * values.dataType().width())
        .sum();
  }

  private Captured reduced(ReducingSource network, NetworkTask task) {
    Map<String, long[]> shapes = network.shapes(asked.probes(), asked.layers());
    Map<String, Grid> fitting = LayerMatrices.grids(asked.featureMaps(), shapes);
    Map<String, Grid> all = new LinkedHashMap<>();
    shapes.keySet().forEach(layer -> all.put(layer, fitting.getOrDefault(layer, Grid.point())));
    LayerGrids structure = new LayerGrids(all);
    Map<String, Set<Grid>> requested = new LinkedHashMap<>();
    fitting.keySet().forEach(layer -> requested.put(layer, wanted(task, structure, layer)));
    LayerMatrices matrices =
        LayerMatrices.capture(
            network,
            asked.probes(),
            new MatrixRequest(asked.layers(), asked.featureMaps(), requested),
            shapes,
            Progress.silent());
    long unreduced =
        shapes.values().stream()
            .mapToLong(shape -> Arrays.stream(shape).reduce(Double.BYTES, (a, b) -> a * b))
            .sum();
    return new Captured(task, matrices, unreduced, 0);
  }

  private static LayerGrids structureOf(LayerMatrices matrices) {
    Map<String, Grid> grids = new LinkedHashMap<>();
    for (String layer : matrices.layers()) {
      grids.put(layer, gridOf(matrices, layer));
    }
    return new LayerGrids(grids);
  }

  /** A layer of unknown positions fails by itself when it is prepared; the others go on. */
  private static Grid gridOf(LayerMatrices matrices, String layer) {
    try {
      return matrices.grid(layer);
    } catch (PalimpsestException unknownPositions) {
      return Grid.point();
    }
  }

  private static Set<Grid> coarserGrids(LayerGrids structure, String layer) {
    Set<Grid> grids = new LinkedHashSet<>();
    for (Grid other : structure.grids().values()) {
      grids.add(structure.grid(layer).commonWith(other));
    }
    return grids;
  }

  /**
   * Compares two layers that are prepared.
   *
   * @param task both layers were prepared on this grid, by this bench or by another of the same
   *     shelf
   * @return the measurement, or why there is none, such as of a layer that is constant
   */
  public Outcome compare(LayerTask task) {
    try {
      return Measurement.of(block(task).compare(tools.intervals()).get(0).get(0));
    } catch (PalimpsestException failure) {
      return new Outcome.Failure(String.valueOf(failure.getMessage()));
    }
  }

  /** What the engine is asked for. */
  Block<?> block(LayerTask task) {
    Measure<?> measure = measures.get(task.key().measure());
    if (measure == null) {
      throw new PalimpsestException(
          "The study does not ask for %s.".formatted(task.key().measure()));
    }
    return block(task, measure);
  }

  private <P extends Prepared> Block<P> block(LayerTask task, Measure<P> by) {
    Measurement.Key key = task.key();
    return Block.pair(
        by,
        source(key.hashA(), key.layerA(), task.grid(), by),
        source(key.hashB(), key.layerB(), task.grid(), by));
  }

  private Block.Source source(String hash, String layer, Grid grid, Measure<?> by) {
    return new Block.Source(store, new PreparedStore.Key(hash, layer, grid, by.preparation()));
  }

  /** Compares the weights of two checkpoints. */
  public WeightsFound compare(WeightTask task) {
    WeightComparison comparison =
        tools.weightComparisons().stream()
            .filter(one -> one.name().equals(task.comparison()))
            .findFirst()
            .orElseThrow();
    List<UnreadWeights> unread = new ArrayList<>();
    Optional<Weights> a = weights.read(task.hashA(), task.a(), unread);
    Optional<Weights> b = weights.read(task.hashB(), task.b(), unread);
    if (a.isEmpty() || b.isEmpty()) {
      return new WeightsFound.Unread(List.copyOf(unread));
    }
    Weights first = tools.networks().namedLike(a.get(), b.get());
    Weights second = tools.networks().namedLike(b.get(), first);
    try {
      return new WeightsFound.Made(comparison.compare(first, second));
    } catch (PalimpsestException failure) {
      return new WeightsFound.Impossible(String.valueOf(failure.getMessage()));
    }
  }

  /** Of weights that were read some are kept, since neighbouring pairs share them. */
  private static final class WeightReader {

    private final Tools tools;
    private final OffHeapGarbage garbage;
    private final Map<String, Weights> lastRead = new LinkedHashMap<>(16, 0.75f, true);
    private long bytesHeld;

    WeightReader(Tools tools, OffHeapGarbage garbage) {
      this.tools = tools;
      this.garbage = garbage;
    }

    /** Weights, or nothing if they cannot be read, which is then told. */
    synchronized Optional<Weights> read(
        String hash, Checkpoint checkpoint, List<UnreadWeights> unread) {
      try {
        return Optional.of(readOnce(hash, checkpoint));
      } catch (PalimpsestException failure) {
        unread.add(reasonOf(failure, hash, checkpoint));
        return Optional.empty();
      }
    }

    private UnreadWeights reasonOf(
        PalimpsestException failure, String hash, Checkpoint checkpoint) {
      try {
        tools.networks().requireUnchanged(checkpoint, hash);
        return new UnreadWeights(hash, String.valueOf(failure.getMessage()), false);
      } catch (PalimpsestException change) {
        return new UnreadWeights(hash, String.valueOf(change.getMessage()), true);
      }
    }

    private Weights readOnce(String hash, Checkpoint checkpoint) {
      Weights known = lastRead.get(hash);
      if (known == null) {
        known = tools.networks().weights(checkpoint);
        tools.networks().requireUnchanged(checkpoint, hash);
        long bytes = bytesOf(known);
        Iterator<Weights> leastLately = lastRead.values().iterator();
        while (bytesHeld + bytes > tools.boundOfWeights() && leastLately.hasNext()) {
          long freed = bytesOf(leastLately.next());
          leastLately.remove();
          bytesHeld -= freed;
          garbage.leave(freed);
        }
        lastRead.put(hash, known);
        bytesHeld += bytes;
      }
      return known;
    }

    private static long bytesOf(Weights weights) {
      return weights.tensors().stream()
          .mapToLong(tensor -> tensor.values().length() * tensor.values().dataType().width())
          .sum();
    }
  }
}
