package org.palimpsest.core.evolution;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.palimpsest.core.Version;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.evolution.StudyJournal.LayerGrids;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/** Compares the weights of the checkpoints that a view pairs, layer by layer. */
final class WeightRun {

  /** The first one pays for starting. */
  private static final int SAMPLES = 3;

  private record Missing(WeightComparison comparison, String hashA, String hashB) {

    StudyWorkers.WeightTask task(Checkpoints checkpoints) {
      return new StudyWorkers.WeightTask(
          comparison.name(),
          hashA,
          checkpoints.withHash(hashA),
          hashB,
          checkpoints.withHash(hashB));
    }
  }

  /** The measure of a comparison that gave no measurement at all, beside the reason. */
  private static final String NO_FIGURE = "";

  private record Found(String layer, String measure, Outcome outcome) {}

  private final TrackerSettings settings;
  private final StudyWorkers workers;
  private final StudyJournal journal;
  private final List<WeightComparison> comparisons;
  private final Set<String> symmetric;
  private final Checkpoints checkpoints;
  private final Map<String, String> unreadable = new HashMap<>();

  WeightRun(TrackerSettings settings, StudyWorkers workers, Checkpoints checkpoints) {
    this.settings = settings;
    this.workers = workers;
    this.journal = settings.journal();
    this.comparisons = settings.weightComparisons();
    this.symmetric =
        comparisons.stream()
            .flatMap(comparison -> comparison.symmetricMeasures().stream())
            .collect(Collectors.toUnmodifiableSet());
    this.checkpoints = checkpoints;
  }

  /** How many comparisons are not known yet. */
  int countMissing(List<Pairing> pairings) {
    return missing(pairings).size();
  }

  private Set<Missing> missing(List<Pairing> pairings) {
    Set<Missing> missing = new LinkedHashSet<>();
    for (Pairing pairing : pairings) {
      String hashA = checkpoints.hash(pairing.a());
      String hashB = checkpoints.hash(pairing.b());
      for (WeightComparison comparison : madeIn(pairing)) {
        if (!isKnown(comparison, hashA, hashB)) {
          missing.add(new Missing(comparison, hashA, hashB));
        }
      }
    }
    return missing;
  }

  /** Whether all measurements are there that once were found, or why there are none. */
  private boolean isKnown(WeightComparison comparison, String hashA, String hashB) {
    Optional<LayerGrids> counts = journal.structure(subject(comparison, hashA, hashB));
    return counts.isPresent()
        && counts.get().layers().stream()
            .allMatch(
                layer ->
                    countKept(comparison, hashA, hashB, layer)
                        == counts.get().grid(layer).positions());
  }

  private long countKept(WeightComparison comparison, String hashA, String hashB, String layer) {
    return Stream.concat(Stream.of(NO_FIGURE), comparison.measures().stream())
        .filter(
            measure -> journal.outcome(key(comparison, hashA, hashB, layer, measure)).isPresent())
        .count();
  }

  private List<WeightComparison> madeIn(Pairing pairing) {
    return comparisons.stream().filter(c -> c.views().contains(pairing.view())).toList();
  }

  void compare(List<Pairing> pairings) {
    Set<Missing> missing = missing(pairings);
    if (missing.isEmpty()) {
      return;
    }
    try (Progress.Task task = settings.progress().begin("Compare weights", missing.size())) {
      compare(List.copyOf(missing), task);
    }
  }

  /** Makes a few of the missing comparisons, to tell about how long the others will take. */
  long nanosOfMissing(List<Pairing> pairings) {
    long nanos = 0;
    for (WeightComparison comparison : comparisons) {
      List<Missing> missing =
          missing(pairings).stream().filter(one -> one.comparison().equals(comparison)).toList();
      List<Missing> some = evenly(missing);
      long start = 0;
      for (int i = 0; i < some.size(); i++) {
        start = i == 1 ? System.nanoTime() : start;
        compare(List.of(some.get(i)), Progress.silent().begin("", 1));
      }
      if (some.size() > 1) {
        nanos += (System.nanoTime() - start) / (some.size() - 1) * (missing.size() - some.size());
      }
    }
    return nanos;
  }

  private static List<Missing> evenly(List<Missing> missing) {
    int count = Math.min(SAMPLES, missing.size());
    return IntStream.range(0, count)
        .mapToObj(i -> missing.get(i * missing.size() / count))
        .toList();
  }

  private void compare(List<Missing> missing, Progress.Task task) {
    Map<StudyWorkers.WeightTask, Missing> asked = new LinkedHashMap<>();
    missing.forEach(one -> asked.put(one.task(checkpoints), one));
    workers.compareWeights(
        List.copyOf(asked.keySet()),
        new StudyWorkers.WeightResults() {
          @Override
          public boolean isWanted(StudyWorkers.WeightTask one) {
            boolean isUseless = isUseless(one.hashA()) && isUseless(one.hashB());
            task.advance(isUseless ? 1 : 0);
            return !isUseless;
          }

          @Override
          public void found(StudyWorkers.WeightTask one, StudyWorkers.WeightsFound found) {
            keep(Objects.requireNonNull(asked.get(one)), found);
            task.advance(1);
          }
        });
  }

  private boolean isUseless(String hash) {
    return unreadable.containsKey(hash) || checkpoints.isGivenUp(hash);
  }

  /** That a file cannot be read now is not kept: it may be another time. */
  private void keep(Missing one, StudyWorkers.WeightsFound found) {
    if (found instanceof StudyWorkers.WeightsFound.Unread unread) {
      unread.weights().forEach(this::giveUp);
    } else if (found instanceof StudyWorkers.WeightsFound.Impossible impossible) {
      Outcome reason = new Outcome.Failure(impossible.reason());
      keep(one, List.of(new Found("", NO_FIGURE, reason)));
    } else if (found instanceof StudyWorkers.WeightsFound.Made made) {
      keep(
          one,
          made.measurements().stream()
              .map(
                  measurement ->
                      new Found(
                          measurement.layer(), measurement.measure(), measurement.measurement()))
              .toList());
    }
  }

  private void keep(Missing one, List<Found> all) {
    Map<String, Set<String>> measures = new LinkedHashMap<>();
    for (Found found : all) {
      measures.computeIfAbsent(found.layer(), layer -> new LinkedHashSet<>()).add(found.measure());
      Measurement.Key key =
          key(one.comparison(), one.hashA(), one.hashB(), found.layer(), found.measure());
      if (journal.outcome(key).isEmpty()) {
        journal.keep(key, found.outcome());
      }
    }
    Map<String, Grid> layers = new LinkedHashMap<>();
    measures.forEach((layer, found) -> layers.put(layer, Grid.of(found.size())));
    journal.keep(subject(one.comparison(), one.hashA(), one.hashB()), new LayerGrids(layers));
  }

  private void giveUp(StudyWorkers.UnreadWeights unread) {
    if (unread.changed() || checkpoints.needsWeights(unread.hash())) {
      checkpoints.giveUp(unread.hash(), unread.reason());
    }
    if (!unread.changed()) {
      unreadable.put(unread.hash(), unread.reason());
    }
  }

  private static String subject(WeightComparison comparison, String hashA, String hashB) {
    return context(comparison) + "|" + hashA + "|" + hashB;
  }

  private static String context(WeightComparison comparison) {
    return "weights|" + Version.current() + "|" + comparison.name() + EvolutionRun.plugins();
  }

  private static Measurement.Key key(
      WeightComparison comparison, String hashA, String hashB, String layer, String measure) {
    return new Measurement.Key(context(comparison), hashA, layer, hashB, layer, measure);
  }

  /** The rows of a pairing, after {@link #compare}. */
  List<EvolutionTable.Row> rows(Pairing pairing, Set<String> notes) {
    List<EvolutionTable.Row> rows = new ArrayList<>();
    String hashA = checkpoints.hash(pairing.a());
    String hashB = checkpoints.hash(pairing.b());
    if (!madeIn(pairing).isEmpty()) {
      Stream.of(hashA, hashB)
          .flatMap(hash -> Optional.ofNullable(unreadable.get(hash)).stream())
          .forEach(notes::add);
    }
    for (WeightComparison comparison : madeIn(pairing)) {
      Optional<LayerGrids> layers = journal.structure(subject(comparison, hashA, hashB));
      for (String layer : layers.map(LayerGrids::layers).orElse(List.of())) {
        journal
            .outcome(key(comparison, hashA, hashB, layer, NO_FIGURE))
            .ifPresent(outcome -> note(outcome, notes));
        for (MeasureFacts measure : comparison.facts()) {
          journal
              .outcome(key(comparison, hashA, hashB, layer, measure.name()))
              .ifPresent(outcome -> add(rows, pairing, layer, measure, outcome));
        }
      }
    }
    return rows;
  }

  boolean isSymmetric(EvolutionTable.Row row) {
    return symmetric.contains(row.measure());
  }

  private static void note(Outcome outcome, Set<String> notes) {
    if (outcome instanceof Outcome.Failure failure) {
      notes.add(failure.reason());
    }
  }

  private static void add(
      List<EvolutionTable.Row> rows,
      Pairing pairing,
      String layer,
      MeasureFacts measure,
      Outcome outcome) {
    if (outcome instanceof Measurement measurement) {
      rows.add(
          new EvolutionTable.Row(
              pairing.view(),
              pairing.a().run(),
              OptionalLong.of(pairing.a().step()),
              layer,
              pairing.b().run(),
              OptionalLong.of(pairing.b().step()),
              layer,
              measure,
              measurement));
    }
  }
}
