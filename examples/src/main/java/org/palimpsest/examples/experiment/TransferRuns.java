package org.palimpsest.examples.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.examples.images.LabelledImage;
import org.palimpsest.examples.images.SegmentationTask.Split;
import org.palimpsest.examples.training.Initialisation;
import org.palimpsest.examples.training.NetworkState;
import org.palimpsest.examples.training.SavedNetwork;
import org.palimpsest.examples.training.Training;
import org.palimpsest.examples.training.UNet;
import org.palimpsest.io.npy.NpyFile;

/**
 * Trains the networks of an experiment, several at once, each by one thread, and keeps them in a
 * folder that {@link org.palimpsest.io.runs.RunsFolder} reads. What is there already is not trained
 * again.
 */
public final class TransferRuns {

  private static final String SOURCE = "source";

  private final TransferExperiment experiment;
  private final UNet network;
  private final Path folder;
  private final RunStore store;
  private final RunRecipe sourceRecipe;

  private TransferRuns(TransferExperiment experiment, Path folder) {
    this.experiment = experiment;
    this.network = UNet.of(experiment.network());
    this.folder = folder;
    this.store = new RunStore(folder);
    this.sourceRecipe = experiment.sourceRun();
  }

  /**
   * @param experiment what to train
   * @param folder where the runs are or will be
   */
  public static TransferRuns in(TransferExperiment experiment, Path folder) {
    return new TransferRuns(experiment, folder);
  }

  /** How many networks are yet to be trained. */
  public long missing() {
    return recipes().entrySet().stream()
        .filter(run -> !store.holds(run.getKey(), run.getValue()))
        .count();
  }

  /** Trains what is missing. */
  public void complete(Progress progress) {
    writeProbes();
    long steps = missingSteps();
    if (steps == 0) {
      return;
    }
    ExecutorService workers =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try (Progress.Task task = progress.begin("train", steps)) {
      CompletableFuture<NetworkState> source =
          CompletableFuture.supplyAsync(() -> source(task), workers);
      List<CompletableFuture<?>> runs = new ArrayList<>();
      for (int seed = 0; seed < experiment.seeds(); seed++) {
        int number = seed;
        runs.add(CompletableFuture.runAsync(() -> random(number, task), workers));
        runs.add(source.thenAcceptAsync(state -> transfer(number, state, task), workers));
      }
      CompletableFuture.allOf(runs.toArray(new CompletableFuture<?>[0])).join();
    } catch (CompletionException | CancellationException failure) {
      if (failure.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw failure;
    } finally {
      workers.shutdownNow();
    }
  }

  private void writeProbes() {
    List<LabelledImage> images = experiment.target().draw(Split.PROBES, experiment.probes());
    NpyFile.write(folder.resolve("probes.npy"), ImageTensor.of(images));
  }

  private NetworkState source(Progress.Task task) {
    obtain(SOURCE, sourceRecipe, () -> Initialisation.he(0).of(network), task);
    return SavedNetwork.read(network, store.file(SOURCE, sourceRecipe.plan().steps()));
  }

  private void random(int seed, Progress.Task task) {
    obtain(
        "random/seed" + seed,
        randomRecipe(seed),
        () -> Initialisation.he(1L + seed).of(network),
        task);
  }

  private void transfer(int seed, NetworkState source, Progress.Task task) {
    obtain(
        "transfer/seed" + seed,
        transferRecipe(seed),
        () -> Initialisation.transferred(source).of(network),
        task);
  }

  private RunRecipe randomRecipe(int seed) {
    return experiment.targetRun("he:" + (1 + seed), seed);
  }

  private RunRecipe transferRecipe(int seed) {
    return experiment.targetRun("transferred:" + sourceRecipe.hash(), seed);
  }

  private void obtain(
      String name, RunRecipe recipe, Supplier<NetworkState> start, Progress.Task task) {
    if (store.holds(name, recipe)) {
      return;
    }
    Map<Integer, RunStore.Saved> saved = new LinkedHashMap<>();
    new Training(
            network,
            recipe.plan(),
            path -> false,
            recipe.task().draw(Split.TRAINING, recipe.images()),
            recipe.task().draw(Split.HELD_OUT, recipe.heldOut()),
            recipe.seed())
        .run(
            start.get(),
            task,
            (step, state, dice) ->
                saved.put(step, new RunStore.Saved(network.archive(state), dice)));
    store.put(name, recipe, saved);
  }

  private long missingSteps() {
    return recipes().entrySet().stream()
        .filter(run -> !store.holds(run.getKey(), run.getValue()))
        .mapToLong(run -> run.getValue().plan().steps())
        .sum();
  }

  private Map<String, RunRecipe> recipes() {
    Map<String, RunRecipe> recipes = new LinkedHashMap<>();
    recipes.put(SOURCE, sourceRecipe);
    for (int seed = 0; seed < experiment.seeds(); seed++) {
      recipes.put("random/seed" + seed, randomRecipe(seed));
      recipes.put("transfer/seed" + seed, transferRecipe(seed));
    }
    return recipes;
  }
}
