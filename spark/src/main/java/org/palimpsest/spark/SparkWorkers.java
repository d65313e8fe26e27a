package org.palimpsest.spark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.palimpsest.core.Backend;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.core.evolution.Outcome;
import org.palimpsest.core.evolution.StudyWorkbench;
import org.palimpsest.core.evolution.StudyWorkers;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.RunLimits;
import org.palimpsest.io.npy.NpyProbes;
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
 * neighbouring pairs. What executors pass on to each other lies on a {@link HadoopShelf}.
 */
final class SparkWorkers implements StudyWorkers {

  private static final int MOST_PAIRS_AT_ONCE = 256;
  private static final int FEWEST_PAIRS_AT_ONCE = 8;
  private static final int ROUNDS = 4;
  private static final int WEIGHTS_AT_ONCE = 4;

  private final JavaSparkContext spark;
  private final StudyBrief brief;
  private final java.util.function.Function<Checkpoint, NetworkOptions> said;
  private final HadoopShelf shelf;
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
    this.shelf = new HadoopShelf(SharedFolder.open(brief.shared()), false);
    this.names = StudyWorkbench.sharing(questions, brief.tools(new CheckpointFiles()), shelf);
  }

  /** Runs a network on an executor. */
  private record RunNetwork(StudyBrief brief) implements Function<NetworkParcel, NetworkAnswer> {

    @Override
    public NetworkAnswer call(NetworkParcel parcel) {
      return sendably(() -> answer(parcel));
    }

    private NetworkAnswer answer(NetworkParcel parcel) {
      StudyWorkbench bench = ExecutorBench.of(brief).knowing(parcel.checkpoint());
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
            StudyWorkbench bench = ExecutorBench.of(brief).knowing();
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
            ExecutorBench bench = ExecutorBench.of(brief);
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
   * The bench of one executor: it is set up with the first task of a study, and serves all others.
   */
  private static final class ExecutorBench {

    private static final Map<StudyBrief, ExecutorBench> BENCHES = new ConcurrentHashMap<>();

    private final Map<String, NetworkOptions> said = new ConcurrentHashMap<>();
    private final StudyWorkbench bench;

    private ExecutorBench(StudyBrief brief) {
      brief.plugins().load();
      SharedFolder shared = SharedFolder.open(brief.shared());
      CheckpointFiles networks =
          (brief.inProcess()
                  ? CheckpointFiles.opening(
                      (file, told) -> Inputs.open(file, RunLimits.withDefaults(), told))
                  : CheckpointFiles.opening(
                      (file, told) -> Inputs.openIsolated(file, RunLimits.withDefaults(), told)))
              .saying(this::saidOf);
      this.bench =
          StudyWorkbench.sharing(
              brief.questions(probes(brief, shared)),
              brief.tools(networks),
              new HadoopShelf(shared, true));
    }

    /** That of a study; those of studies before it are given up. */
    static ExecutorBench of(StudyBrief brief) {
      BENCHES.keySet().removeIf(other -> !other.equals(brief));
      return BENCHES.computeIfAbsent(brief, ExecutorBench::new);
    }

    private static Probes probes(StudyBrief brief, SharedFolder shared) {
      if (brief.measures().isEmpty()) {
        return new KnownProbes(0, Fingerprint.unknown());
      }
      Backend.loadAhead();
      Path copy = TemporaryFolder.create().path().resolve("probes.npy");
      shared.read(brief.probesFile(), (in, bytes) -> Files.copy(in, copy));
      Probes probes = NpyProbes.open(copy);
      if (!probes.fingerprint().value().equals(brief.probes())) {
        throw new PalimpsestException(
            "The probes in %s are others than those of the study (%s, not %s). Remove the folder and begin anew."
                .formatted(shared, probes.fingerprint(), brief.probes()));
      }
      return probes;
    }

    private NetworkOptions saidOf(Checkpoint checkpoint) {
      return Objects.requireNonNull(said.get(checkpoint.location()), checkpoint.location());
    }

    /** The bench, which knows what is said of these checkpoints. */
    StudyWorkbench knowing(CheckpointParcel... checkpoints) {
      for (CheckpointParcel checkpoint : checkpoints) {
        said.put(checkpoint.location(), checkpoint.said().opened());
      }
      return bench;
    }
  }
}
