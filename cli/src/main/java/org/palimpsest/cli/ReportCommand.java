package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.palimpsest.cli.internal.CommonOptions;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.io.study.EvolutionTables;
import org.palimpsest.io.study.StudyFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Draws a study again. */
@Command(
    name = "report",
    description =
        "Makes the pictures and the report of a study again, from its table. Nothing is compared.",
    footerHeading = "%nExample:%n",
    footer = "  java -jar palimpsest.jar report evolution")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class ReportCommand implements Callable<Integer> {

  @Spec private CommandSpec command;

  @Parameters(
      index = "0",
      paramLabel = "DIR",
      description = "The folder that the command 'track' wrote.")
  private Path folder;

  @Mixin private CommonOptions common;

  @Override
  public Integer call() {
    EvolutionTable table = EvolutionTables.read(folder);
    EvolutionTables.changed(table, folder)
        .forEach(
            csv ->
                command
                    .commandLine()
                    .getErr()
                    .println(
                        "note: "
                            + csv
                            + " is not as it was written. What is drawn is evolution.json."));
    PrintWriter out = command.commandLine().getOut();
    StudyFolder.Settings settings = StudyFolder.settingsOf(folder);
    CheckpointFiles networks = KeptCheckpoints.of(settings);
    WrittenFiles.print(StudyReports.write(table, settings, networks, folder), out);
    return 0;
  }
}
