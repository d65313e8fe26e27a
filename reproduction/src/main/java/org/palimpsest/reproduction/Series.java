package org.palimpsest.reproduction;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.io.runs.RunRole;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.reproduction.Arm.Beginning;
import org.palimpsest.reproduction.images.LabelledImage;
import org.palimpsest.reproduction.images.SegmentationTask.Split;
import org.palimpsest.reproduction.trained.NamedRun;
import org.palimpsest.reproduction.trained.RunRecipe;
import org.palimpsest.reproduction.trained.Start;
import org.palimpsest.reproduction.training.TrainingPlan;
import org.palimpsest.reproduction.training.UNetDesign;

/**
 * Networks of one architecture that are judged together: sources and the arms that follow them, in
 * one folder of runs.
 *
 * @param name of the folder
 * @param title what it is, for people
 * @param network the architecture
 * @param plan how long and how each network is trained
 * @param tasks what is learned
 * @param heldOut on how many images Dice is measured
 * @param probes how many other images every network is shown
 * @param sources what others start from
 * @param arms all others
 */
public record Series(
    String name,
    String title,
    UNetDesign network,
    TrainingPlan plan,
    Tasks tasks,
    int heldOut,
    int probes,
    List<Source> sources,
    List<Arm> arms) {

  private static final long SEED_OF_SHARED_START = 1000;
  private static final long SEEDS_OF_SOURCES = 2000;
  private static final long SEEDS_OF_IMAGES = 100;

  /**
   * A network that others start from. It never sees an image twice.
   *
   * @param name of its run
   * @param task what it learns
   */
  public record Source(String name, String task) {}

  public Series {
    sources = List.copyOf(sources);
    arms = List.copyOf(arms);
  }

  /** How many networks there are, sources too. */
  public int networks() {
    return sources.size() + arms.stream().mapToInt(Arm::seeds).sum();
  }

  /** All networks, where each is kept and what it says of itself; sources first. */
  public Map<RunRecipe, NamedRun> runs() {
    Map<RunRecipe, NamedRun> runs = new LinkedHashMap<>();
    for (Source source : sources) {
      runs.put(recipe(source), new NamedRun(source.name(), role(source)));
    }
    for (Arm arm : arms) {
      for (long seed = 0; seed < arm.seeds(); seed++) {
        runs.put(recipe(arm, seed), new NamedRun(arm.name() + "/seed" + seed, role(arm, seed)));
      }
    }
    return runs;
  }

  RunRecipe recipe(Source source) {
    long seed = SEEDS_OF_SOURCES + sources.indexOf(source);
    return new RunRecipe(
        network,
        new Start.Random(seed),
        List.of(),
        tasks.source(source.task()).withTraining(seed),
        plan.steps() * plan.batchSize(),
        heldOut,
        plan,
        seed);
  }

  RunRecipe recipe(Arm arm, long seed) {
    return new RunRecipe(
        network,
        start(arm, seed),
        arm.frozen().modules(network),
        tasks
            .target(arm.task(), arm.difficulty(), arm.images())
            .withTraining(SEEDS_OF_IMAGES + seed),
        tasks.count(arm.images()),
        heldOut,
        plan.times(arm.times()),
        seed);
  }

  private Start start(Arm arm, long seed) {
    return switch (arm.beginning()) {
      case RANDOM -> new Start.Random(1 + seed);
      case SHARED -> new Start.Random(SEED_OF_SHARED_START);
      case IMAGE_ALONE -> new Start.ImageAlone(1 + seed);
      case SOURCE -> Start.transferred(recipe(sourceOf(arm)));
      case MOMENTS -> new Start.Moments(recipe(sourceOf(arm)), 1 + seed);
    };
  }

  private Source sourceOf(Arm arm) {
    return sources.stream()
        .filter(source -> arm.source().filter(source.name()::equals).isPresent())
        .findFirst()
        .orElseThrow(
            () ->
                new PalimpsestException(
                    "The arm %s starts from %s, which is none of %s."
                        .formatted(arm.name(), arm.source().orElse("nothing"), sources)));
  }

  private static RunRole role(Source source) {
    return new RunRole(
        Optional.of("random"),
        Optional.empty(),
        Optional.empty(),
        Optional.of(source.task()),
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        Optional.empty());
  }

  private static RunRole role(Arm arm, long seed) {
    String start =
        switch (arm.beginning()) {
          case RANDOM, IMAGE_ALONE -> "random";
          case SHARED -> "random:shared";
          case SOURCE -> "source";
          case MOMENTS -> "moments";
        };
    return new RunRole(
        Optional.of(start),
        arm.source(),
        arm.frozen().word(),
        Optional.of(arm.task()),
        arm.difficulty().word(),
        Optional.of(arm.images().word()),
        arm.beginning() == Beginning.IMAGE_ALONE,
        arm.times() > 1,
        Optional.of(String.valueOf(seed)));
  }

  /**
   * Some of the runs, to be judged apart.
   *
   * @param name of the folder of results
   * @param title what they are, for people
   * @param runs of all runs in the folder
   */
  record Selection(String name, String title, RunsFolder runs) {}

  /**
   * What is judged of the runs in a folder: all of them, sources of the first one's task and of
   * others apart, since reuse of what is related and of what is not are two questions.
   */
  List<Selection> selections(RunsFolder all) {
    List<Selection> selections = new ArrayList<>(List.of(new Selection(name, title, all)));
    sources.stream()
        .filter(source -> !source.task().equals(sources.get(0).task()))
        .forEach(
            source ->
                selections.add(
                    new Selection(
                        name + "-" + source.task(),
                        "%s, after %s".formatted(title, source.task()),
                        after(all, source))));
    return selections;
  }

  private static RunsFolder after(RunsFolder all, Source source) {
    List<TrainingRun> some =
        all.runs().stream()
            .filter(
                run -> {
                  RunRole role = all.facts(run).role();
                  boolean isItsOwn = role.source().filter(source.name()::equals).isPresent();
                  return role.isRandom()
                      || role.isRandomTrainedLonger()
                      || role.floor()
                      || isItsOwn
                      || run.name().equals(source.name());
                })
            .toList();
    return all.withRuns(Optional.empty(), some);
  }

  /** The images that every network is shown: those of the task of the first arm. */
  List<LabelledImage> shown() {
    Arm first = arms.get(0);
    return tasks
        .target(first.task(), first.difficulty(), first.images())
        .draw(Split.PROBES, probes);
  }
}
