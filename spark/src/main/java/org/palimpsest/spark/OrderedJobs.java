package org.palimpsest.spark;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;

/**
 * Has Spark do tasks, each a job of its own, so that one that fails time and again takes no other
 * with it; results are told in the order of the tasks, by the thread that asked.
 *
 * @param <T> a task
 * @param <R> what comes of it
 */
final class OrderedJobs<T, R> {

  /** For each core, so that none waits while the results of a slow one are awaited. */
  private static final int BEGUN_PER_CORE = 4;

  private final JavaSparkContext spark;
  private final Function<T, R> work;

  /**
   * @param work what is done with each task, on whichever machine
   */
  OrderedJobs(JavaSparkContext spark, Function<T, R> work) {
    this.spark = spark;
    this.work = work;
  }

  /** Is told what came of tasks. */
  interface Results<T, R> {

    void done(T task, R result);

    /** Spark gave it up. */
    void lost(T task, String reason);
  }

  private record Begun<T, R>(T task, JavaFutureAction<List<R>> result) {}

  void run(List<T> tasks, Results<T, R> results) {
    int most = Math.max(1, BEGUN_PER_CORE * spark.defaultParallelism());
    Deque<Begun<T, R>> begun = new ArrayDeque<>();
    Iterator<T> left = tasks.iterator();
    try {
      while (left.hasNext() || !begun.isEmpty()) {
        while (left.hasNext() && begun.size() < most) {
          T task = left.next();
          begun.add(new Begun<>(task, begin(task)));
        }
        tell(begun.remove(), results);
      }
    } finally {
      begun.forEach(one -> one.result().cancel(true));
    }
  }

  private JavaFutureAction<List<R>> begin(T task) {
    return spark.parallelize(List.of(task), 1).map(work).collectAsync();
  }

  private void tell(Begun<T, R> one, Results<T, R> results) {
    R result;
    try {
      result = one.result().get().get(0);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new PalimpsestException("The study was interrupted.", interrupted);
    } catch (ExecutionException failure) {
      requireGoingOn(failure);
      results.lost(one.task(), firstLine(failure.getCause()));
      return;
    }
    results.done(one.task(), result);
  }

  private void requireGoingOn(ExecutionException failure) {
    if (spark.sc().isStopped()) {
      throw new PalimpsestException(
          "Spark stopped (%s). What was found out is kept: give the command again when the cluster is there."
              .formatted(firstLine(failure.getCause())),
          failure);
    }
  }

  private static String firstLine(@Nullable Throwable failure) {
    String told = failure == null ? "" : String.valueOf(failure.getMessage());
    return told.lines().findFirst().orElse("no reason given");
  }
}
