package org.palimpsest.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.examples.cli.CommandRunner;
import org.palimpsest.examples.cli.CommonOptions;
import org.palimpsest.examples.cli.IdleThreads;
import org.palimpsest.examples.cli.TerminalProgress;
import org.palimpsest.examples.experiment.ReuseComparison;
import org.palimpsest.examples.experiment.ReuseReport;
import org.palimpsest.examples.experiment.ReuseResult;
import org.palimpsest.examples.experiment.ReuseTable;
import org.palimpsest.examples.experiment.TransferExperiment;
import org.palimpsest.examples.experiment.TransferRuns;
import org.palimpsest.examples.images.FolderTask;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.similarity.Measures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Which layers of a U-Net are reused when it is fine-tuned on another task?
 *
 * <p>Trains a small U-Net on synthetic images, then on a second task from those weights and from
 * scratch, and compares all of them layer by layer; or does so with the checkpoints of a folder.
 */
@Command(
    name = "FeatureReuse",
    description = {
      "Shows which layers of a U-Net keep what they had learned when it is fine-tuned.",
      "Without --runs it trains the networks itself, on synthetic images, in a few minutes; a second"
          + " run finds them in the output folder."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    usageHelpAutoWidth = true)
public final class FeatureReuse implements Callable<Integer> {

  private static final int PATCH = 64;
  private static final int PATCHES = 96;
  private static final int FEW_IMAGES = 5;

  private final TransferExperiment experiment;

  @Option(
      names = "--runs",
      paramLabel = "DIR",
      description =
          "Compare the TorchScript checkpoints of this folder: source/, transfer/seed0/,"
              + " random/seed0/, … with step_0000.pt, …; and probes.npy.")
  private @Nullable Path runs;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description =
          "Learn the target task from these images (00.png with 00_mask.png, and so on) instead of"
              + " synthetic ones: from patches of five of them.")
  private @Nullable Path images;

  @Option(
      names = "--source-images",
      paramLabel = "DIR",
      description = "Learn the source task from these images instead of synthetic ones.")
  private @Nullable Path sourceImages;

  @Option(
      names = "--layers",
      paramLabel = "GLOB",
      description =
          "Layers to compare (* within one path element, ** across); may be given several times."
              + " By default the network's blocks.")
  private List<String> layers = List.of();

  @Option(
      names = "--measure",
      paramLabel = "NAME",
      defaultValue = "linear_cka",
      description = "Measure of similarity; may be given several times.")
  private List<String> measures = List.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      defaultValue = "palimpsest-out/feature-reuse",
      description = "Where pictures, tables and trained networks go.")
  private Path output = Path.of("");

  @Mixin private CommonOptions common = new CommonOptions();
  @Spec private @Nullable CommandSpec spec;

  FeatureReuse(TransferExperiment experiment) {
    this.experiment = experiment;
  }

  public static void main(String[] arguments) {
    CommandRunner.runAndExit(new FeatureReuse(TransferExperiment.withDefaults()), arguments);
  }

  @Override
  public Integer call() {
    IdleThreads.letSleep();
    List<Measure<?>> chosen = parseMeasures();
    Progress progress = TerminalProgress.ifWatched();
    RunsFolder folder = RunsFolder.open(runs == null ? train(progress) : runs);
    ReuseResult result = ReuseComparison.of(folder, chosen, layers, progress);
    List<Path> files = ReuseReport.write(result, output);
    ReuseTable.of(result).forEach(this::print);
    print("");
    files.forEach(file -> print("Written: " + file));
    return 0;
  }

  private List<Measure<?>> parseMeasures() {
    List<Measure<?>> parsed = new ArrayList<>();
    try {
      measures.stream().distinct().forEach(name -> parsed.add(Measures.parse(name)));
    } catch (PalimpsestException unknown) {
      String message = String.valueOf(unknown.getMessage());
      throw new ParameterException(command().commandLine(), message, unknown);
    }
    return parsed;
  }

  private Path train(Progress progress) {
    Path folder = output.resolve("runs");
    TransferRuns networks = TransferRuns.in(chosenExperiment(), folder);
    if (networks.missing() > 0) {
      tell("Training %d networks, which takes a few minutes.".formatted(networks.missing()));
    }
    networks.complete(progress);
    return folder;
  }

  private TransferExperiment chosenExperiment() {
    TransferExperiment chosen = experiment;
    if (sourceImages != null) {
      chosen = chosen.withSource(FolderTask.of(sourceImages, PATCH, Integer.MAX_VALUE, 1));
    }
    if (images != null) {
      chosen = chosen.withTarget(FolderTask.of(images, PATCH, FEW_IMAGES, 2), PATCHES);
    }
    return chosen;
  }

  private void print(String line) {
    command().commandLine().getOut().println(line);
  }

  private void tell(String line) {
    command().commandLine().getErr().println(line);
  }

  private CommandSpec command() {
    return Objects.requireNonNull(spec);
  }
}
