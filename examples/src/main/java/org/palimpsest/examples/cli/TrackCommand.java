package org.palimpsest.examples.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.palimpsest.core.evolution.CheckpointRecord;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTracker;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.io.study.EvolutionTables;
import org.palimpsest.io.study.StudyFolder;
import org.palimpsest.io.study.StudySettings;
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
          + " final networks of other runs.",
      "",
      "RUNS is a folder with step_0000.pt, step_0100.pt, … in source/, transfer/seed0/,"
          + " random/seed0/ and so on, and probes.npy.",
      "",
      "A study that was interrupted goes on where it was when it is started again."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar palimpsest.jar track runs -o evolution",
      "  java -jar palimpsest.jar track runs --probes probes.npy --layers 'enc*' --measure"
          + " svcca:0.9 --views to_start,groups -o evolution"
    })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class TrackCommand implements Callable<Integer> {

  /** Some checkpoints gave no figures; the rest is in the table. */
  static final int IN_PART = 3;

  @Spec private CommandSpec command;

  @Parameters(index = "0", paramLabel = "RUNS", description = "A folder of training runs.")
  private Path runs;

  @Mixin private StudyOptions asked;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description = "Where tables go, and what is known so far. Used by one process at a time.")
  private Path folder;

  @Option(
      names = "--resume",
      description =
          "Go on in this folder even if the study is another one than before: what is known and"
              + " still holds is kept, the tables are made anew.")
  private boolean resume;

  @Mixin private CommonOptions common;

  @Override
  public Integer call() {
    IdleThreads.letSleep();
    RunsFolder found = RunsFolder.open(runs);
    Study study = asked.study(found, command);
    try (StudyFolder kept = StudyFolder.open(folder)) {
      kept.settle(StudySettings.of(found.root(), study, List.of()), resume);
      EvolutionTable table = track(study, kept);
      List<Path> files = EvolutionTables.write(table, folder);
      return report(table, files);
    }
  }

  private EvolutionTable track(Study study, StudyFolder kept) {
    Progress progress = TerminalProgress.ifWatched();
    PrintWriter err = command.commandLine().getErr();
    return EvolutionTracker.of(new CheckpointFiles(), kept.journal(), kept.spill())
        .withProgress(progress)
        .withPlanListener(plan -> err.println(plan.describe()))
        .track(study);
  }

  private int report(EvolutionTable table, List<Path> files) {
    PrintWriter out = command.commandLine().getOut();
    new TextColumns(2).print(new EvolutionSummary(table).lines(), out);
    out.println();
    files.forEach(file -> out.println("Written: " + file));
    PrintWriter err = command.commandLine().getErr();
    table.notes().forEach(note -> err.println("note: " + note));
    List<CheckpointRecord> broken = table.broken();
    List<String> lines = new ArrayList<>();
    broken.forEach(c -> lines.add("warning: no figures: " + c.problem().orElseThrow()));
    lines.forEach(err::println);
    return broken.isEmpty() ? 0 : IN_PART;
  }
}
