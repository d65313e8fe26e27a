package org.palimpsest.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.evolution.TrainingRun.RunStep;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.Blocks;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.similarity.evolution.WeightComparisons;
import org.palimpsest.similarity.uncertainty.Intervals;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What is to be found out about training runs. */
final class StudyOptions {

  private static final List<String> NONE = List.of("none");

  @Mixin private ProbeOptions probes = new ProbeOptions();

  @Option(
      names = "--measure",
      paramLabel = "NAME",
      defaultValue = "linear_cka",
      description =
          "A measure, with parameters after a colon: svcca:0.9. May be given several times. The"
              + " command 'measures' lists them. none: weights alone, no network is run. (default:"
              + " ${DEFAULT-VALUE})")
  private List<String> measures = List.of();

  @Option(
      names = "--layers",
      paramLabel = "GLOB,…",
      hideParamSyntax = true,
      split = ",",
      description =
          "Only the layers of this path, where * stands for anything within one element of a path"
              + " and ** for anything at all: 'enc*', 'encoder.**'. Several with commas (enc1,enc2)"
              + " or by giving the option again. (default: the network's blocks, such as the stages"
              + " of an encoder and a decoder, or the modules right below its root. All layers:"
              + " '**')")
  private List<String> layers = new ArrayList<>();

  @Option(
      names = "--views",
      paramLabel = "VIEW,…",
      split = ",",
      description =
          "What is held against what: to_start, to_end, to_source, to_next, steps, layers, finals,"
              + " final_layers, pairs, groups. (default: all of these but final_layers)")
  private List<Study.View> views = List.of();

  @Option(
      names = "--pair",
      paramLabel = "RUN@STEP,RUN@STEP",
      description =
          "Also hold all layers of these two checkpoints against each other, such as"
              + " random/seed0@0,transfer/seed0@400. May be given several times.",
      converter = CheckpointPair.class)
  private List<RunStep.Pair> pairs = List.of();

  @Option(
      names = "--weights",
      paramLabel = "WHAT,…",
      split = ",",
      defaultValue = "change,filters,randomness",
      description = {
        "What is told of weights, from the files alone. (default: ${DEFAULT-VALUE})",
        "change: how far each weight went. filters: how near filters are, best matched, beside"
            + " chance. randomness: whether filters still look random. none: nothing."
      })
  private List<String> weights = List.of();

  @Mixin private StartOption start = new StartOption();

  @Option(
      names = "--interval",
      description =
          "Also give where each score of two layers would lie with ever more probes (low, high)."
              + " Comparing takes two to three times as long with linear_cka.")
  private boolean interval;

  @Mixin private LevelOption level = new LevelOption();

  @Mixin private FeatureMapOptions featureMaps = new FeatureMapOptions();

  /** What is asked of these runs, whose networks can be opened to see which layers they have. */
  AskedStudy of(RunsFolder runs, CheckpointFiles files, CommandSpec command) {
    CheckpointFiles networks = files.of(runs);
    OptionUse.requireOfRuns(runs, networks);
    List<WeightComparison> compared = weights(command);
    level.requireIntervals(interval, command);
    if (views.contains(Study.View.PAIRS) && pairs.isEmpty()) {
      throw wrongUse("The view 'pairs' needs pairs of checkpoints: give --pair.", command);
    }
    if (!measures.equals(NONE)) {
      return withNetworks(runs, networks, compared, command);
    }
    if (interval) {
      throw wrongUse(
          "--interval is of scores of layers: give a --measure other than none.", command);
    }
    if (compared.isEmpty()) {
      throw wrongUse("Neither measures nor weights are asked for.", command);
    }
    Study study =
        withSource(Study.ofWeights(runs.runs()).withViews(chosenViews(runs, command)), runs);
    return new AskedStudy(
        runs, study, compared, Optional.empty(), "nothing: weights alone", List.of());
  }

  private AskedStudy withNetworks(
      RunsFolder runs,
      CheckpointFiles networks,
      List<WeightComparison> compared,
      CommandSpec command) {
    List<Measure<?>> parsed = new ArrayList<>();
    AskedMeasure.parseAll(measures, command).forEach(asked -> parsed.add(asked.measure()));
    ShownProbes shown = shown(runs, command);
    if (interval) {
      shown.reportCopies(command.commandLine().getErr());
    }
    List<String> notes = new ArrayList<>();
    LayerSelector chosen =
        layers.isEmpty()
            ? Blocks.of(runs, networks, shown.probes(), notes::add)
            : LayerSelector.of(layers);
    Study study =
        Study.of(runs.runs(), shown.probes(), parsed)
            .withFeatureMaps(featureMaps.rule())
            .withViews(chosenViews(runs, command))
            .withLayers(chosen)
            .withPairs(pairs);
    return new AskedStudy(
        runs, withSource(study, runs), compared, intervals(command), shown.describe(), notes);
  }

  private Optional<Intervals> intervals(CommandSpec command) {
    Intervals usual = Intervals.withDefaults().withSeed(featureMaps.seed());
    return CertaintyOptions.asked(interval, () -> level.of(usual), command);
  }

  private ShownProbes shown(RunsFolder runs, CommandSpec command) {
    if (!probes.areGiven() && runs.probes().isEmpty()) {
      throw wrongUse(
          runs.root() + " has no probes of its own: give --probes, or --measure none.", command);
    }
    Path own = runs.probes().orElse(runs.root());
    return probes.openOr(own, featureMaps.seed(), command.commandLine().getErr());
  }

  private static Study withSource(Study study, RunsFolder runs) {
    return runs.source().map(study::withSource).orElse(study);
  }

  private List<WeightComparison> weights(CommandSpec command) {
    if (start.named(command).isPresent()
        && !weights.contains(WeightComparisons.randomness().name())) {
      throw wrongUse("--start says what random filters look like: --weights randomness.", command);
    }
    if (weights.equals(NONE)) {
      return List.of();
    }
    try {
      return weights.stream().distinct().map(name -> comparison(name, command)).toList();
    } catch (PalimpsestException unknown) {
      throw wrongUse(String.valueOf(unknown.getMessage()), command);
    }
  }

  private WeightComparison comparison(String name, CommandSpec command) {
    WeightComparison plain = WeightComparisons.parse(name);
    return plain.name().equals(WeightComparisons.randomness().name())
        ? start.named(command).map(WeightComparisons::randomness).orElse(plain)
        : plain;
  }

  private Set<Study.View> chosenViews(RunsFolder runs, CommandSpec command) {
    if (!views.isEmpty()) {
      return EnumSet.copyOf(views);
    }
    if (runs.startsAreKnown()) {
      return Study.usualViews();
    }
    command
        .commandLine()
        .getErr()
        .println(
            "note: not every fold has a checkpoint of epoch 0: nothing is held against the start,"
                + " and how random filters look is not told. --views to_start,… takes the earliest"
                + " checkpoint for the start.");
    Set<Study.View> others = EnumSet.copyOf(Study.usualViews());
    others.remove(Study.View.TO_START);
    return others;
  }

  private static ParameterException wrongUse(String message, CommandSpec command) {
    return new ParameterException(command.commandLine(), message);
  }
}
