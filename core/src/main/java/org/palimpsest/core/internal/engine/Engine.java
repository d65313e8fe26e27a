package org.palimpsest.core.internal.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation.LayerTable;
import org.palimpsest.core.measure.Interval.ScoreIntervals;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;

/**
 * Compares blocks of prepared layers on all cores and hands on what comes of each, in the order
 * asked. Pairs run side by side; of a table, or where intervals are made, the measure itself uses
 * all cores, and measures share what they need of all its layers. Either way nothing depends on the
 * number of threads.
 */
public final class Engine {

  private static final int QUEUED_PER_THREAD = 8;
  private static final int TABLES_HELD = 8;

  /**
   * Is told what came of each block, by one thread.
   *
   * @param <T> what asked for it
   */
  public interface Results<T> {

    /** Its scores; entry (i, j) is that of row i and column j. */
    void scores(T asked, List<List<Score>> scores);

    /** It has no scores. What is thrown here ends the work. */
    void failure(T asked, PalimpsestException failure);
  }

  /** The scores of a block, or why there are none. */
  private record Outcome(List<List<Score>> scores, Optional<PalimpsestException> failure) {

    static Outcome of(Supplier<List<List<Score>>> comparison) {
      try {
        return new Outcome(comparison.get(), Optional.empty());
      } catch (PalimpsestException failure) {
        return new Outcome(List.of(), Optional.of(failure));
      }
    }

    <T> void tell(T asked, Results<T> results) {
      failure.ifPresentOrElse(
          why -> results.failure(asked, why), () -> results.scores(asked, scores));
    }
  }

  /**
   * Layers that were compared last, beside each other, with what measures needed of them: blocks of
   * the same layers, prepared in the same way, share it.
   */
  private static final class Tables {

    private final int most;
    private final Map<List<List<Block.Source>>, LayerTable<?>> lately =
        new LinkedHashMap<>(16, 0.75f, true);

    Tables(int most) {
      this.most = most;
    }

    @SuppressWarnings("unchecked") // equal sources hold what one preparation made
    <P extends Prepared> List<List<Score>> compare(
        Block<P> block, Optional<ScoreIntervals> intervals) {
      List<List<Block.Source>> layers = List.of(block.rows(), block.columns());
      LayerTable<P> table = (LayerTable<P>) lately.get(layers);
      if (table == null) {
        while (lately.size() >= most) {
          lately.remove(lately.keySet().iterator().next());
        }
        table = block.table();
        lately.put(layers, table);
      }
      return block.compare(table, intervals);
    }
  }

  private record Pending<T>(T asked, Future<Outcome> outcome) {}

  private final int threads;
  private final Optional<ScoreIntervals> intervals;
  private final int tablesHeld;

  /**
   * @param threads how many single pairs are compared at once
   * @param intervals gives scores their intervals, if they are to have any
   */
  public Engine(int threads, Optional<ScoreIntervals> intervals) {
    this(threads, intervals, TABLES_HELD);
  }

  private Engine(int threads, Optional<ScoreIntervals> intervals, int tablesHeld) {
    this.threads = threads;
    this.intervals = intervals;
    this.tablesHeld = tablesHeld;
  }

  /**
   * The same, holding the layers of no more tables than these after they were compared.
   *
   * @param tables at least 1
   */
  public Engine holdingTables(int tables) {
    return new Engine(threads, intervals, tables);
  }

  /**
   * Compares what is asked for.
   *
   * @param asked in the order in which results are told
   * @param blockOf the block that each asks for
   * @param results is told of each
   * @throws PalimpsestException if the thread is interrupted
   * @throws StorageFailure if a layer was put away and cannot be read again
   */
  public <T> void compare(List<T> asked, Function<T, Block<?>> blockOf, Results<T> results) {
    if (asked.isEmpty()) {
      return;
    }
    ExecutorService workers = Workers.pool(Math.min(threads, asked.size()));
    try {
      Tables tables = new Tables(tablesHeld);
      Deque<Pending<T>> queue = new ArrayDeque<>();
      for (T one : asked) {
        Block<?> block = blockOf.apply(one);
        if (block.isTable() || intervals.isPresent()) {
          tellAll(queue, 0, results);
          Outcome.of(
                  () ->
                      block.isTable() ? tables.compare(block, intervals) : block.compare(intervals))
              .tell(one, results);
        } else {
          queue.add(
              new Pending<>(one, workers.submit(() -> Outcome.of(() -> block.compare(intervals)))));
          tellAll(queue, threads * QUEUED_PER_THREAD, results);
        }
      }
      tellAll(queue, 0, results);
    } finally {
      workers.shutdownNow();
    }
  }

  private static <T> void tellAll(Deque<Pending<T>> queue, int most, Results<T> results) {
    while (queue.size() > most) {
      Pending<T> first = queue.remove();
      Workers.result(first.outcome()).tell(first.asked(), results);
    }
  }
}
