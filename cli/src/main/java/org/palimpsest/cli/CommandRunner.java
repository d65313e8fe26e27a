package org.palimpsest.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.palimpsest.cli.internal.ResultOutput;
import org.palimpsest.internal.text.VisibleText;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/**
 * Runs a command with the manners that all share.
 *
 * <p>Standard output carries the result alone; progress, warnings and failures go to standard
 * error. The exit code is 0 when all went well, 1 when the work failed and 2 for wrong use.
 */
final class CommandRunner {

  private CommandRunner() {}

  /**
   * Runs a command as the process and ends the process.
   *
   * @param command an object with picocli's annotations
   * @param arguments its options, and its subcommand if it has any
   */
  static void runAndExit(Object command, String[] arguments) {
    Future<OutputStream> out = ResultOutput.takeAhead();
    RuntimeSettings.apply(arguments);
    exitAfter(command, arguments, out);
  }

  /** The same, of a process whose settings were applied. */
  static void exitAfter(Object command, String[] arguments, Future<OutputStream> out) {
    OutputStream err = new FileOutputStream(FileDescriptor.err);
    try {
      System.exit(run(command, arguments, out.get(), utf8(err)));
    } catch (ExecutionException | InterruptedException impossible) {
      throw new IllegalStateException(impossible);
    }
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
  static int run(Object command, String[] arguments, PrintStream out, PrintStream err) {
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
    line.registerConverter(Path.class, CommandRunner::path);
    line.registerConverter(ImageSize.class, new ImageSize.Converter());
    line.registerConverter(PatchExtents.class, new PatchExtents.Converter());
    line.registerConverter(MemorySize.class, new MemorySize.Converter());
    line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    line.setExecutionStrategy(
        parsed -> {
          requireWholeLists(parsed);
          return Failures.executeCatchingErrors(parsed);
        });
    line.setParameterExceptionHandler(failures);
    line.setExecutionExceptionHandler(failures);
    return line;
  }

  /** What is empty between or beside commas would be left out without a word. */
  private static void requireWholeLists(ParseResult parsed) {
    for (ParseResult one = parsed; one != null; one = one.subcommand()) {
      for (OptionSpec option : one.matchedOptions()) {
        for (String list :
            option.splitRegex().isEmpty() ? List.<String>of() : option.originalStringValues()) {
          if (Stream.of(list.split(option.splitRegex(), -1)).anyMatch(String::isBlank)) {
            throw new ParameterException(
                one.commandSpec().commandLine(),
                "%s takes words with a comma between any two; '%s' has an empty one."
                    .formatted(option.longestName(), list));
          }
        }
      }
    }
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

  /** An empty name would be that of the current folder. */
  private static Path path(String name) {
    if (name.isEmpty()) {
      throw new TypeConversionException("the name of the file or folder is empty");
    }
    return Path.of(name);
  }

  private static PrintStream utf8(OutputStream stream) {
    return new PrintStream(stream, false, StandardCharsets.UTF_8);
  }

  /** Standard output that remembers why it could not be written, which a print stream forgets. */
  private static final class StandardOutput extends OutputStream {

    private final OutputStream out;
    private String failure = "";

    StandardOutput(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      remembering(() -> out.write(bytes, from, length));
    }

    @Override
    public void flush() {
      remembering(out::flush);
    }

    private interface Writing {
      void run() throws IOException;
    }

    private void remembering(Writing writing) {
      if (failure.isEmpty()) { // what follows a gap would be a lie
        try {
          writing.run();
        } catch (IOException reason) {
          failure = String.valueOf(reason.getMessage());
        }
      }
    }

    /** Why not all was written; empty if all was, or the reader wants no more, as {@code head}. */
    Optional<String> failure() {
      String words = failure.toLowerCase(Locale.ROOT);
      boolean closed = words.contains("pipe");
      return failure.isEmpty() || closed ? Optional.empty() : Optional.of(failure);
    }
  }

  /**
   * What a command prints: whatever names files hold, nothing of them but what is visible reaches
   * the terminal. A line that is printed as one stays one.
   */
  static final class VisibleOutput extends PrintWriter {

    private VisibleOutput(Writer out) {
      super(out, true);
    }

    static VisibleOutput to(PrintStream stream) {
      return new VisibleOutput(new Filter(new OutputStreamWriter(stream, StandardCharsets.UTF_8)));
    }

    @Override
    public void println(String line) {
      super.println(VisibleText.of(line));
    }

    /** One line feed on every system: a carriage return would be shown. */
    @Override
    public void println() {
      write("\n");
      flush();
    }

    private static final class Filter extends FilterWriter {

      private String half = "";

      Filter(Writer out) {
        super(out);
      }

      @Override
      public void write(int character) throws IOException {
        write(String.valueOf((char) character), 0, 1);
      }

      @Override
      public void write(char[] characters, int from, int length) throws IOException {
        write(new String(characters, from, length), 0, length);
      }

      /** The first half of a surrogate pair waits for the second. */
      @Override
      public void write(String text, int from, int length) throws IOException {
        String all = half + text.substring(from, from + length);
        boolean ends = !all.isEmpty() && Character.isHighSurrogate(all.charAt(all.length() - 1));
        int whole = ends ? all.length() - 1 : all.length();
        half = all.substring(whole);
        out.write(VisibleText.ofLines(all.substring(0, whole)));
      }
    }
  }
}
