package org.palimpsest.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.representation.FeatureMaps;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How feature maps become matrices. */
final class FeatureMapOptions {

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--feature-map",
      paramLabel = "positions|pool|flatten",
      defaultValue = "positions",
      description = {
        "How feature maps become matrices (default: ${DEFAULT-VALUE})",
        "positions: each position of each probe is a sample; layers of different grids are reduced"
            + " to their common one.",
        "pool: each probe is a sample, channels are averaged over positions.",
        "flatten: each probe is a sample, each channel at each position a feature."
      })
  private FeatureMaps.Mode mode = FeatureMaps.Mode.POSITIONS;

  @Option(
      names = "--positions",
      paramLabel = "N",
      description = "Draw N positions of each probe instead of taking all, which is faster.")
  private @Nullable Integer positions;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "0",
      description =
          "Decides what is drawn: positions, other orders of probes, probes for the intervals of"
              + " mutual_knn and jaccard, and the halves of probes that the intervals of cca_mean,"
              + " pwcca, svcca, procrustes and matches hold out; no other interval depends on it."
              + " (default: ${DEFAULT-VALUE})")
  private long seed;

  long seed() {
    return seed;
  }

  FeatureMaps rule() {
    FeatureMaps rule = FeatureMaps.of(mode);
    if (positions == null) {
      return rule;
    }
    if (positions < 1) {
      throw wrongUse("--positions must be at least 1, not " + positions + ".");
    }
    if (mode != FeatureMaps.Mode.POSITIONS) {
      throw wrongUse("--positions goes only with --feature-map positions.");
    }
    return rule.withPositionsPerProbe(positions, seed);
  }

  private ParameterException wrongUse(String message) {
    CommandSpec spec = Optional.ofNullable(command).orElseThrow();
    return new ParameterException(spec.commandLine(), message);
  }
}
