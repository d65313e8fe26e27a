package org.palimpsest.spark;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.palimpsest.core.PalimpsestException;

/**
 * Has Spark do tasks, each a job of its own, so that one that fails time and again takes no other
 * with it; results are told in the order of the tasks, by the thread that asked.
 *
 * @param <T> a task
 * @param <P> a task in the form in which it is sent
 * @param <R> what comes of it
 */
final class OrderedJobs<T, P, R> {

  /** For each core, so that none waits while the results of a slow one are awaited. */
  private static final int BEGUN_PER_CORE = 4;

  private final JavaSparkContext spark;
  private final java.util.function.Function<T, P> packing;
  private final Function<P, R> work;

  /**
   * @param packing brings a task into the form in which it is sent
   * @param work what is done with each task, on whichever machine; a {@link PalimpsestException} of
   *     it says that no other task could be done either
   */
  OrderedJobs(
      JavaSparkContext spark, java.util.function.Function<T, P> packing, Function<P, R> work) {
    this.spark = spark;
    this.packing = packing;
    this.work = work;
  }

  /** Is told what came of tasks. */
  interface Results<T, R> {

    void done(T task, R result);

    /** Spark gave it up, though others may be done. */
    void lost(T task, ExecutorFailure failure);
  }

  private record Begun<T, R>(T task, JavaFutureAction<List<R>> result) {

    R get() throws ExecutionException {
      try {
        return result.get().get(0);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new PalimpsestException("The study was interrupted.", interrupted);
      }
    }
  }

  /**
   * Does tasks.
   *
   * @param tasks are asked for one by one, when there is room for the next
   */
  void run(Iterator<T> tasks, Results<T, R> results) {
    try {
      runAll(tasks, results);
    } catch (IllegalStateException failure) {
      ExecutorFailure.requireRunning(spark, failure);
      throw failure;
    }
  }

  private void runAll(Iterator<T> tasks, Results<T, R> results) {
    int most = Math.max(1, BEGUN_PER_CORE * spark.defaultParallelism());
    Deque<Begun<T, R>> begun = new ArrayDeque<>();
    try {
      while (tasks.hasNext() || !begun.isEmpty()) {
        while (begun.size() < most && tasks.hasNext()) {
          begun.add(begin(tasks.next()));
        }
        if (!begun.isEmpty()) {
          tell(begun.remove(), begun, results);
        }
      }
    } finally {
      begun.forEach(one -> one.result().cancel(true));
    }
  }

  private Begun<T, R> begin(T task) {
    return new Begun<>(
        task, spark.parallelize(List.of(packing.apply(task)), 1).map(work).collectAsync());
  }

  private void tell(Begun<T, R> one, Collection<Begun<T, R>> others, Results<T, R> results) {
    R result;
    try {
      result = getOrAgain(one, others);
    } catch (ExecutionException failed) {
      ExecutorFailure failure = ExecutorFailure.of(failed);
      if (failure.isClear()) {
        throw new PalimpsestException(
            failure.reason() + " What was found out is kept: give the command again.", failed);
      }
      results.lost(one.task(), failure);
      return;
    }
    results.done(one.task(), result);
  }

  /**
   * Spark counts the loss of an executor against all tasks that it had, and where the others are
   * busy it knows none but a machine that lacks something: a task is given up only if it fails when
   * it is alone.
   */
  private R getOrAgain(Begun<T, R> one, Collection<Begun<T, R>> others) throws ExecutionException {
    try {
      return one.get();
    } catch (ExecutionException failed) {
      ExecutorFailure.requireRunning(spark, failed);
      if (ExecutorFailure.of(failed).isOfTask()) {
        throw failed;
      }
    }
    others.forEach(OrderedJobs::await);
    try {
      return begin(one.task()).get();
    } catch (ExecutionException failed) {
      ExecutorFailure.requireRunning(spark, failed);
      throw failed;
    }
  }

  private static void await(Begun<?, ?> one) {
    try {
      one.get();
    } catch (ExecutionException toldInItsTurn) {
      return;
    }
  }
}
