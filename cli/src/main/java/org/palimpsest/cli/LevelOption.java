package org.palimpsest.cli;

import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.uncertainty.Intervals;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** At what level intervals are made, beside an option that asks for them. */
final class LevelOption {

  @Option(
      names = "--level",
      paramLabel = "L",
      description =
          "The share of intervals that are to hold the true value, from 0.5 to 0.999; for"
              + " --interval alone. (default: 0.95)")
  private @Nullable Double level;

  /** A level without anything that has one is wrong use. */
  void requireIntervals(boolean areAskedFor, CommandSpec command) {
    if (level != null && !areAskedFor) {
      throw new ParameterException(
          command.commandLine(), "--level is of intervals: give --interval too, or leave it out.");
    }
  }

  /**
   * These at the level that was given, if one was.
   *
   * @throws PalimpsestException if it makes no sense
   */
  Intervals of(Intervals usual) {
    return level == null ? usual : usual.withLevel(level);
  }
}
