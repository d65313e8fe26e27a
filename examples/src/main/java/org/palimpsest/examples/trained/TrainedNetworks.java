package org.palimpsest.examples.trained;

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
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.examples.training.NetworkState;
import org.palimpsest.examples.training.SavedNetwork;
import org.palimpsest.examples.training.UNet;
import org.palimpsest.io.runs.ScoreLog;

/**
 * A folder of trained networks that experiments share: each is trained once, by one thread and
 * several at a time, and found again by the hash of its recipe.
 */
public final class TrainedNetworks {

  private static final int NAME = 16;

  private final RunStore store;

  private TrainedNetworks(RunStore store) {
    this.store = store;
  }

  /**
   * @param folder where the networks are or will be
   */
  public static TrainedNetworks in(Path folder) {
    return new TrainedNetworks(new RunStore(folder));
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

  private static String nameOf(RunRecipe recipe) {
    return recipe.hash().substring(0, NAME);
  }

  /** Trains what is missing for these. */
  public void complete(Collection<RunRecipe> recipes, Progress progress) {
    List<RunRecipe> missing = missing(recipes);
    if (missing.isEmpty()) {
      return;
    }
    long steps = missing.stream().mapToLong(recipe -> recipe.plan().steps()).sum();
    ExecutorService workers =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    Map<String, CompletableFuture<Void>> running = new LinkedHashMap<>();
    try (Progress.Task task = progress.begin("train", steps)) {
      for (RunRecipe recipe : missing) {
        CompletableFuture<Void> source =
            recipe
                .start()
                .source()
                .flatMap(run -> Optional.ofNullable(running.get(run.hash())))
                .orElse(CompletableFuture.completedFuture(null));
        running.put(recipe.hash(), source.thenRunAsync(() -> train(recipe, task), workers));
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

  private void train(RunRecipe recipe, Progress.Task task) {
    Optional<NetworkState> source =
        recipe.start().source().map(run -> SavedNetwork.read(UNet.of(run.network()), endOf(run)));
    store.put(nameOf(recipe), recipe, TrainedRun.of(recipe, source, task));
  }

  private Path endOf(RunRecipe recipe) {
    return store.file(nameOf(recipe), recipe.plan().steps());
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

  /** Lays a copy of a trained run out in a folder, unless it is there already. */
  public void layOut(RunRecipe recipe, Path root, String run) {
    RunStore target = new RunStore(root);
    if (!target.holds(run, recipe)) {
      target.copy(run, store.folder(nameOf(recipe)));
    }
  }
}
