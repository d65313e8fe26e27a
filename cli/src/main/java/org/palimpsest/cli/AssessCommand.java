package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.claims.Assessment;
import org.palimpsest.claims.Assessor;
import org.palimpsest.cli.internal.CommonOptions;
import org.palimpsest.cli.internal.CommonOptions.WritesFiles;
import org.palimpsest.cli.internal.TerminalProgress;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.EvolutionTables;
import org.palimpsest.io.study.StudyFolder;
import org.palimpsest.similarity.output.Predictions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Judges what is claimed of transfer learning on anyone's training runs. */
@Command(
    name = "assess",
    description = {
      "Judges what Karimi, Warfield and Gholipour claim of transfer learning in segmentation on"
          + " training runs of your own: each claim holds, does not hold, or cannot be told, with"
          + " the figure, its interval, and what would have to be added. Writes a page, the same as"
          + " Markdown, and all figures as JSON.",
      "",
      "RUNS is what 'track' takes: a folder of training runs or a JSON file. What a run is an"
          + " example of is told by its folder's name (random, transfer, frozen_encoder, floor,"
          + " source) or by a file run.json beside its checkpoints (docs/claims.md).",
      "",
      "An assessment that was interrupted goes on where it was when it is started again."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar palimpsest.jar assess runs -o assessment",
      "  java -jar palimpsest.jar assess runs --probes probes.npy --masks masks.npy -o assessment"
    })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class AssessCommand implements Callable<Integer>, WritesFiles {

  private static final String EVOLUTION = "evolution";

  @Spec private CommandSpec command;

  @Parameters(
      index = "0",
      paramLabel = "RUNS",
      description = "A folder of training runs, or a JSON file.")
  private Path runs;

  @Option(
      names = ProbeOptions.PROBES,
      paramLabel = "P.npy",
      description =
          "What every network is shown: an .npy of inputs, samples first, such as (n, c, h, w)."
              + " (default: probes.npy among the"
              + " runs)")
  private @Nullable Path probes;

  @Option(
      names = "--masks",
      paramLabel = "M.npy",
      description =
          "What is right on the probes: (n, space) of class numbers, as patches writes it, or (n, 1,"
              + " space), or (n, classes, space). Runs"
              + " without a log of scores are then scored by the Dice of their predictions, which runs"
              + " each of their checkpoints.")
  private @Nullable Path masks;

  @Option(
      names = "--outputs",
      paramLabel = "logits|probabilities",
      defaultValue = "logits",
      description = "What the numbers of the last layer are. (default: ${DEFAULT-VALUE})")
  private Predictions.Scale outputs = Predictions.Scale.LOGITS;

  @Option(
      names = "--layers",
      paramLabel = "GLOB,…",
      hideParamSyntax = true,
      split = ",",
      description =
          "The blocks to look at, from input to output, where * stands for anything within one"
              + " element of a path and ** for anything at all. (default: the network's blocks, such"
              + " as the stages of an encoder and a decoder)")
  private List<String> layers = new ArrayList<>();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description =
          "Where the page goes, and in its folder evolution what is known so far. Used by one process"
              + " at a time.")
  private Path folder;

  @Option(
      names = "--resume",
      description =
          "Go on in this folder even if other layers or probes were looked at there before: what is"
              + " known and still holds is used.")
  private boolean resume;

  @Mixin private ModelOptions models;

  @Mixin private CommonOptions common;

  @Override
  public List<Path> outputs() {
    Path study = folder.resolve(EVOLUTION);
    return Stream.of(
            Assessment.files(folder).stream(),
            EvolutionTables.files(study).stream(),
            StudyFolder.files(study).stream())
        .flatMap(files -> files)
        .toList();
  }

  @Override
  public Integer call() {
    requirePlaces();
    NativeLibraries.loadAhead();
    PrintWriter out = command.commandLine().getOut();
    PrintWriter err = command.commandLine().getErr();
    Assessment assessment = assessor(err).assess(folder);
    List<Path> files = assessment.write(folder);
    assessment.summary().forEach(out::println);
    out.println();
    WrittenFiles.print(files, out);
    assessment.notes().forEach(note -> err.println("note: " + note));
    assessment.problems().forEach(problem -> err.println("warning: " + problem));
    return assessment.isComplete() ? 0 : TrackSummary.IN_PART;
  }

  /** Before anything is run that takes its time. */
  private void requirePlaces() {
    for (Path file : Assessment.files(folder)) {
      if (Files.isDirectory(file)) {
        throw new PalimpsestException(
            file + " is a folder, where a file is to be written. Give another folder with -o.");
      }
    }
  }

  private Assessor assessor(PrintWriter err) {
    RunsFolder found = RunsFolder.open(runs, models.saidOfAll(command));
    OptionUse.requireOfRuns(found, models.checkpoints().of(found));
    Assessor assessor =
        Assessor.of(found)
            .withNetworks(models.checkpoints())
            .withOutputs(outputs)
            .withMemoryBound(MemoryShares.forLayers(models.mostMemory()))
            .withProgress(TerminalProgress.ifWatched(), line -> tell(line, err));
    Optional<Path> file = Optional.ofNullable(probes).or(found::probes);
    if (file.isPresent()) {
      Probes opened = array(file.get(), "probes");
      assessor = assessor.withProbes(opened, described(file.get(), opened));
    } else if (masks != null) {
      throw new ParameterException(
          command.commandLine(), "--masks says what is right on the probes: give --probes too.");
    } else {
      tell(
          "note: there are no probes (--probes, or probes.npy among the runs): no network is run, and"
              + " nothing is said of representations.",
          err);
    }
    if (masks != null) {
      assessor = assessor.withMasks(array(masks, "masks"));
    }
    if (!layers.isEmpty()) {
      assessor = assessor.withLayers(LayerSelector.of(layers));
    }
    return resume ? assessor.resuming() : assessor;
  }

  private static String described(Path file, Probes opened) {
    return Arrays.stream(opened.shape())
        .mapToObj(Long::toString)
        .collect(Collectors.joining(" × ", "", " from " + file));
  }

  private static Probes array(Path file, String what) {
    if (!file.toString().endsWith(".npy")) {
      throw new PalimpsestException("%s: %s are taken from an .npy file.".formatted(file, what));
    }
    return NpyProbes.open(file);
  }

  private static void tell(String line, PrintWriter err) {
    err.println(line);
    err.flush();
  }
}
