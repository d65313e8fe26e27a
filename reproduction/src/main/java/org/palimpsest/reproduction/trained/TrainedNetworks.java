package org.palimpsest.reproduction.trained;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.internal.file.ScoreLog;
import org.palimpsest.io.runs.RunRole;
import org.palimpsest.reproduction.training.NetworkState;
import org.palimpsest.reproduction.training.SavedNetwork;
import org.palimpsest.reproduction.training.UNet;

/**
 * A folder of trained networks: each is trained once, by one thread and several at a time, and
 * found again by the hash of its recipe.
 */
public final class TrainedNetworks {

  private static final int NAME = 16;

  private final RunStore store;
  private final Map<String, NamedRun> named;
  private final int threads;
  private final BooleanSupplier mayBegin;

  private TrainedNetworks(
      RunStore store, Map<String, NamedRun> named, int threads, BooleanSupplier mayBegin) {
    this.store = store;
    this.named = named;
    this.threads = threads;
    this.mayBegin = mayBegin;
  }

  /**
   * Networks that experiments share, in folders named after their recipes.
   *
   * @param folder where the networks are or will be
   */
  public static TrainedNetworks in(Path folder) {
    return new TrainedNetworks(
        new RunStore(folder), Map.of(), Runtime.getRuntime().availableProcessors(), () -> true);
  }

  /** Networks in folders of these names, each with what it says of itself in {@code run.json}. */
  public static TrainedNetworks named(Path folder, Map<RunRecipe, NamedRun> names) {
    Map<String, NamedRun> byHash = new LinkedHashMap<>();
    names.forEach((recipe, name) -> byHash.put(recipe.hash(), name));
    return new TrainedNetworks(
        new RunStore(folder), byHash, Runtime.getRuntime().availableProcessors(), () -> true);
  }

  /** Trains so many networks at a time. */
  public TrainedNetworks withThreads(int number) {
    if (number < 1) {
      throw new PalimpsestException("Networks are trained by 1 thread or more, unlike " + number);
    }
    return new TrainedNetworks(store, named, number, mayBegin);
  }

  /** Asks before each network whether to begin it; those left out stay {@link #missing}. */
  public TrainedNetworks whileTrue(BooleanSupplier begin) {
    return new TrainedNetworks(store, named, threads, begin);
  }

  /** The recipes that are still to be trained for these, those that they start from first. */
  public List<RunRecipe> missing(Collection<RunRecipe> recipes) {
    Map<String, RunRecipe> needed = new LinkedHashMap<>();
    recipes.forEach(recipe -> collect(recipe, needed));
    return List.copyOf(needed.values());
  }

  private void collect(RunRecipe recipe, Map<String, RunRecipe> needed) {
    if (!isHeld(recipe)) {
      recipe.start().source().ifPresent(source -> collect(source, needed));
      needed.putIfAbsent(recipe.hash(), recipe);
    }
  }

  private boolean isHeld(RunRecipe recipe) {
    return store.holds(nameOf(recipe), recipe);
  }

  private String nameOf(RunRecipe recipe) {
    if (named.isEmpty()) {
      return recipe.hash().substring(0, NAME);
    }
    NamedRun run = named.get(recipe.hash());
    if (run == null) {
      throw new PalimpsestException("A network that starts from another needs that one's name.");
    }
    return run.name();
  }

  /**
   * Trains what is missing for these, in their order. After a failure no other is begun; those
   * under way end, and stay.
   *
   * @param progress advances by one at each step
   */
  public void complete(Collection<RunRecipe> recipes, Progress progress) {
    List<RunRecipe> missing = missing(recipes);
    if (missing.isEmpty()) {
      return;
    }
    long steps = missing.stream().mapToLong(recipe -> recipe.plan().steps()).sum();
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    Map<String, CompletableFuture<Void>> running = new LinkedHashMap<>();
    AtomicBoolean failed = new AtomicBoolean();
    try (Progress.Task task = progress.begin("train", steps)) {
      for (RunRecipe recipe : missing) {
        CompletableFuture<Void> source =
            recipe
                .start()
                .source()
                .flatMap(run -> Optional.ofNullable(running.get(run.hash())))
                .orElse(CompletableFuture.completedFuture(null));
        running.put(recipe.hash(), source.thenRunAsync(() -> train(recipe, task, failed), workers));
      }
      CompletableFuture.allOf(running.values().toArray(new CompletableFuture<?>[0])).join();
    } catch (CompletionException | CancellationException failure) {
      if (failure.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw failure;
    } finally {
      workers.shutdownNow();
    }
  }

  private void train(RunRecipe recipe, Progress.Task task, AtomicBoolean failed) {
    boolean hasItsSource = recipe.start().source().map(this::isHeld).orElse(true);
    if (failed.get() || !hasItsSource || !mayBegin.getAsBoolean()) {
      return;
    }
    try {
      train(recipe, task);
    } catch (RuntimeException | Error failure) {
      failed.set(true);
      throw failure;
    }
  }

  private void train(RunRecipe recipe, Progress.Task task) {
    Optional<NetworkState> source =
        recipe.start().source().map(run -> SavedNetwork.read(UNet.of(run.network()), endOf(run)));
    store.put(nameOf(recipe), recipe, TrainedRun.of(recipe, source, task), beside(recipe));
  }

  private Map<String, String> beside(RunRecipe recipe) {
    NamedRun run = named.get(recipe.hash());
    return run == null ? Map.of() : Map.of(RunRole.FILE, run.role().toJson());
  }

  private Path endOf(RunRecipe recipe) {
    return store.file(nameOf(recipe), recipe.plan().steps());
  }

  /** How many seconds the training of a network took, if it was trained. */
  public OptionalDouble seconds(RunRecipe recipe) {
    return isHeld(recipe) ? store.seconds(nameOf(recipe)) : OptionalDouble.empty();
  }

  /**
   * A trained network with its checkpoints.
   *
   * @param initialisation what to call what it started from
   * @param recipe one that is not {@link #missing}
   */
  public TrainingRun run(String initialisation, RunRecipe recipe) {
    SortedMap<Long, Double> dice = dice(recipe);
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (int step : recipe.plan().checkpointSteps()) {
      Double score = dice.get((long) step);
      checkpoints.add(
          new Checkpoint(
              step,
              store.file(nameOf(recipe), step).toString(),
              score == null ? OptionalDouble.empty() : OptionalDouble.of(score)));
    }
    return new TrainingRun(
        initialisation + "/seed" + recipe.seed(),
        initialisation,
        OptionalLong.of(recipe.seed()),
        checkpoints);
  }

  /** Dice on held-out images by step, at all steps at which it was measured. */
  public SortedMap<Long, Double> dice(RunRecipe recipe) {
    return new TreeMap<>(ScoreLog.read(store.scores(nameOf(recipe))));
  }

  /**
   * The loss on images that it learned from by step, at all steps at which Dice was measured.
   *
   * @param recipe one that is not {@link #missing}; none of a network of before losses were kept
   */
  public SortedMap<Long, Double> losses(RunRecipe recipe) {
    return LossLog.read(store.losses(nameOf(recipe)));
  }

  /** The files of a network by step. */
  public SortedMap<Long, Path> checkpoints(RunRecipe recipe) {
    SortedMap<Long, Path> files = new TreeMap<>();
    recipe
        .plan()
        .checkpointSteps()
        .forEach(step -> files.put((long) step, store.file(nameOf(recipe), step)));
    return files;
  }

  /** Lays a copy of a trained run out in a folder, unless it is there already. */
  public void layOut(RunRecipe recipe, Path root, String run) {
    RunStore target = new RunStore(root);
    if (!target.holds(run, recipe)) {
      target.copy(run, store.folder(nameOf(recipe)));
    }
  }
}
