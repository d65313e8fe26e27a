package org.palimpsest.core.evolution;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.progress.Progress;

/**
 * Compares prepared layers on all cores. Each comparison is made by itself, so that a figure does
 * not depend on which others were missing.
 */
final class LayerComparisons {

  private static final int QUEUED_PER_THREAD = 8;

  private record Pending(PlannedFigure figure, Future<Outcome> outcome) {}

  private final PreparedStore store;
  private final StudyJournal journal;
  private final Map<PreparedStore.Key, String> failures;
  private final Comparator<PlannedFigure> order;

  /**
   * @param store holds every layer that will be asked for
   * @param journal is told of each figure
   * @param failures why layers are not in the store
   * @param place of a checkpoint's hash, such that checkpoints of one run are neighbours
   */
  LayerComparisons(
      PreparedStore store,
      StudyJournal journal,
      Map<PreparedStore.Key, String> failures,
      ToIntFunction<String> place) {
    this.store = store;
    this.journal = journal;
    this.failures = failures;
    this.order = byLayersThenCheckpoints(place);
  }

  /** Neighbours share layers, so that few are read again when most were spilled. */
  private static Comparator<PlannedFigure> byLayersThenCheckpoints(ToIntFunction<String> place) {
    return Comparator.comparing(LayerComparisons::firstLayer)
        .thenComparing(LayerComparisons::secondLayer)
        .thenComparing(f -> f.key().measure())
        .thenComparing(f -> Math.min(placeOfA(f, place), placeOfB(f, place)))
        .thenComparing(f -> Math.max(placeOfA(f, place), placeOfB(f, place)))
        .thenComparing(f -> f.key().layerA())
        .thenComparing(f -> f.key().hashA());
  }

  private static String firstLayer(PlannedFigure figure) {
    String a = figure.key().layerA();
    String b = figure.key().layerB();
    return a.compareTo(b) <= 0 ? a : b;
  }

  private static String secondLayer(PlannedFigure figure) {
    String a = figure.key().layerA();
    String b = figure.key().layerB();
    return a.compareTo(b) <= 0 ? b : a;
  }

  private static int placeOfA(PlannedFigure figure, ToIntFunction<String> place) {
    return place.applyAsInt(figure.key().hashA());
  }

  private static int placeOfB(PlannedFigure figure, ToIntFunction<String> place) {
    return place.applyAsInt(figure.key().hashB());
  }

  int threads() {
    return store.threadsWithinBound(Runtime.getRuntime().availableProcessors());
  }

  void compare(Collection<PlannedFigure> missing, Progress progress) {
    if (missing.isEmpty()) {
      return;
    }
    List<PlannedFigure> ordered = missing.stream().sorted(order).toList();
    int threads = threads();
    ExecutorService workers = Executors.newFixedThreadPool(threads, LayerComparisons::worker);
    try (Progress.Task task = progress.begin("Compare layers", ordered.size())) {
      Deque<Pending> queue = new ArrayDeque<>();
      for (PlannedFigure figure : ordered) {
        queue.add(new Pending(figure, workers.submit(() -> compute(figure))));
        if (queue.size() > threads * QUEUED_PER_THREAD) {
          keep(queue.remove(), task);
        }
      }
      while (!queue.isEmpty()) {
        keep(queue.remove(), task);
      }
    } finally {
      workers.shutdownNow();
    }
  }

  private static Thread worker(Runnable work) {
    Thread thread = new Thread(work, "comparison");
    thread.setDaemon(true);
    return thread;
  }

  private void keep(Pending pending, Progress.Task task) {
    try {
      journal.keep(pending.figure().key(), pending.outcome().get());
      task.advance(1);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new PalimpsestException("The study was interrupted.", interrupted);
    } catch (ExecutionException failure) {
      throw thrown(failure);
    }
  }

  private static RuntimeException thrown(ExecutionException failure) {
    if (failure.getCause() instanceof Error error) {
      throw error;
    }
    return failure.getCause() instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException("comparisons throw nothing else", failure);
  }

  Outcome compute(PlannedFigure figure) {
    return compute(figure, figure.measure());
  }

  @SuppressWarnings("unchecked") // what is stored under a key was made by the key's preparation
  private <P extends Prepared> Outcome compute(PlannedFigure figure, Measure<P> measure) {
    Optional<Prepared> a = store.get(figure.first());
    Optional<Prepared> b = store.get(figure.second());
    if (a.isEmpty() || b.isEmpty()) {
      return new Outcome.Failure(reason(figure));
    }
    try {
      P first = (P) a.get();
      P second = (P) b.get();
      Score score = measure.cautioned(first, second, measure.compare(first, second));
      return Figure.of(score.value(), score.diagnostics().samples())
          .withWarnings(score.diagnostics().warnings());
    } catch (PalimpsestException failure) {
      return new Outcome.Failure(String.valueOf(failure.getMessage()));
    }
  }

  private String reason(PlannedFigure figure) {
    return Stream.of(figure.first(), figure.second())
        .flatMap(key -> Optional.ofNullable(failures.get(key)).stream())
        .findFirst()
        .orElse("not prepared");
  }
}
