package org.palimpsest.cli.internal;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.plugin.PluginFolder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Options that every command has beside help and version: {@code --verbose} and {@code --debug},
 * which decide what of the libraries' logging reaches standard error, and {@code --plugins DIR}.
 * Plug-ins are loaded while the command line is parsed; a folder without any is a wrong use of the
 * command.
 */
public final class CommonOptions {

  @Option(
      names = {"-v", "--verbose"},
      description = "Log what the libraries do, on standard error.")
  boolean verbose;

  @Option(names = "--debug", description = "Log everything, and show the trace of a failure.")
  boolean debug;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /**
   * From which level on libraries shall log: {@code DEBUG} with {@code --debug}, {@code INFO} with
   * {@code --verbose}; empty if as they do by themselves, which is warnings alone.
   */
  public Optional<System.Logger.Level> logging() {
    if (debug) {
      return Optional.of(System.Logger.Level.DEBUG);
    }
    return verbose ? Optional.of(System.Logger.Level.INFO) : Optional.empty();
  }

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "Measures and importers of one's own: jars in this folder. Their code is run.")
  private void plugins(Path folder) {
    try {
      PluginFolder.load(folder);
    } catch (PalimpsestException unusable) {
      throw new ParameterException(
          Objects.requireNonNull(command).commandLine(),
          String.valueOf(unusable.getMessage()),
          unusable);
    }
  }

  /**
   * A command that writes files. Before it runs it is asked for them, so that an output which the
   * command also reads, or would write twice, is refused at once and not after hours of work.
   */
  public interface WritesFiles {

    /**
     * What it writes, as far as that is known before it runs: files, or the folder in which they
     * will lie. Asked after the options are parsed.
     */
    List<Path> outputs();
  }
}
