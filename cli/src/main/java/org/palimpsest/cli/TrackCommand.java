package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.palimpsest.cli.internal.CommonOptions;
import org.palimpsest.cli.internal.CommonOptions.WritesFiles;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.EvolutionTables;
import org.palimpsest.io.study.StudyFolder;
import org.palimpsest.report.page.StudyReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Follows networks through their training. */
@Command(
    name = "track",
    description = {
      "Holds the checkpoints of training runs against each other, layer by layer: against their own"
          + " start and end, the network that they were transferred from, the next one, and the"
          + " final networks of other runs. Writes tables, pictures and a report.",
      "",
      "RUNS is a folder with step_0000.pt, step_0100.pt, … in source/, transfer/seed0/,"
          + " random/seed0/ and so on, and probes.npy; a results folder of nnU-Net, whose folds are"
          + " the runs and whose epochs are the steps; or a JSON file that tells where checkpoints"
          + " are (docs/evolution.md).",
      "",
      "A study that was interrupted goes on where it was when it is started again."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar palimpsest.jar track runs -o evolution",
      "  java -jar palimpsest.jar track runs --probes probes.npy --layers 'enc*' --measure"
          + " svcca:0.9 --views to_start,groups -o evolution",
      "  java -jar palimpsest.jar track runs --follow --until-step 400 -o evolution",
      "  java -jar palimpsest.jar track Dataset042_X/nnUNetTrainer__nnUNetPlans__2d --probes"
          + " probes.npy -o evolution"
    })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class TrackCommand implements Callable<Integer>, WritesFiles {

  static final String RESUME = "--resume";

  @Spec private CommandSpec command;

  @Parameters(
      index = "0",
      paramLabel = "RUNS",
      description = "A folder of training runs, or a JSON file.")
  private Path runs;

  @Mixin private StudyOptions asked;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description =
          "Where tables and pictures go, and what is known so far. Used by one process at a time.")
  private Path folder;

  @Option(
      names = RESUME,
      description =
          "Go on in this folder even if it held a study of other runs, layers, measures or views:"
              + " what is known and still holds is used, tables are made anew.")
  private boolean resume;

  @Mixin private FollowOptions follow;

  @Mixin private ModelOptions models;

  @Mixin private ClusterOptions elsewhere;

  @Mixin private CommonOptions common;

  @Override
  public List<Path> outputs() {
    return Stream.of(
            EvolutionTables.files(folder).stream(),
            StudyFolder.files(folder).stream(),
            Stream.of(folder.resolve(StudyReport.PAGE)))
        .flatMap(files -> files)
        .toList();
  }

  @Override
  public Integer call() {
    Optional<Integer> started = elsewhere.startedAnew(command);
    return started.isPresent() ? started.get() : track();
  }

  private int track() {
    NativeLibraries.loadAhead();
    PrintWriter err = command.commandLine().getErr();
    NetworkOptions said = models.saidOfAll(command);
    RunsFolder found = follow.firstRuns(runs, said, err);
    found.notes().forEach(note -> err.println("note: " + note));
    AskedStudy study = asked.of(found, models.checkpoints(), command);
    if (!follow.isAsked()) {
      study.study().requirePairs();
    }
    try (StudyFolder kept = StudyFolder.open(folder)) {
      kept.settle(study.settings(), resume);
      study.notes().forEach(note -> err.println("note: " + note));
      return track(study, kept, said);
    }
  }

  private int track(AskedStudy study, StudyFolder kept, NetworkOptions said) {
    PrintWriter err = command.commandLine().getErr();
    try (ClusterOptions.Elsewhere others = elsewhere.of(study, folder, models, err)) {
      StudyTracking tracking = new StudyTracking(study, kept, models, others.workers(), err);
      EvolutionTable table =
          follow.isAsked() ? follow.through(tracking, runs, said) : tracking.once();
      others.finish();
      if (models.limitMemory()) {
        err.println("note: Memory is bounded; 'report " + folder + "' makes pictures and report.");
      }
      return new TrackSummary(table, study.headline(), tracking.files(), tracking.runs().unread())
          .print(command.commandLine());
    }
  }
}
