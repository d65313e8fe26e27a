package org.palimpsest.core.evolution;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Version;
import org.palimpsest.core.internal.engine.OffHeapGarbage;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.core.weights.Weights;

/** Compares the weights of the checkpoints that a view pairs, layer by layer. */
final class WeightRun {

  /** The first one pays for starting. */
  private static final int SAMPLES = 3;

  private record Missing(WeightComparison comparison, String hashA, String hashB) {}

  /** The measure of a comparison that gave no measurement at all, beside the reason. */
  private static final String NO_FIGURE = "";

  private record Found(String layer, String measure, Outcome outcome) {}

  private final TrackerSettings settings;
  private final StudyJournal journal;
  private final List<WeightComparison> comparisons;
  private final Set<String> symmetric;
  private final Checkpoints checkpoints;
  private final OffHeapGarbage garbage;
  private final Map<String, String> unreadable = new HashMap<>();
  private long bytesHeld;
  private final Map<String, Weights> lastRead = new LinkedHashMap<>(16, 0.75f, true);

  WeightRun(TrackerSettings settings, Checkpoints checkpoints, OffHeapGarbage garbage) {
    this.settings = settings;
    this.journal = settings.journal();
    this.comparisons = settings.weightComparisons();
    this.symmetric =
        comparisons.stream()
            .flatMap(comparison -> comparison.symmetricMeasures().stream())
            .collect(Collectors.toUnmodifiableSet());
    this.checkpoints = checkpoints;
    this.garbage = garbage;
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
      for (Missing one : missing) {
        compareIfReadable(one);
        task.advance(1);
      }
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
        compareIfReadable(some.get(i));
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

  /** That a file cannot be read now is not kept: it may be another time. */
  private void compareIfReadable(Missing one) {
    Optional<Weights> a = read(one.hashA());
    Optional<Weights> b = read(one.hashB());
    if (a.isPresent() && b.isPresent()) {
      Weights first = settings.networks().namedLike(a.get(), b.get());
      compare(one, first, settings.networks().namedLike(b.get(), first));
    }
  }

  private void compare(Missing one, Weights a, Weights b) {
    Map<String, Set<String>> measures = new LinkedHashMap<>();
    for (Found found : found(one, a, b)) {
      measures.computeIfAbsent(found.layer(), layer -> new LinkedHashSet<>()).add(found.measure());
      MeasurementKey key =
          key(one.comparison(), one.hashA(), one.hashB(), found.layer(), found.measure());
      if (journal.outcome(key).isEmpty()) {
        journal.keep(key, found.outcome());
      }
    }
    Map<String, Grid> layers = new LinkedHashMap<>();
    measures.forEach((layer, found) -> layers.put(layer, Grid.of(found.size())));
    journal.keep(subject(one.comparison(), one.hashA(), one.hashB()), new LayerGrids(layers));
  }

  private static List<Found> found(Missing one, Weights a, Weights b) {
    try {
      return one.comparison().compare(a, b).stream()
          .map(
              measurement ->
                  new Found(measurement.layer(), measurement.measure(), measurement.measurement()))
          .toList();
    } catch (PalimpsestException failure) {
      Outcome reason = new Outcome.Failure(String.valueOf(failure.getMessage()));
      return List.of(new Found("", NO_FIGURE, reason));
    }
  }

  private Optional<Weights> read(String hash) {
    if (unreadable.containsKey(hash) || checkpoints.isGivenUp(hash)) {
      return Optional.empty();
    }
    Checkpoint checkpoint = checkpoints.withHash(hash);
    try {
      Weights weights = readOnce(hash, checkpoint);
      return Optional.of(weights);
    } catch (PalimpsestException failure) {
      try {
        settings.networks().requireUnchanged(checkpoint, hash);
        if (checkpoints.needsWeights(hash)) {
          checkpoints.giveUp(hash, String.valueOf(failure.getMessage()));
        }
        unreadable.put(hash, String.valueOf(failure.getMessage()));
      } catch (PalimpsestException change) {
        checkpoints.giveUp(hash, String.valueOf(change.getMessage()));
      }
      return Optional.empty();
    }
  }

  /** Of those that were read some are kept, since neighbouring pairs share them. */
  private Weights readOnce(String hash, Checkpoint checkpoint) {
    Weights known = lastRead.get(hash);
    if (known == null) {
      known = settings.networks().weights(checkpoint);
      settings.networks().requireUnchanged(checkpoint, hash);
      long bytes = bytesOf(known);
      Iterator<Weights> leastLately = lastRead.values().iterator();
      while (bytesHeld + bytes > settings.boundOfWeights() && leastLately.hasNext()) {
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

  private static String subject(WeightComparison comparison, String hashA, String hashB) {
    return context(comparison) + "|" + hashA + "|" + hashB;
  }

  private static String context(WeightComparison comparison) {
    return "weights|" + Version.current() + "|" + comparison.name();
  }

  private static MeasurementKey key(
      WeightComparison comparison, String hashA, String hashB, String layer, String measure) {
    return new MeasurementKey(context(comparison), hashA, layer, hashB, layer, measure);
  }

  /** The rows of a pairing, after {@link #compare}. */
  List<EvolutionRow> rows(Pairing pairing, Set<String> notes) {
    List<EvolutionRow> rows = new ArrayList<>();
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

  boolean isSymmetric(EvolutionRow row) {
    return symmetric.contains(row.measure());
  }

  private static void note(Outcome outcome, Set<String> notes) {
    if (outcome instanceof Outcome.Failure failure) {
      notes.add(failure.reason());
    }
  }

  private static void add(
      List<EvolutionRow> rows,
      Pairing pairing,
      String layer,
      MeasureFacts measure,
      Outcome outcome) {
    if (outcome instanceof Measurement measurement) {
      rows.add(
          new EvolutionRow(
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
