package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.TrainingRun.RunStep;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Interval.Ends;
import org.palimpsest.report.plot.ProfileChart;

/** The figures of a study where pictures and pages look for them. */
final class StudyIndex {

  /** The views that hold a checkpoint against another network, layer by layer. */
  static final List<Study.View> CURVES =
      List.of(Study.View.TO_START, Study.View.TO_END, Study.View.TO_SOURCE, Study.View.TO_NEXT);

  /** The views that hold all layers of different networks against each other. */
  private static final Set<Study.View> ACROSS_NETWORKS =
      EnumSet.of(Study.View.FINAL_LAYERS, Study.View.PAIRS);

  private static final Set<Study.View> AGAINST_OWN =
      EnumSet.of(Study.View.TO_START, Study.View.TO_END);
  private static final TreeSet<Long> NO_STEPS = new TreeSet<>();

  private record Place(Study.View view, String measure, String run, long step, String layer) {}

  private record Curve(Study.View view, String measure, String run) {}

  private record Series(String measure, String run) {}

  private record Networks(Study.View view, String measure) {}

  private record LayerSeries(String measure, String run, String layer) {}

  private final List<Group> groups;
  private final Map<String, MeasureFacts> facts = new HashMap<>();
  private final Map<String, Set<String>> layers = new LinkedHashMap<>();
  private final Map<String, LongSummaryStatistics> samples = new HashMap<>();
  private final Map<Place, Double> values = new HashMap<>();
  private final Map<Place, Ends> intervals = new HashMap<>();
  private final Set<String> withIntervals = new TreeSet<>();
  private final Set<String> levels = new TreeSet<>();
  private final Map<String, LongSummaryStatistics> units = new TreeMap<>();
  private Optional<String> refusal = Optional.empty();
  private final Map<Curve, TreeSet<Long>> curveSteps = new HashMap<>();
  private final Map<Series, TreeMap<Long, ScoreMatrix>> layerMaps = new HashMap<>();
  private final Map<Series, Long> ends = new HashMap<>();
  private final Map<Networks, Map<RunStep.Pair, ScoreMatrix>> networkMaps = new HashMap<>();
  private final Map<LayerSeries, TreeMap<Long, Map<Long, Measurement>>> stepMaps = new HashMap<>();
  private final List<EvolutionTable.Row> groupRows;
  private final List<EvolutionTable.Row> finals;

  StudyIndex(EvolutionTable table) {
    groups = Group.of(table);
    groupRows = table.rows(Study.View.GROUPS);
    finals = table.rows(Study.View.FINALS);
    for (EvolutionTable.Row row : table.rows()) {
      facts.putIfAbsent(row.measure(), row.facts());
      if (row.view() != Study.View.GROUPS) {
        layers.computeIfAbsent(row.measure(), m -> new LinkedHashSet<>()).add(row.layerA());
        samples
            .computeIfAbsent(row.measure(), m -> new LongSummaryStatistics())
            .accept(row.measurement().n());
      }
    }
    Map<String, Map<String, Integer>> positions = new HashMap<>();
    layers.forEach((measure, names) -> positions.put(measure, positions(names)));
    for (EvolutionTable.Row row : table.rows()) {
      place(row, positions);
      row.measurement().overProbes().ifPresent(interval -> lookAt(row.measure(), interval));
    }
  }

  private void lookAt(String measure, Interval interval) {
    if (interval instanceof Interval.Known known) {
      levels.add(known.levelInPercent());
      withIntervals.add(measure);
      units
          .computeIfAbsent(
              measure.startsWith("minibatch") ? "batches" : "probes",
              unit -> new LongSummaryStatistics())
          .accept(known.units());
    } else if (refusal.isEmpty()) {
      refusal = Optional.of(((Interval.Refused) interval).reason());
    }
  }

  /** What intervals over probes are, if they were asked for: {@code 80%, over 8 probes}. */
  Optional<String> aboutIntervals() {
    if (levels.isEmpty()) {
      return refusal.map(reason -> "none can be given. " + reason);
    }
    return Optional.of(
        "%s, over %s: where a score would lie with ever more probes like these"
            .formatted(levelsInWords(), unitsInWords()));
  }

  private String levelsInWords() {
    return String.join(", ", levels);
  }

  private String unitsInWords() {
    return units.entrySet().stream()
        .map(
            entry -> {
              LongSummaryStatistics count = entry.getValue();
              String least = count.getMin() == count.getMax() ? "" : count.getMin() + " to ";
              return least + count.getMax() + " " + entry.getKey();
            })
        .collect(Collectors.joining(", "));
  }

  /**
   * {@code 95% intervals over 8 probes: under the pointer, in the table}, if figures of the measure
   * have any.
   */
  Optional<String> intervalsOf(String measure) {
    return withIntervals.contains(measure)
        ? Optional.of(
            "%s intervals over %s: under the pointer, in the table"
                .formatted(levelsInWords(), unitsInWords()))
        : Optional.empty();
  }

  private static Map<String, Integer> positions(Collection<String> names) {
    Map<String, Integer> positions = new HashMap<>();
    names.forEach(name -> positions.put(name, positions.size()));
    return positions;
  }

  private void place(EvolutionTable.Row row, Map<String, Map<String, Integer>> positions) {
    double value = row.measurement().value();
    if (CURVES.contains(row.view())) {
      long step = row.stepA().orElseThrow();
      curveSteps
          .computeIfAbsent(new Curve(row.view(), row.measure(), row.runA()), c -> new TreeSet<>())
          .add(step);
      Place place = new Place(row.view(), row.measure(), row.runA(), step, row.layerA());
      values.put(place, value);
      if (row.measurement().overProbes().orElse(null) instanceof Interval.Known known) {
        intervals.put(place, known.ends());
      }
    } else if (row.view() == Study.View.LAYERS || ACROSS_NETWORKS.contains(row.view())) {
      Map<String, Integer> position = positions.getOrDefault(row.measure(), Map.of());
      Integer column = position.get(row.layerB());
      if (column != null) {
        layerMap(row, position.size())
            .put(position.getOrDefault(row.layerA(), 0), column, row.measurement());
      }
    } else if (row.view() == Study.View.STEPS) {
      stepMaps
          .computeIfAbsent(
              new LayerSeries(row.measure(), row.runA(), row.layerA()), s -> new TreeMap<>())
          .computeIfAbsent(row.stepA().orElseThrow(), step -> new TreeMap<>())
          .put(row.stepB().orElseThrow(), row.measurement());
    }
  }

  private ScoreMatrix layerMap(EvolutionTable.Row row, int size) {
    if (ACROSS_NETWORKS.contains(row.view())) {
      RunStep a = new RunStep(row.runA(), row.stepA().orElseThrow());
      RunStep b = new RunStep(row.runB(), row.stepB().orElseThrow());
      return networkMaps
          .computeIfAbsent(
              new Networks(row.view(), row.measure()), networks -> new LinkedHashMap<>())
          .computeIfAbsent(new RunStep.Pair(a, b), pair -> ScoreMatrix.missing(size, size));
    }
    Series series = new Series(row.measure(), row.runA());
    ends.put(series, row.stepB().orElseThrow());
    return layerMaps
        .computeIfAbsent(series, s -> new TreeMap<>())
        .computeIfAbsent(row.stepA().orElseThrow(), step -> ScoreMatrix.missing(size, size));
  }

  /** What it is, or its name alone if the table has no figure of it. */
  MeasureFacts measure(String name) {
    return facts.getOrDefault(name, MeasureFacts.unknown(name));
  }

  /** In the order of the table. */
  List<String> measures() {
    return List.copyOf(layers.keySet());
  }

  /** Those that a measure has figures of, in the order in which they run. */
  List<String> layers(String measure) {
    return List.copyOf(layers.getOrDefault(measure, Set.of()));
  }

  /** What the figures of a measure rest on, from the fewest to the most. */
  LongSummaryStatistics samples(String measure) {
    return samples.getOrDefault(measure, new LongSummaryStatistics());
  }

  List<Group> groups() {
    return groups;
  }

  /** What the runs of a run's group started from. */
  String group(String run) {
    return groups.stream()
        .filter(group -> group.runs().contains(run))
        .findFirst()
        .map(Group::name)
        .orElse(run);
  }

  /** The runs of all groups, group by group. */
  List<String> runs() {
    return groups.stream().flatMap(group -> group.runs().stream()).toList();
  }

  /** Whether a curve of the measure has any value. */
  boolean has(Study.View view, String measure) {
    return curveSteps.keySet().stream()
        .anyMatch(c -> c.view() == view && c.measure().equals(measure));
  }

  /** The steps of any of these runs that the view has values of, ascending. */
  List<Long> steps(Study.View view, String measure, Collection<String> runs) {
    Set<Long> steps = new TreeSet<>();
    for (String run : runs) {
      steps.addAll(curveSteps.getOrDefault(new Curve(view, measure, run), new TreeSet<>()));
    }
    return List.copyOf(steps);
  }

  OptionalDouble value(Study.View view, String measure, String run, long step, String layer) {
    Double value = values.get(new Place(view, measure, run, step, layer));
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** Whether any value of these curves has an interval over probes. */
  boolean hasIntervals(Study.View view, String measure) {
    return intervals.keySet().stream()
        .anyMatch(place -> place.view() == view && place.measure().equals(measure));
  }

  /** The interval of a value over probes, if it has one. */
  Optional<Ends> interval(Study.View view, String measure, String run, long step, String layer) {
    return Optional.ofNullable(intervals.get(new Place(view, measure, run, step, layer)));
  }

  /** The values of a group's runs at a step, those that there are. */
  List<ProfileChart.Dot> values(
      Study.View view, String measure, Group group, long step, String layer) {
    List<ProfileChart.Dot> found = new ArrayList<>();
    for (String run : group.runs()) {
      dot(view, measure, run, step, layer).ifPresent(found::add);
    }
    return found;
  }

  private Optional<ProfileChart.Dot> dot(
      Study.View view, String measure, String run, long step, String layer) {
    OptionalDouble value = value(view, measure, run, step, layer);
    return value.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ProfileChart.Dot(value.getAsDouble(), interval(view, measure, run, step, layer)));
  }

  /** The values of a group's runs, each at its own last step. */
  List<ProfileChart.Dot> lastValues(Study.View view, String measure, Group group, String layer) {
    List<ProfileChart.Dot> found = new ArrayList<>();
    for (String run : group.runs()) {
      List<Long> steps = steps(view, measure, List.of(run));
      if (!steps.isEmpty()) {
        dot(view, measure, run, steps.get(steps.size() - 1), layer).ifPresent(found::add);
      }
    }
    return found;
  }

  /**
   * By step of A, all layers (rows) against all layers of the run's last checkpoint (columns). None
   * of a run with a single checkpoint, which would be held against itself.
   */
  TreeMap<Long, ScoreMatrix> layerMaps(String measure, String run) {
    Series series = new Series(measure, run);
    TreeMap<Long, ScoreMatrix> maps = layerMaps.getOrDefault(series, new TreeMap<>());
    boolean ofOneCheckpoint = maps.size() == 1 && maps.firstKey().equals(ends.get(series));
    return ofOneCheckpoint ? new TreeMap<>() : maps;
  }

  /** All layers of one network (rows) against all of another (columns). */
  Map<RunStep.Pair, ScoreMatrix> networkMaps(Study.View view, String measure) {
    return networkMaps.getOrDefault(new Networks(view, measure), Map.of());
  }

  /** The steps that a run's steps × steps have, ascending. */
  List<Long> stepsOfMaps(String measure, String run) {
    return layers(measure).stream()
        .map(layer -> stepMaps.get(new LayerSeries(measure, run, layer)))
        .filter(Objects::nonNull)
        .findFirst()
        .map(map -> List.copyOf(map.keySet()))
        .orElse(List.of());
  }

  /** One layer, a run's steps (rows) against its steps (columns). */
  ScoreMatrix stepMatrix(String measure, String run, String layer) {
    List<Long> steps = stepsOfMaps(measure, run);
    Map<Long, Map<Long, Measurement>> map =
        stepMaps.getOrDefault(new LayerSeries(measure, run, layer), new TreeMap<>());
    ScoreMatrix matrix = ScoreMatrix.missing(steps.size(), steps.size());
    for (int i = 0; i < steps.size(); i++) {
      for (int j = 0; j < steps.size(); j++) {
        Measurement figure = map.getOrDefault(steps.get(i), Map.of()).get(steps.get(j));
        if (figure != null) {
          matrix.put(i, j, figure);
        }
      }
    }
    return matrix;
  }

  /** The comparisons of final networks. */
  List<EvolutionTable.Row> finals() {
    return finals;
  }

  /** Their sums within and between groups. */
  List<EvolutionTable.Row> groupRows() {
    return groupRows;
  }

  /** The views of curves that have any value. */
  Set<Study.View> curves(String measure) {
    Set<Study.View> views = EnumSet.noneOf(Study.View.class);
    CURVES.stream()
        .filter(view -> has(view, measure) && !isEachAgainstItself(view, measure))
        .forEach(views::add);
    return views;
  }

  /** Whether runs of a single checkpoint hold it against their start or end, which it is. */
  private boolean isEachAgainstItself(Study.View view, String measure) {
    return AGAINST_OWN.contains(view)
        && runs().stream()
            .map(run -> curveSteps.getOrDefault(new Curve(view, measure, run), NO_STEPS))
            .allMatch(steps -> steps.size() <= 1);
  }

  /** Whether nothing is told over training. */
  boolean hasNoCurves() {
    return measures().stream().allMatch(measure -> curves(measure).isEmpty());
  }
}
