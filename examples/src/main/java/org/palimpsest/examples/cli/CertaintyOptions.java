package org.palimpsest.examples.cli;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.uncertainty.Intervals;
import org.palimpsest.similarity.uncertainty.PermutationBaseline;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How sure a score is, on request. */
final class CertaintyOptions {

  @Option(
      names = "--interval",
      description =
          "Also give where each score would lie with ever more probes (low, high), and the score"
              + " without the bias of few probes (corrected). Images are the units, with all their"
              + " positions. A note says why where there is no interval.")
  private boolean interval;

  @Option(
      names = "--level",
      paramLabel = "L",
      description =
          "The share of intervals that are to hold the true value, from 0.5 to 0.999; for"
              + " --interval alone. (default: 0.95)")
  private @Nullable Double level;

  @Option(
      names = "--baseline",
      description = {
        "Also give what each score would be of layers that have nothing to do with each other, the"
            + " probes of one being brought into other orders: null mean, p value, and calibrated,"
            + " which is 0 for unrelated layers and 1 for the best value of the measure."
      })
  private boolean baseline;

  @Option(
      names = "--draws",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "How often probes are reordered for --baseline, or drawn for the intervals of mutual_knn"
              + " and jaccard; no other interval uses it. The fewer, the faster. (default:"
              + " ${DEFAULT-VALUE})")
  private int draws = 1000;

  /** What makes the intervals, if they are wanted. */
  Optional<Intervals> intervals(long seed, CommandSpec command) {
    requireIntervalFor(level, interval, command);
    Intervals usual = Intervals.withDefaults().withSeed(seed);
    return asked(
        interval, () -> (level == null ? usual : usual.withLevel(level)).withDraws(draws), command);
  }

  /** A level without anything that has one is wrong use. */
  static void requireIntervalFor(@Nullable Double level, boolean interval, CommandSpec command) {
    if (level != null && !interval) {
      throw new ParameterException(
          command.commandLine(), "--level is of intervals: give --interval too, or leave it out.");
    }
  }

  /** What makes the baselines, if they are wanted. */
  Optional<PermutationBaseline> baseline(long seed, CommandSpec command) {
    return asked(
        baseline,
        () -> PermutationBaseline.withDefaults().withPermutations(draws).withSeed(seed),
        command);
  }

  private static <T> Optional<T> asked(boolean wanted, Supplier<T> made, CommandSpec command) {
    try {
      return wanted ? Optional.of(made.get()) : Optional.empty();
    } catch (PalimpsestException senseless) {
      throw new ParameterException(
          command.commandLine(), String.valueOf(senseless.getMessage()), senseless);
    }
  }
}
