package org.palimpsest.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Runs a command with the manners that all share.
 *
 * <p>Standard output carries the result alone; progress, warnings and failures go to standard
 * error. The exit code is 0 when all went well, 1 when the work failed and 2 for wrong use.
 */
public final class CommandRunner {

  private CommandRunner() {}

  /**
   * Runs a command as the process and ends the process.
   *
   * @param command an object with picocli's annotations
   * @param arguments its options, and its subcommand if it has any
   */
  public static void runAndExit(Object command, String[] arguments) {
    RuntimeSettings.apply(arguments);
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    OutputStream err = new FileOutputStream(FileDescriptor.err);
    System.exit(run(command, arguments, out, utf8(err)));
  }

  /** Runs a command; if what it prints could not be written, that is a failure. */
  static int run(Object command, String[] arguments, OutputStream out, PrintStream err) {
    StandardOutput standard = new StandardOutput(out);
    int code = run(command, arguments, utf8(standard), err);
    Optional<String> failure = standard.failure();
    failure.ifPresent(
        reason -> {
          err.println("palimpsest: standard output cannot be written: " + reason);
          err.flush();
        });
    return failure.isPresent() ? CommandLine.ExitCode.SOFTWARE : code;
  }

  /**
   * Runs a command.
   *
   * @param command an object with picocli's annotations
   * @param arguments its options, and its subcommand if it has any
   * @param out where the result goes
   * @param err where progress, warnings and failures go
   * @return the exit code
   */
  public static int run(Object command, String[] arguments, PrintStream out, PrintStream err) {
    CommandLine line = commandLine(command);
    line.setOut(VisibleOutput.to(out));
    line.setErr(VisibleOutput.to(err));
    int code = line.execute(arguments);
    line.getOut().flush();
    line.getErr().flush();
    out.flush();
    return code;
  }

  static CommandLine commandLine(Object command) {
    Failures failures = new Failures();
    CommandLine line = new CommandLine(command);
    registerWords(line, line.getCommandSpec());
    line.registerConverter(ImageSize.class, new ImageSize.Converter());
    line.registerConverter(PatchExtents.class, new PatchExtents.Converter());
    line.registerConverter(MemorySize.class, new MemorySize.Converter());
    line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    line.setExecutionStrategy(Failures::executeCatchingErrors);
    line.setParameterExceptionHandler(failures);
    line.setExecutionExceptionHandler(failures);
    return line;
  }

  /** Constants are words in lower case, wherever an option takes one. */
  private static void registerWords(CommandLine line, CommandSpec command) {
    for (ArgSpec argument : command.args()) {
      for (Class<?> type : argument.auxiliaryTypes()) {
        if (type.isEnum()) {
          registerWords(line, type.asSubclass(Enum.class));
        }
      }
    }
    command.subcommands().values().forEach(sub -> registerWords(line, sub.getCommandSpec()));
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no name for the type of an unknown enum
  private static void registerWords(CommandLine line, Class<? extends Enum> constants) {
    line.registerConverter((Class) constants, new Choice(constants));
  }

  private static PrintStream utf8(OutputStream stream) {
    return new PrintStream(stream, false, StandardCharsets.UTF_8);
  }
}
