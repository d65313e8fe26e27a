package org.palimpsest.examples.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/**
 * The command line.
 *
 * <p>Standard output carries the result alone; progress, warnings and failures go to standard
 * error. The exit code is 0 when all went well, 1 when the work failed and 2 for wrong use.
 */
@Command(
    name = "palimpsest",
    description = "Measures, layer by layer, how alike two networks are.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = ScopeType.INHERIT,
    sortOptions = false,
    showDefaultValues = true,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all went well",
      "1:the work failed: one line on standard error says why",
      "2:wrong use of the command line"
    },
    subcommands = {MeasuresCommand.class},
    footerHeading = "%nExample:%n",
    footer = {
      "  java -jar palimpsest.jar compare before.pt after.pt --probes probes.npy -o result",
      "",
      "'palimpsest COMMAND --help' explains a command, with an example."
    })
public final class Palimpsest {

  private Palimpsest() {}

  public static void main(String[] arguments) {
    RuntimeSettings.apply(arguments);
    PrintStream out = utf8(FileDescriptor.out);
    PrintStream err = utf8(FileDescriptor.err);
    System.exit(run(arguments, out, err));
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
    Failures failures = new Failures();
    CommandLine line = new CommandLine(new Palimpsest());
    line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionStrategy(Failures::executeCatchingErrors);
    line.setParameterExceptionHandler(failures);
    line.setExecutionExceptionHandler(failures);
    int code = line.execute(arguments);
    out.flush();
    err.flush();
    return code;
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
  }
}
