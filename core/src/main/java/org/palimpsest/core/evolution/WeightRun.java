package org.palimpsest.core.evolution;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Version;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.core.weights.Weights;

/** Compares the weights of the checkpoints that a view pairs, layer by layer. */
final class WeightRun {

  private final Study study;
  private final Networks networks;
  private final StudyJournal journal;
  private final List<WeightComparison> comparisons;
  private final long bound;
  private final OffHeapGarbage garbage;
  private final Progress progress;
  private long bytesHeld;
  private final Map<String, Weights> lastRead = new LinkedHashMap<>(16, 0.75f, true);

  WeightRun(
      Study study,
      Networks networks,
      StudyJournal journal,
      List<WeightComparison> comparisons,
      long bound,
      OffHeapGarbage garbage,
      Progress progress) {
    this.study = study;
    this.networks = networks;
    this.journal = journal;
    this.comparisons = comparisons;
    this.bound = bound;
    this.garbage = garbage;
    this.progress = progress;
  }

  /** How many comparisons are not known yet. */
  long missing(List<Pairing> pairings, Checkpoints checkpoints) {
    Set<String> missing = new HashSet<>();
    for (Pairing pairing : pairings) {
      for (WeightComparison comparison : comparisons) {
        String subject =
            subject(comparison, checkpoints.hash(pairing.a()), checkpoints.hash(pairing.b()));
        if (comparison.views().contains(pairing.view()) && journal.structure(subject).isEmpty()) {
          missing.add(subject);
        }
      }
    }
    return missing.size();
  }

  void compare(List<Pairing> pairings, Checkpoints checkpoints) {
    List<Pairing> wanted = pairings.stream().filter(this::concernsWeights).toList();
    if (wanted.isEmpty()) {
      return;
    }
    try (Progress.Task task = progress.begin("Compare weights", wanted.size())) {
      for (Pairing pairing : wanted) {
        for (WeightComparison comparison : comparisons) {
          if (comparison.views().contains(pairing.view())) {
            compare(comparison, pairing, checkpoints);
          }
        }
        task.advance(1);
      }
    }
  }

  private boolean concernsWeights(Pairing pairing) {
    return comparisons.stream().anyMatch(c -> c.views().contains(pairing.view()));
  }

  private void compare(WeightComparison comparison, Pairing pairing, Checkpoints checkpoints) {
    String hashA = checkpoints.hash(pairing.a());
    String hashB = checkpoints.hash(pairing.b());
    String subject = subject(comparison, hashA, hashB);
    if (journal.structure(subject).isPresent()) {
      return;
    }
    Map<String, Grid> layers = new LinkedHashMap<>();
    try {
      Weights a = read(checkpoints, hashA);
      Weights b = read(checkpoints, hashB);
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
    journal.keep(subject, new Structure(layers));
  }

  /** Of those that were read some are kept, since neighbouring pairs share them. */
  private Weights read(Checkpoints checkpoints, String hash) {
    Weights known = lastRead.get(hash);
    if (known == null) {
      known = networks.weights(checkpoints.withHash(hash));
      long bytes = bytesOf(known);
      Iterator<Weights> leastLately = lastRead.values().iterator();
      while (bytesHeld + bytes > bound && leastLately.hasNext()) {
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
  List<EvolutionRow> rows(Pairing pairing, Checkpoints checkpoints, Set<String> notes) {
    List<EvolutionRow> rows = new ArrayList<>();
    if (!concernsWeights(pairing)) {
      return rows;
    }
    String hashA = checkpoints.hash(pairing.a());
    String hashB = checkpoints.hash(pairing.b());
    for (WeightComparison comparison : comparisons) {
      if (!comparison.views().contains(pairing.view())) {
        continue;
      }
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
