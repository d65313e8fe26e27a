package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.AtExit;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.MissingFolders;
import org.palimpsest.internal.file.NativeCache;
import org.palimpsest.internal.text.Names;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever goes wrong into one line on standard error and an exit code. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {

  private static final String SEE_TRACE = " Run it again with --debug for the trace.";
  private static final String SPREAD_GLOB =
      " If the shell made several names out of one after "
          + ProbeOptions.PROBES
          + ", put that in quotes: 'DIR/*.png'.";
  private static final String NESTED_TOO_DEEP =
      "Something in a file is nested deeper than Java's stack reaches. Check the file where it was"
          + " made, or give a deeper stack with java -Xss."
          + SEE_TRACE;

  /** What a command can be asked to do with less, by the options that say so. */
  private static final Map<String, String> LIGHTER =
      new TreeMap<>(
          Map.of(
              "--layers",
              "choose fewer layers",
              ProbeOptions.PROBES,
              "show fewer probes",
              "--positions",
              "compare fewer positions",
              "--patch-size",
              "take smaller patches",
              "--count",
              "draw fewer patches"));

  /** As JavaCPP tells it. */
  private static final Pattern MOST_PHYSICAL = Pattern.compile("maxPhysicalBytes \\((\\d+)M\\)");

  private static final long MEGABYTE = 1024L * 1024;

  /**
   * Runs a command that replaces nothing that it reads, and leaves no empty folder. Errors, unlike
   * exceptions, pass picocli by; this brings them to {@link Failures} as well.
   */
  static int executeCatchingErrors(ParseResult parsed) {
    SeparateFiles.require(parsed);
    MissingFolders missing = MissingFolders.of(SeparateFiles.outputs(parsed));
    try (AtExit ended = AtExit.undo(missing::removeEmpty)) {
      return new CommandLine.RunLast().execute(parsed);
    } catch (Error error) {
      throw new ExecutionException(parsed.commandSpec().commandLine(), error.toString(), error);
    } finally {
      missing.removeEmpty();
    }
  }

  /** What ends a thread beside the command's own is one line as well. */
  static void report(Thread thread, Throwable failure) {
    if (!AtExit.hasBegun()) {
      System.err.println("palimpsest: " + oneLine(describe(failure, CommandSpec.create())));
    }
  }

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine line = failure.getCommandLine();
    if (String.valueOf(failure.getMessage()).contains(InvalidPathException.class.getName())) {
      String what = unspelled(String.valueOf(failure.getValue()));
      report(line, failure, what, Arrays.asList(arguments).contains("--debug"));
      return CommandLine.ExitCode.SOFTWARE;
    }
    String command = line.getCommandSpec().qualifiedName();
    String what = endingWithFullStop(failure) + hint(failure, arguments);
    what += " See '" + command + " --help'.";
    report(line, failure, what, Arrays.asList(arguments).contains("--debug"));
    return CommandLine.ExitCode.USAGE;
  }

  private static String hint(ParameterException failure, String[] arguments) {
    if (!(failure instanceof UnmatchedArgumentException unmatched)) {
      return "";
    }
    String given = unmatched.getUnmatched().get(0).split("=", 2)[0];
    CommandSpec spec = unmatched.getCommandLine().getCommandSpec();
    Set<String> known =
        given.startsWith("-") ? spec.optionsMap().keySet() : spec.subcommands().keySet();
    List<String> meant = Names.slips(given, known);
    if (!meant.isEmpty()) {
      return " Did you mean '%s'?".formatted(String.join("' or '", meant));
    }
    return Arrays.asList(arguments).contains(ProbeOptions.PROBES) ? SPREAD_GLOB : "";
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
    Throwable cause = failure;
    while (cause instanceof ExecutionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    for (Throwable deeper = cause; deeper != null; deeper = deeper.getCause()) {
      if (deeper instanceof VirtualMachineError) { // whatever a library made of it
        cause = deeper;
      }
    }
    report(
        line,
        cause,
        describe(cause, SeparateFiles.innermost(parsed).commandSpec()),
        parsed.originalArgs().contains("--debug"));
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static void report(CommandLine line, Throwable failure, String what, boolean debug) {
    if (AtExit.hasBegun()) { // what fails now does so because the user ends it
      return;
    }
    PrintWriter err = line.getErr();
    String program = line.getCommandSpec().root().name();
    err.println(program + ": " + oneLine(what));
    if (debug) {
      failure.printStackTrace(err);
    }
    err.flush();
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  private static String describe(Throwable failure, CommandSpec command) {
    if (failure instanceof PalimpsestException clear) {
      return NativeCache.explain(clear);
    }
    if (failure instanceof OutOfMemoryError) {
      return outOfMemory(failure, command);
    }
    if (failure instanceof StackOverflowError) {
      return NESTED_TOO_DEEP;
    }
    if (innermost(failure) instanceof InvalidPathException name) {
      return unspelled(name.getInput());
    }
    if (failure instanceof FileSystemException file) {
      return file.getFile() + ": " + InputFiles.reason(file) + ".";
    }
    if (failure instanceof LinkageError) {
      return "A library does not load: " + innermost(failure) + "." + SEE_TRACE;
    }
    return "Unexpected failure: " + innermost(failure) + "." + SEE_TRACE;
  }

  /** Names of files are bytes, of which Java makes letters by the locale. */
  private static String unspelled(String name) {
    String encoding = System.getProperty("sun.jnu.encoding", "");
    return encoding.equalsIgnoreCase("UTF-8")
        ? "'%s' cannot be the name of a file.".formatted(name)
        : "'%s' cannot be spelled in this process, which has no UTF-8 locale (%s): set LC_ALL=C.UTF-8."
            .formatted(name, encoding);
  }

  private static String outOfMemory(Throwable failure, CommandSpec command) {
    List<String> advice = new ArrayList<>();
    LIGHTER.forEach(
        (option, words) -> {
          if (command.findOption(option) != null) {
            advice.add(words + " with " + option);
          }
        });
    boolean physical = String.valueOf(failure.getMessage()).contains("hysical");
    boolean bounded = physical && command.findOption(ModelOptions.MAX_MEMORY) != null;
    String more = bounded ? ModelOptions.MAX_MEMORY : physical ? "a larger machine" : "java -Xmx";
    String told =
        physical
            ? allowed(failure)
            : "the heap may take %s MB".formatted(Runtime.getRuntime().maxMemory() / MEGABYTE);
    String less = String.join(", ", advice);
    return "Out of memory (%s). %s with %s."
        .formatted(
            told,
            less.isEmpty()
                ? "Give more memory"
                : Character.toUpperCase(less.charAt(0))
                    + less.substring(1)
                    + "; or give more memory",
            more);
  }

  private static String allowed(Throwable failure) {
    Matcher most = MOST_PHYSICAL.matcher(String.valueOf(failure.getMessage()));
    return most.find()
        ? "this process may hold %s MB".formatted(most.group(1))
        : "outside Java's heap";
  }

  private static Throwable innermost(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static String endingWithFullStop(Exception failure) {
    String message = String.valueOf(failure.getMessage()).strip();
    return message.endsWith(".") ? message : message + ".";
  }
}
