package org.palimpsest.spark;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.evolution.StudyWorkbench;
import org.palimpsest.core.evolution.StudyWorkers;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.spark.Parcels.CheckpointParcel;
import org.palimpsest.spark.Parcels.LayerParcel;
import org.palimpsest.spark.Parcels.NetworkAnswer;
import org.palimpsest.spark.Parcels.NetworkParcel;
import org.palimpsest.spark.Parcels.OutcomeParcel;
import org.palimpsest.spark.Parcels.WeightAnswer;
import org.palimpsest.spark.Parcels.WeightParcel;

/**
 * Has a study's work done by the executors of Spark: a task for each network, and one for some
 * neighbouring pairs. What executors pass on to each other lies on a {@link SharedFolder.Shelf}.
 */
final class SparkWorkers implements StudyWorkers {

  private static final int MOST_PAIRS_AT_ONCE = 256;
  private static final int FEWEST_PAIRS_AT_ONCE = 8;
  private static final int ROUNDS = 4;
  private static final int WEIGHTS_AT_ONCE = 4;

  private final JavaSparkContext spark;
  private final StudyBrief brief;
  private final java.util.function.Function<Checkpoint, NetworkOptions> said;
  private final SharedFolder.Shelf shelf;
  private final StudyWorkbench names;

  /**
   * @param brief what executors must know
   * @param questions the same, of which the driver asks alone what is prepared
   * @param said what is said of a checkpoint
   */
  SparkWorkers(
      JavaSparkContext spark,
      StudyBrief brief,
      StudyWorkbench.Questions questions,
      java.util.function.Function<Checkpoint, NetworkOptions> said) {
    this.spark = spark;
    this.brief = brief;
    this.said = said;
    this.shelf = new SharedFolder.Shelf(SharedFolder.open(brief.shared()), false);
    this.names = StudyWorkbench.sharing(questions, brief.tools(new CheckpointFiles()), shelf);
  }

  /** Runs a network on an executor. */
  private record RunNetwork(StudyBrief brief) implements Function<NetworkParcel, NetworkAnswer> {

    @Override
    public NetworkAnswer call(NetworkParcel parcel) {
      return sendably(() -> answer(parcel));
    }

    private NetworkAnswer answer(NetworkParcel parcel) {
      StudyWorkbench bench = StudyBrief.ExecutorBench.of(brief).knowing(parcel.checkpoint());
      try {
        return NetworkAnswer.of(bench.run(parcel.opened()));
      } catch (PalimpsestException failure) {
        return NetworkAnswer.failed(String.valueOf(failure.getMessage()));
      }
    }
  }

  /** Compares some pairs of layers on an executor. */
  private record CompareLayers(StudyBrief brief)
      implements Function<List<LayerParcel>, List<OutcomeParcel>> {

    @Override
    public List<OutcomeParcel> call(List<LayerParcel> parcels) {
      return sendably(
          () -> {
            StudyWorkbench bench = StudyBrief.ExecutorBench.of(brief).knowing();
            return new ArrayList<>(
                parcels.stream()
                    .map(parcel -> OutcomeParcel.of(bench.compare(parcel.opened())))
                    .toList());
          });
    }
  }

  /** Compares the weights of some pairs of checkpoints on an executor. */
  private record CompareWeights(StudyBrief brief)
      implements Function<List<WeightParcel>, List<WeightAnswer>> {

    @Override
    public List<WeightAnswer> call(List<WeightParcel> parcels) {
      return sendably(
          () -> {
            StudyBrief.ExecutorBench bench = StudyBrief.ExecutorBench.of(brief);
            return new ArrayList<>(
                parcels.stream()
                    .map(one -> bench.knowing(one.a(), one.b()).compare(one.opened()))
                    .map(WeightAnswer::of)
                    .toList());
          });
    }
  }

  /** What is wrong with this machine or the shared folder reaches the driver as what it is. */
  private static <A> A sendably(Supplier<A> work) {
    try {
      return work.get();
    } catch (RuntimeException failure) {
      throw ExecutorFailure.of(failure).isClear() ? ExecutorFailure.sendable(failure) : failure;
    }
  }

  @Override
  public boolean isPrepared(String hash, String layer, Grid grid, Measure<?> measure) {
    return names.isPrepared(hash, layer, grid, measure);
  }

  private CheckpointParcel parcel(Checkpoint checkpoint) {
    return CheckpointParcel.of(checkpoint, said.apply(checkpoint));
  }

  @Override
  public void runNetworks(List<NetworkTask> tasks, NetworkResults results) {
    new OrderedJobs<>(
            spark,
            (NetworkTask task) -> NetworkParcel.of(task, parcel(task.checkpoint())),
            new RunNetwork(brief))
        .run(
            tasks.iterator(),
            new OrderedJobs.Results<>() {
              @Override
              public void done(NetworkTask task, NetworkAnswer answer) {
                String failure = answer.failure();
                if (failure == null) {
                  results.ran(task, answer.opened());
                } else {
                  results.failed(task, asGiven(failure, task.checkpoint()));
                }
              }

              @Override
              public void lost(NetworkTask task, ExecutorFailure failure) {
                results.failed(task, reasonOfLoss(task.checkpoint(), failure));
              }
            });
    shelf.refresh();
  }

  private String reasonOfLoss(Checkpoint checkpoint, ExecutorFailure failure) {
    if (!failure.isOfExecutor()) {
      return "%s: %s".formatted(checkpoint.location(), failure.reason());
    }
    return "%s ended each executor that ran it (%s). %s"
        .formatted(
            checkpoint.location(),
            failure.reason(),
            brief.inProcess()
                ? "Run models in processes of their own, without --in-process, or leave it out."
                : "Give executors more memory (--executor-memory), or leave it out.");
  }

  /** Executors need whole paths; the user is told of files as they were given. */
  private static String asGiven(String reason, Checkpoint checkpoint) {
    String given = checkpoint.location();
    return reason.replace(Path.of(given).toAbsolutePath().toString(), given);
  }

  @Override
  public void compareLayers(List<LayerTask> tasks, BiConsumer<LayerTask, Outcome> results) {
    int rounds = ROUNDS * sideBySide();
    int atOnce =
        Math.max(FEWEST_PAIRS_AT_ONCE, Math.min(MOST_PAIRS_AT_ONCE, tasks.size() / rounds));
    inParts(
        tasks.iterator(),
        LayerParcel::of,
        atOnce,
        new CompareLayers(brief),
        (task, outcome) -> results.accept(task, outcome.opened()));
  }

  /** Each is asked about when there is room for it: what came of those before is known by then. */
  @Override
  public void compareWeights(List<WeightTask> tasks, WeightResults results) {
    inParts(
        tasks.stream().filter(results::isWanted).iterator(),
        task ->
            new WeightParcel(
                task.comparison(), task.hashA(), parcel(task.a()), task.hashB(), parcel(task.b())),
        WEIGHTS_AT_ONCE,
        new CompareWeights(brief),
        (task, answer) -> results.found(task, asGiven(answer.opened(), task)));
  }

  private static WeightsFound asGiven(WeightsFound found, WeightTask task) {
    return found instanceof WeightsFound.Unread unread
        ? new WeightsFound.Unread(
            unread.weights().stream()
                .map(
                    one ->
                        new UnreadWeights(
                            one.hash(),
                            asGiven(asGiven(one.reason(), task.a()), task.b()),
                            one.changed()))
                .toList())
        : found;
  }

  private <T, P, R> void inParts(
      Iterator<T> tasks,
      java.util.function.Function<T, P> packing,
      int atOnce,
      Function<List<P>, List<R>> work,
      BiConsumer<T, R> results) {
    new OrderedJobs<>(
            spark,
            (List<T> part) -> (List<P>) new ArrayList<>(part.stream().map(packing).toList()),
            work)
        .run(
            new Parts<>(tasks, atOnce),
            new OrderedJobs.Results<>() {
              @Override
              public void done(List<T> part, List<R> answers) {
                for (int i = 0; i < part.size(); i++) {
                  results.accept(part.get(i), answers.get(i));
                }
              }

              @Override
              public void lost(List<T> part, ExecutorFailure failure) {
                throw new PalimpsestException(
                    "Spark gave up comparisons: %s What was found out is kept: give the command again."
                        .formatted(failure.whole()));
              }
            });
  }

  /** Takes from an iterator some at once, and not before they are asked for. */
  private record Parts<T>(Iterator<T> all, int atOnce) implements Iterator<List<T>> {

    @Override
    public boolean hasNext() {
      return all.hasNext();
    }

    @Override
    public List<T> next() {
      List<T> some = new ArrayList<>();
      while (some.isEmpty() || (some.size() < atOnce && all.hasNext())) {
        some.add(all.next());
      }
      return some;
    }
  }

  @Override
  public int sideBySide() {
    try {
      return Math.max(1, spark.defaultParallelism());
    } catch (IllegalStateException failure) {
      ExecutorFailure.requireRunning(spark, failure);
      throw failure;
    }
  }

  /**
   * Has Spark do tasks, each a job of its own, so that one that fails time and again takes no other
   * with it; results are told in the order of the tasks, by the thread that asked.
   *
   * @param <T> a task
   * @param <P> a task in the form in which it is sent
   * @param <R> what comes of it
   */
  static final class OrderedJobs<T, P, R> {

    /** For each core, so that none waits while the results of a slow one are awaited. */
    private static final int BEGUN_PER_CORE = 4;

    private final JavaSparkContext spark;
    private final java.util.function.Function<T, P> packing;
    private final Function<P, R> work;

    /**
     * @param packing brings a task into the form in which it is sent
     * @param work what is done with each task, on whichever machine; a {@link PalimpsestException}
     *     of it says that no other task could be done either
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
     * busy it knows none but a machine that lacks something: a task is given up only if it fails
     * when it is alone.
     */
    private R getOrAgain(Begun<T, R> one, Collection<Begun<T, R>> others)
        throws ExecutionException {
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
}
