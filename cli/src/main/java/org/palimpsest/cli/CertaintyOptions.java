package org.palimpsest.cli;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.uncertainty.Intervals;
import org.palimpsest.similarity.uncertainty.PermutationBaseline;
import picocli.CommandLine.Mixin;
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

  @Mixin private LevelOption level = new LevelOption();

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
      description =
          "How often probes are reordered for --baseline, or drawn for the intervals of mutual_knn"
              + " and jaccard, at least 39 times at the level 0.95; no other interval uses it. The"
              + " fewer, the faster. (default: 1000)")
  private @Nullable Integer draws;

  /** What makes the intervals, if they are wanted. */
  Optional<Intervals> intervals(long seed, CommandSpec command) {
    level.requireIntervals(interval, command);
    if (draws != null && !interval && !baseline) {
      throw new ParameterException(
          command.commandLine(),
          "--draws is of intervals and baselines: give --interval or --baseline too, or leave it"
              + " out.");
    }
    Intervals usual = Intervals.withDefaults().withSeed(seed);
    return asked(
        interval,
        () -> draws == null ? level.of(usual) : level.of(usual).withDraws(draws),
        command);
  }

  /** What makes the baselines, if they are wanted. */
  Optional<PermutationBaseline> baseline(long seed, CommandSpec command) {
    PermutationBaseline usual = PermutationBaseline.withDefaults().withSeed(seed);
    return asked(baseline, () -> draws == null ? usual : usual.withPermutations(draws), command);
  }

  /** What is made of options if it is wanted; values that make no sense are wrong use. */
  static <T> Optional<T> asked(boolean wanted, Supplier<T> made, CommandSpec command) {
    try {
      return wanted ? Optional.of(made.get()) : Optional.empty();
    } catch (PalimpsestException senseless) {
      throw new ParameterException(
          command.commandLine(), String.valueOf(senseless.getMessage()), senseless);
    }
  }
}
