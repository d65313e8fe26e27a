package org.palimpsest.core.evolution;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Version;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.core.weights.Weights;

/** Compares the weights of the checkpoints that a view pairs, layer by layer. */
final class WeightRun {

  /** The first one pays for starting. */
  private static final int SAMPLES = 3;

  private record Missing(WeightComparison comparison, String hashA, String hashB) {}

  private final TrackerSettings settings;
  private final StudyJournal journal;
  private final List<WeightComparison> comparisons;
  private final Checkpoints checkpoints;
  private final OffHeapGarbage garbage;
  private long bytesHeld;
  private final Map<String, Weights> lastRead = new LinkedHashMap<>(16, 0.75f, true);

  WeightRun(TrackerSettings settings, Checkpoints checkpoints, OffHeapGarbage garbage) {
    this.settings = settings;
    this.journal = settings.journal();
    this.comparisons = settings.weightComparisons();
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
        if (journal.structure(subject(comparison, hashA, hashB)).isEmpty()) {
          missing.add(new Missing(comparison, hashA, hashB));
        }
      }
    }
    return missing;
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
        compare(one);
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
        compare(some.get(i));
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

  private void compare(Missing one) {
    WeightComparison comparison = one.comparison();
    String hashA = one.hashA();
    String hashB = one.hashB();
    Map<String, Grid> layers = new LinkedHashMap<>();
    try {
      Weights a = read(hashA);
      Weights b = read(hashB);
      for (WeightComparison.LayerFigure found : comparison.compare(a, b)) {
        layers.put(found.layer(), Grid.point());
        journal.keep(key(comparison, hashA, hashB, found.layer(), found.measure()), found.figure());
      }
    } catch (PalimpsestException failure) {
      layers.put("", Grid.point());
      journal.keep(
          key(comparison, hashA, hashB, "", ""),
          new Outcome.Failure(String.valueOf(failure.getMessage())));
    }
    journal.keep(subject(comparison, hashA, hashB), new Structure(layers));
  }

  /** Of those that were read some are kept, since neighbouring pairs share them. */
  private Weights read(String hash) {
    Weights known = lastRead.get(hash);
    if (known == null) {
      known = settings.networks().weights(checkpoints.withHash(hash));
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

  private static FigureKey key(
      WeightComparison comparison, String hashA, String hashB, String layer, String measure) {
    return new FigureKey(context(comparison), hashA, layer, hashB, layer, measure);
  }

  /** The rows of a pairing, after {@link #compare}. */
  List<EvolutionRow> rows(Pairing pairing, Set<String> notes) {
    List<EvolutionRow> rows = new ArrayList<>();
    String hashA = checkpoints.hash(pairing.a());
    String hashB = checkpoints.hash(pairing.b());
    for (WeightComparison comparison : madeIn(pairing)) {
      Optional<Structure> layers = journal.structure(subject(comparison, hashA, hashB));
      for (String layer : layers.map(Structure::layers).orElse(List.of())) {
        journal
            .outcome(key(comparison, hashA, hashB, layer, ""))
            .ifPresent(outcome -> note(outcome, notes));
        for (String measure : comparison.measures()) {
          journal
              .outcome(key(comparison, hashA, hashB, layer, measure))
              .ifPresent(outcome -> add(rows, pairing, layer, measure, outcome));
        }
      }
    }
    return rows;
  }

  private static void note(Outcome outcome, Set<String> notes) {
    if (outcome instanceof Outcome.Failure failure) {
      notes.add(failure.reason());
    }
  }

  private static void add(
      List<EvolutionRow> rows, Pairing pairing, String layer, String measure, Outcome outcome) {
    if (outcome instanceof Figure figure) {
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
              figure));
    }
  }
}
