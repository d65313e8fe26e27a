package org.palimpsest.cli;

import java.io.PrintStream;
import org.palimpsest.internal.file.Deserialisation;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** The command line. */
@Command(
    name = "palimpsest",
    description = "Measures, layer by layer, how alike two networks are.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionNumber.class,
    scope = ScopeType.INHERIT,
    sortOptions = false,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all went well",
      "1:the work failed: one line on standard error says why",
      "2:wrong use of the command line",
      "3:track and assess: done, but some checkpoints could not be used: standard error says which"
    },
    subcommands = {
      PatchesCommand.class,
      CaptureCommand.class,
      CompareCommand.class,
      TrackCommand.class,
      ReportCommand.class,
      AssessCommand.class,
      MeasuresCommand.class,
      WeightsCommand.class,
      WeightsCompareCommand.class,
      InspectCommand.class
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  java -jar palimpsest.jar compare start.pt end.pt --probes probes.npy -o out",
      "",
      "'palimpsest COMMAND --help' explains a command, with an example."
    })
public final class Palimpsest {

  Palimpsest() {}

  public static void main(String[] arguments) {
    try {
      Thread.setDefaultUncaughtExceptionHandler(Failures::report);
      Deserialisation.refuse();
      BoundedJava.startAnew(arguments);
      CommandRunner.runAndExit(new Palimpsest(), arguments);
    } catch (LinkageError failure) { // here no class of its own may be needed to say so
      System.err.println(
          "palimpsest: Java cannot load the program ("
              + failure
              + "). Is the limit of open files (ulimit -n) too low, or is its folder not whole?");
      Runtime.getRuntime().halt(1);
    }
  }

  /**
   * Runs one command.
   *
   * @param arguments the command and its options
   * @param out where the result goes
   * @param err where progress, warnings and failures go
   * @return the exit code
   */
  public static int run(String[] arguments, PrintStream out, PrintStream err) {
    return CommandRunner.run(new Palimpsest(), arguments, out, err);
  }
}
