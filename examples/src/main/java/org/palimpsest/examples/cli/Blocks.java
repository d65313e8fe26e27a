package org.palimpsest.examples.cli;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.BlockLayers;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.core.evolution.Networks;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.runs.RunsFolder;

/** Which layers to look at when nobody said: the blocks of the first network that can be run. */
final class Blocks {

  private Blocks() {}

  /** Their names; none if no network can be run, which others will report. */
  static List<String> of(RunsFolder runs, Networks networks, Probes probes) {
    Probes one = Probes.of(probes.batch(0, 1));
    return Stream.concat(runs.runs().stream(), runs.source().stream())
        .flatMap(run -> run.checkpoints().stream())
        .flatMap(checkpoint -> layers(checkpoint, networks, one).stream())
        .findFirst()
        .map(BlockLayers::among)
        .orElse(List.of());
  }

  private static Optional<List<String>> layers(
      Checkpoint checkpoint, Networks networks, Probes one) {
    try {
      if (!networks.canRun(checkpoint)) {
        return Optional.empty();
      }
      try (ActivationSource network = networks.open(checkpoint)) {
        return Optional.of(network.capture(one, LayerSelector.all()).layers());
      }
    } catch (PalimpsestException brokenWhichTheTrackerWillTell) {
      return Optional.empty();
    }
  }
}
