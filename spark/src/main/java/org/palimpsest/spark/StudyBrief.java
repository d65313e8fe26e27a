package org.palimpsest.spark;

import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.Backend;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.evolution.StudyWorkbench;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.evolution.TrainingRun.CheckpointOpener;
import org.palimpsest.core.measure.Interval.ScoreIntervals;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.RunLimits;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.evolution.WeightComparisons;
import org.palimpsest.similarity.uncertainty.Intervals;
import org.palimpsest.spark.Parcels.CheckpointParcel;

/**
 * All that a machine must know of a study to do single tasks of it.
 *
 * @param plugins jars in which measures and importers may lie
 * @param shared the folder that all machines see
 * @param probes the fingerprint of what every network is shown
 * @param measures names of measures, none where weights alone are compared
 * @param layers which layers are compared
 * @param maps how feature maps become matrices
 * @param intervals how intervals are made, if they are wanted
 * @param weights names of comparisons of weights
 * @param inProcess whether models run in the executor, not in a process of their own
 * @param boundOfLayers the most bytes that an executor's prepared layers may take
 * @param boundOfWeights the most bytes that an executor's weights may take
 */
record StudyBrief(
    PluginParcel plugins,
    String shared,
    String probes,
    List<String> measures,
    List<String> layers,
    MapsParcel maps,
    @Nullable IntervalsParcel intervals,
    List<String> weights,
    boolean inProcess,
    long boundOfLayers,
    long boundOfWeights)
    implements Serializable {

  /** {@link FeatureMaps}. */
  record MapsParcel(String mode, @Nullable Integer positionsPerProbe, long seed)
      implements Serializable {

    static MapsParcel of(FeatureMaps maps) {
      OptionalInt drawn = maps.positionsPerProbe();
      return new MapsParcel(
          maps.mode().name(), drawn.isPresent() ? drawn.getAsInt() : null, maps.seed());
    }

    FeatureMaps opened() {
      return new FeatureMaps(
          FeatureMaps.Mode.valueOf(mode),
          positionsPerProbe == null ? OptionalInt.empty() : OptionalInt.of(positionsPerProbe),
          seed);
    }
  }

  /** {@link Intervals}. */
  record IntervalsParcel(double level, int draws, long seed) implements Serializable {

    static IntervalsParcel of(Intervals made) {
      return new IntervalsParcel(made.level(), made.draws(), made.seed());
    }

    ScoreIntervals opened() {
      return Intervals.withDefaults().withLevel(level).withDraws(draws).withSeed(seed);
    }
  }

  List<Measure<?>> openedMeasures() {
    List<Measure<?>> opened = new ArrayList<>();
    measures.forEach(name -> opened.add(Measures.parse(name)));
    return opened;
  }

  StudyWorkbench.Questions questions(Probes shown) {
    return new StudyWorkbench.Questions(
        shown, LayerSelector.of(layers), maps.opened(), openedMeasures());
  }

  /** What a bench works with, given how checkpoints are opened. */
  StudyWorkbench.Tools tools(CheckpointOpener networks) {
    List<WeightComparison> comparisons = weights.stream().map(WeightComparisons::parse).toList();
    Optional<ScoreIntervals> made = Optional.ofNullable(intervals).map(IntervalsParcel::opened);
    return new StudyWorkbench.Tools(networks, made, comparisons, boundOfLayers, boundOfWeights);
  }

  /** What the file of probes in the shared folder is called. */
  String probesFile() {
    return "probes-" + probes + ".npy";
  }

  /**
   * The bench of one executor: it is set up with the first task of a study, and serves all others.
   */
  static final class ExecutorBench {

    private static final Map<StudyBrief, ExecutorBench> BENCHES = new ConcurrentHashMap<>();

    private final Map<String, NetworkOptions> said = new ConcurrentHashMap<>();
    private final StudyWorkbench bench;

    private ExecutorBench(StudyBrief brief) {
      brief.plugins().load();
      SharedFolder shared = SharedFolder.open(brief.shared());
      CheckpointFiles networks =
          (brief.inProcess()
                  ? CheckpointFiles.opening(
                      (file, told) -> Inputs.open(file, RunLimits.withDefaults(), told))
                  : CheckpointFiles.opening(
                      (file, told) -> Inputs.openIsolated(file, RunLimits.withDefaults(), told)))
              .saying(this::saidOf);
      this.bench =
          StudyWorkbench.sharing(
              brief.questions(probes(brief, shared)),
              brief.tools(networks),
              new SharedFolder.Shelf(shared, true));
    }

    /** That of a study; those of studies before it are given up. */
    static ExecutorBench of(StudyBrief brief) {
      BENCHES.keySet().removeIf(other -> !other.equals(brief));
      return BENCHES.computeIfAbsent(brief, ExecutorBench::new);
    }

    private static Probes probes(StudyBrief brief, SharedFolder shared) {
      if (brief.measures().isEmpty()) {
        return new KnownProbes(0, Fingerprint.unknown());
      }
      Backend.loadAhead();
      Path copy = TemporaryFolder.create().path().resolve("probes.npy");
      shared.read(brief.probesFile(), (in, bytes) -> Files.copy(in, copy));
      Probes probes = NpyProbes.open(copy);
      if (!probes.fingerprint().value().equals(brief.probes())) {
        throw new PalimpsestException(
            "The probes in %s are others than those of the study (%s, not %s). Remove the folder and begin anew."
                .formatted(shared, probes.fingerprint(), brief.probes()));
      }
      return probes;
    }

    private NetworkOptions saidOf(Checkpoint checkpoint) {
      return Objects.requireNonNull(said.get(checkpoint.location()), checkpoint.location());
    }

    /** The bench, which knows what is said of these checkpoints. */
    StudyWorkbench knowing(CheckpointParcel... checkpoints) {
      for (CheckpointParcel checkpoint : checkpoints) {
        said.put(checkpoint.location(), checkpoint.said().opened());
      }
      return bench;
    }
  }
}
