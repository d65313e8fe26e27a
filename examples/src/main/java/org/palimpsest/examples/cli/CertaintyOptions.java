package org.palimpsest.examples.cli;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.uncertainty.Bootstrap;
import org.palimpsest.similarity.uncertainty.PermutationBaseline;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How sure a score is, on request. */
final class CertaintyOptions {

  @Option(
      names = "--interval",
      description =
          "Also give each score's bootstrap interval (low, high): probes are drawn anew, with all"
              + " their positions.")
  private boolean interval;

  @Option(
      names = "--level",
      paramLabel = "L",
      defaultValue = "0.95",
      description = "The share of draws within the interval. (default: ${DEFAULT-VALUE})")
  private double level = 0.95;

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
          "How often probes are drawn or reordered; the fewer, the faster. (default:"
              + " ${DEFAULT-VALUE})")
  private int draws = 1000;

  /** The work to be done for each score, seeded. */
  List<ScoreCertainty> asked(long seed, CommandSpec command) {
    try {
      return asked(seed);
    } catch (PalimpsestException senseless) {
      throw new ParameterException(
          command.commandLine(), String.valueOf(senseless.getMessage()), senseless);
    }
  }

  private List<ScoreCertainty> asked(long seed) {
    List<ScoreCertainty> asked = new ArrayList<>();
    if (interval) {
      asked.add(
          new ScoreCertainty.OfInterval(
              Bootstrap.withDefaults().withLevel(level).withReplicates(draws).withSeed(seed)));
    }
    if (baseline) {
      asked.add(
          new ScoreCertainty.OfBaseline(
              PermutationBaseline.withDefaults().withPermutations(draws).withSeed(seed)));
    }
    return asked;
  }
}
