package org.palimpsest.reproduction.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.reproduction.trained.RunRecipe;
import org.palimpsest.reproduction.trained.TrainedNetworks;

/**
 * What an experiment works with: networks that are trained when they are first asked for, the
 * images that all of them are shown, and the tracker.
 *
 * @param setting which networks
 * @param networks where they are kept
 * @param folder where the experiment's results go
 * @param progress hears of the work
 * @param messages hears what a user should know before a long wait
 */
public record Lab(
    Setting setting,
    TrainedNetworks networks,
    Path folder,
    Progress progress,
    Consumer<String> messages) {

  /** Networks of the main condition that started from the source, one per seed. */
  public List<TrainingRun> transfer() {
    return runs("transfer", seed -> setting.transfer(setting.main(), seed));
  }

  /** Networks of the main condition that started at random, one per seed. */
  public List<TrainingRun> random() {
    return runs("random", seed -> setting.random(setting.main(), seed));
  }

  /**
   * Networks by a recipe, one per seed.
   *
   * @param initialisation what to call what they started from
   */
  public List<TrainingRun> runs(String initialisation, LongFunction<RunRecipe> recipes) {
    List<RunRecipe> wanted = recipes(recipes);
    train(wanted);
    return wanted.stream().map(recipe -> networks.run(initialisation, recipe)).toList();
  }

  /** A recipe for each seed. */
  public List<RunRecipe> recipes(LongFunction<RunRecipe> recipes) {
    return LongStream.range(0, setting.seeds()).mapToObj(recipes).toList();
  }

  /** Trains what is missing; to be asked for all at once, so that cores are busy. */
  public void train(List<RunRecipe> recipes) {
    int missing = networks.missing(recipes).size();
    if (missing > 0) {
      messages.accept("Training %s network%s.".formatted(missing, missing == 1 ? "" : "s"));
      networks.complete(recipes, progress);
    }
  }

  /**
   * Trains the networks of {@link #transfer()} and {@link #random()}: all of the first, then all of
   * the second.
   */
  public List<TrainingRun> trainBoth() {
    List<RunRecipe> all = new ArrayList<>(recipes(seed -> setting.transfer(setting.main(), seed)));
    all.addAll(recipes(seed -> setting.random(setting.main(), seed)));
    train(all);
    List<TrainingRun> runs = new ArrayList<>(transfer());
    runs.addAll(random());
    return runs;
  }

  /** The images that every network is shown, of the target and held out. */
  public Probes probes() {
    return probes(setting.main().target());
  }

  /** Images of a task that no network learns from. */
  public Probes probes(Lesson lesson) {
    return Probes.of(ImageTensor.of(setting.shown(lesson)));
  }

  /** The same, its results in a folder below. */
  public Lab below(String name) {
    return new Lab(setting, networks, folder.resolve(name), progress, messages);
  }

  /** Compares by the tracker, going on where an earlier study in the folder stopped. */
  public EvolutionTable track(Study study, WeightComparison... weights) {
    return Tracking.in(folder, progress).track(study, weights);
  }

  /**
   * Lays the networks of the main condition and the images out as a folder of runs.
   *
   * @return the folder, without runs that lay there before
   */
  public RunsFolder layOut(Path root) {
    trainBoth();
    NpyFile.write(
        root.resolve("probes.npy"), ImageTensor.of(setting.shown(setting.main().target())));
    networks.layOut(setting.source(setting.main()), root, "source");
    Set<String> wanted = new HashSet<>();
    for (long seed = 0; seed < setting.seeds(); seed++) {
      String transfer = "transfer/seed" + seed;
      String random = "random/seed" + seed;
      networks.layOut(setting.transfer(setting.main(), seed), root, transfer);
      networks.layOut(setting.random(setting.main(), seed), root, random);
      wanted.addAll(List.of(transfer, random));
    }
    RunsFolder all = RunsFolder.open(root);
    List<TrainingRun> runs =
        all.runs().stream().filter(run -> wanted.contains(run.name())).toList();
    return all.withRuns(all.source(), runs);
  }
}
