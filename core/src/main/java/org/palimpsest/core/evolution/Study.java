package org.palimpsest.core.evolution;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.TrainingRun.RunStep;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.weights.Weights;

/**
 * What is to be found out about a set of training runs: which networks, shown what, compared where
 * and by what. It holds names of checkpoints, not networks; {@link EvolutionTracker#track} does the
 * work. Immutable: each {@code with…} gives a changed copy.
 *
 * <pre>{@code
 * Study study =
 *     Study.of(runs, probes, List.of(Cka.linear()))
 *         .withSource(sourceRun)
 *         .withLayers(LayerSelector.of("enc*", "dec*"))
 *         .withViews(Set.of(View.TO_START, View.TO_SOURCE));
 * }</pre>
 *
 * <p>What a study costs is the sum over its {@linkplain View views}; a study in which all layers of
 * many checkpoints are compared with all others grows with the square of the layers. Layers that a
 * view compares have the same name in both networks, unless the view says that it takes all.
 *
 * @param source the run that others started from, if there is one
 * @param runs all others, no name twice; at least one run, or a source
 * @param probes what every network is shown
 * @param layers which layers are compared
 * @param featureMaps how feature maps become matrices
 * @param measures by what representations are compared; none if only weights are of interest
 * @param views what is held against what
 * @param pairs the checkpoints of {@link View#PAIRS}
 */
public record Study(
    Optional<TrainingRun> source,
    List<TrainingRun> runs,
    Probes probes,
    LayerSelector layers,
    FeatureMaps featureMaps,
    List<Measure<?>> measures,
    Set<View> views,
    List<RunStep.Pair> pairs) {

  public Study {
    runs = List.copyOf(runs);
    measures = List.copyOf(measures);
    pairs = List.copyOf(pairs);
    views = closed(views, pairs);
    requireDistinctNames(source, runs);
  }

  /** Groups are summaries of finals; pairs are compared if there are any. */
  private static Set<View> closed(Set<View> views, List<RunStep.Pair> pairs) {
    Set<View> all = new HashSet<>(views);
    if (all.contains(View.GROUPS)) {
      all.add(View.FINALS);
    }
    if (pairs.isEmpty()) {
      all.remove(View.PAIRS);
    } else {
      all.add(View.PAIRS);
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

  /**
   * All layers, positions as samples, all views but {@link View#FINAL_LAYERS}, no source and no
   * pairs; to be narrowed or widened by the {@code with…} methods.
   *
   * @param runs at least one, no name twice
   * @param probes what every network is shown
   * @param measures by what representations are compared
   * @throws PalimpsestException if there is no run, or two have one name
   */
  public static Study of(List<TrainingRun> runs, Probes probes, List<Measure<?>> measures) {
    return new Study(
        Optional.empty(),
        runs,
        probes,
        LayerSelector.all(),
        FeatureMaps.positions(),
        measures,
        usualViews(),
        List.of());
  }

  /**
   * All views but {@link View#FINAL_LAYERS}, whose R(R − 1)/2·L² comparisons are more than those of
   * all the others together where there are many runs of few checkpoints.
   */
  public static Set<View> usualViews() {
    return EnumSet.complementOf(EnumSet.of(View.FINAL_LAYERS));
  }

  /**
   * Weights alone, in all views: no network is run. What is compared of them says {@link
   * EvolutionTracker#withWeights}.
   *
   * @param runs at least one, no name twice
   */
  public static Study ofWeights(List<TrainingRun> runs) {
    return of(runs, new NoProbes(), List.of());
  }

  /**
   * Others started from the end of this run: its last checkpoint is what {@link View#TO_SOURCE}
   * compares with. Without a source that view is empty.
   *
   * @param run its name is no other run's
   */
  public Study withSource(TrainingRun run) {
    return withRuns(Optional.of(run), runs);
  }

  /**
   * Looks at these layers alone. A glob that matches no layer of a network is a problem of that
   * checkpoint, which the table tells.
   *
   * @param selector by globs, such as {@code enc*}
   */
  public Study withLayers(LayerSelector selector) {
    return new Study(source, runs, probes, selector, featureMaps, measures, views, pairs);
  }

  /**
   * Feature maps become matrices by this rule, in all views alike.
   *
   * @param rule positions as samples if this is not said
   */
  public Study withFeatureMaps(FeatureMaps rule) {
    return new Study(source, runs, probes, layers, rule, measures, views, pairs);
  }

  /**
   * Holds against each other what these views say, and what {@link #withPairs} names. {@link
   * View#GROUPS} brings {@link View#FINALS} along, of which it is a summary.
   *
   * @param wanted in the place of those that were wanted before
   */
  public Study withViews(Set<View> wanted) {
    return new Study(source, runs, probes, layers, featureMaps, measures, wanted, pairs);
  }

  /**
   * Holds all layers of these checkpoints against each other as well.
   *
   * @param wanted in the place of those that were wanted before; none takes {@link View#PAIRS} away
   */
  public Study withPairs(List<RunStep.Pair> wanted) {
    return new Study(source, runs, probes, layers, featureMaps, measures, views, wanted);
  }

  /**
   * The same questions to other runs, such as those of a folder that has grown.
   *
   * @throws PalimpsestException if there is neither a source nor a run, or two have one name
   */
  public Study withRuns(Optional<TrainingRun> otherSource, List<TrainingRun> others) {
    return new Study(otherSource, others, probes, layers, featureMaps, measures, views, pairs);
  }

  /**
   * Makes sure that the study has the checkpoints that its pairs name; without this, pairs that are
   * not there yet are left out.
   *
   * @throws PalimpsestException if one is not there
   */
  public void requirePairs() {
    for (RunStep.Pair pair : pairs) {
      for (RunStep moment : List.of(pair.a(), pair.b())) {
        TrainingRun run =
            allRuns().stream()
                .filter(one -> one.name().equals(moment.run()))
                .findFirst()
                .orElseThrow(() -> noSuch(moment, "The runs are ", names()));
        if (!holds(moment)) {
          throw noSuch(moment, "The steps of that run are ", run.steps());
        }
      }
    }
  }

  private static PalimpsestException noSuch(RunStep moment, String there, List<?> names) {
    return new PalimpsestException(
        "There is no checkpoint %s. %s%s."
            .formatted(moment, there, names.stream().map(String::valueOf).collect(joining(", "))));
  }

  private List<String> names() {
    return allRuns().stream().map(TrainingRun::name).toList();
  }

  boolean holds(RunStep moment) {
    return allRuns().stream()
        .anyMatch(run -> run.name().equals(moment.run()) && run.steps().contains(moment.step()));
  }

  /** The source first, then all others. */
  public List<TrainingRun> allRuns() {
    List<TrainingRun> all = new ArrayList<>();
    source.ifPresent(all::add);
    all.addAll(runs);
    return all;
  }

  /**
   * One way to look at a study: which checkpoints are held against which.
   *
   * <p>With R runs of C checkpoints and L layers, by one measure, there are R·C·L comparisons in
   * each of the first three views, R·C²·L in {@link #STEPS}, R·C·L² in {@link #LAYERS}, and R(R −
   * 1)/2·L in {@link #FINALS}. What several views ask for is made once.
   */
  public enum View {
    /** Each checkpoint against the first of its own run, the same layers. */
    TO_START("to_start"),
    /** Each checkpoint against the last of its own run, the same layers. */
    TO_END("to_end"),
    /**
     * Each checkpoint against the last of the network that others started from, the same layers.
     */
    TO_SOURCE("to_source"),
    /** Each checkpoint against the next of its own run, the same layers: the speed of change. */
    TO_NEXT("to_next"),
    /** Any two checkpoints of one run, the same layers: steps × steps. */
    STEPS("steps"),
    /** All layers of each checkpoint against all layers of the last of its run. */
    LAYERS("layers"),
    /** The last checkpoints of any two runs, the same layers. */
    FINALS("finals"),
    /** All layers of the last checkpoints of any two runs: does a layer find its like? */
    FINAL_LAYERS("final_layers"),
    /** All layers of two checkpoints that the study names, of whatever runs and steps. */
    PAIRS("pairs"),
    /**
     * Means of {@link #FINALS} within and between groups of runs, and tests of their differences.
     */
    GROUPS("groups");

    private final String label;

    View(String label) {
      this.label = label;
    }

    /** Its name in tables and on the command line. */
    public String label() {
      return label;
    }
  }

  /** What a study of weights alone shows its networks. */
  private record NoProbes() implements Probes {

    @Override
    public long count() {
      return 0;
    }

    @Override
    public long[] shape() {
      return new long[] {0};
    }

    @Override
    public INDArray batch(long from, long to) {
      throw new PalimpsestException(
          "A study of weights alone has no probes. Give it some to compare what layers answer.");
    }

    @Override
    public Fingerprint fingerprint() {
      return Fingerprint.unknown();
    }
  }

  /**
   * Compares the weights of two checkpoints layer by layer, on the same axes as representations:
   * how far filters have moved, how random they still look. {@code WeightComparisons} of the module
   * {@code similarity} has those of the library; one of one's own is passed to {@link
   * EvolutionTracker#withWeights}.
   *
   * <p>Layers go by the names of their modules. Implementations are immutable and safe to use from
   * several threads.
   */
  public interface WeightComparison {

    /** Tells it from others, with its parameters. */
    String name();

    /**
     * The views in which it is made. Steps × steps and layers × layers would say little more of
     * weights, at much more cost.
     */
    default Set<Study.View> views() {
      return EnumSet.of(
          Study.View.TO_START,
          Study.View.TO_END,
          Study.View.TO_SOURCE,
          Study.View.TO_NEXT,
          Study.View.FINALS);
    }

    /** The names of its measurements. */
    List<String> measures();

    /** What its measurements are, in the order of their {@linkplain #measures() names}. */
    default List<MeasureFacts> facts() {
      return measures().stream().map(MeasureFacts::unknown).toList();
    }

    /**
     * Those of its measurements that are the same whichever checkpoint is the first. They alone are
     * summed up in groups, where no run is the first.
     */
    default Set<String> symmetricMeasures() {
      return facts().stream()
          .filter(MeasureFacts::symmetric)
          .map(MeasureFacts::name)
          .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * The measurements of the layers that both have; a layer may lack some.
     *
     * @param a the weights of the first checkpoint
     * @param b those of the second
     * @throws org.palimpsest.core.PalimpsestException if nothing can be compared, such as where no
     *     layer of the same name has the same shape; the study then notes the reason and goes on
     */
    List<LayerMeasurement> compare(Weights a, Weights b);
  }

  /**
   * One measurement of one layer.
   *
   * @param layer the layer's path
   * @param measure one of {@link #measures()}
   */
  public record LayerMeasurement(String layer, String measure, Measurement measurement) {}
}
