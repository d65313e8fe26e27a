package org.palimpsest.core.evolution;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.FeatureMaps;

/**
 * What is to be found out about a set of training runs.
 *
 * @param source the run that others started from, if there is one
 * @param runs at least one, no name twice
 * @param probes what every network is shown
 * @param layers which layers are looked at
 * @param featureMaps how feature maps become matrices
 * @param measures by what representations are compared; none if only weights are of interest
 * @param views what is held against what
 */
public record Study(
    Optional<TrainingRun> source,
    List<TrainingRun> runs,
    Probes probes,
    LayerSelector layers,
    FeatureMaps featureMaps,
    List<Measure<?>> measures,
    Set<StudyView> views) {

  public Study {
    runs = List.copyOf(runs);
    measures = List.copyOf(measures);
    views = closed(views);
    requireDistinctNames(source, runs);
  }

  /** Groups are summaries of finals. */
  private static Set<StudyView> closed(Set<StudyView> views) {
    Set<StudyView> all = new HashSet<>(views);
    if (all.contains(StudyView.GROUPS)) {
      all.add(StudyView.FINALS);
    }
    return Set.copyOf(all);
  }

  private static void requireDistinctNames(Optional<TrainingRun> source, List<TrainingRun> runs) {
    Set<String> names = new HashSet<>();
    source.ifPresent(run -> names.add(run.name()));
    for (TrainingRun run : runs) {
      if (!names.add(run.name())) {
        throw new PalimpsestException("Two runs of the study are called '" + run.name() + "'.");
      }
    }
    if (names.isEmpty()) {
      throw new PalimpsestException("A study needs at least one training run.");
    }
  }

  /** All layers, positions as samples, all views but {@link StudyView#FINAL_LAYERS}. */
  public static Study of(List<TrainingRun> runs, Probes probes, List<Measure<?>> measures) {
    return new Study(
        Optional.empty(),
        runs,
        probes,
        LayerSelector.all(),
        FeatureMaps.positions(),
        measures,
        usualViews());
  }

  /** All views but {@link StudyView#FINAL_LAYERS}. */
  public static Set<StudyView> usualViews() {
    return EnumSet.complementOf(EnumSet.of(StudyView.FINAL_LAYERS));
  }

  /** Weights alone, in all views: no network is run. */
  public static Study ofWeights(List<TrainingRun> runs) {
    return of(runs, new NoProbes(), List.of());
  }

  public Study withSource(TrainingRun run) {
    return new Study(Optional.of(run), runs, probes, layers, featureMaps, measures, views);
  }

  public Study withLayers(LayerSelector selector) {
    return new Study(source, runs, probes, selector, featureMaps, measures, views);
  }

  public Study withFeatureMaps(FeatureMaps rule) {
    return new Study(source, runs, probes, layers, rule, measures, views);
  }

  public Study withViews(Set<StudyView> wanted) {
    return new Study(source, runs, probes, layers, featureMaps, measures, wanted);
  }

  /** The source first, then all others. */
  public List<TrainingRun> allRuns() {
    List<TrainingRun> all = new ArrayList<>();
    source.ifPresent(all::add);
    all.addAll(runs);
    return all;
  }
}
