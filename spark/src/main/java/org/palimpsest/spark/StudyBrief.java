package org.palimpsest.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.CheckpointOpener;
import org.palimpsest.core.evolution.StudyWorkbench;
import org.palimpsest.core.evolution.WeightComparison;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.ScoreIntervals;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.FeatureMapMode;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.evolution.WeightComparisons;
import org.palimpsest.similarity.uncertainty.Intervals;

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
          FeatureMapMode.valueOf(mode),
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
}
