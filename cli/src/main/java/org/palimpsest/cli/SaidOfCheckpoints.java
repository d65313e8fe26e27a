package org.palimpsest.cli;

import java.nio.file.Path;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.io.weights.StateDictNames;

/** Makes sure that what is said of a study's checkpoints says something of at least one of them. */
final class SaidOfCheckpoints {

  private SaidOfCheckpoints() {}

  /**
   * @throws PalimpsestException if an architecture, a key or a prefix is given that no checkpoint
   *     takes
   */
  static void requireUse(RunsFolder runs, CheckpointFiles files) {
    NetworkOptions asked = runs.options().asked();
    List<Checkpoint> all =
        runs.allRuns().stream().flatMap(run -> run.checkpoints().stream()).toList();
    if ((asked.architecture().isPresent() || asked.key().isPresent())
        && all.stream()
            .noneMatch(
                one -> Inputs.needsDescription(Path.of(one.location()), runs.options().of(one)))) {
      throw new PalimpsestException(
          "%s holds no state dict, of which alone %s says something."
              .formatted(
                  runs.root(), asked.architecture().isPresent() ? "--architecture" : "--key"));
    }
    requireUse(asked.withoutPrefixes(), runs.root(), all, files);
  }

  private static void requireUse(
      List<String> prefixes, Path root, List<Checkpoint> all, CheckpointFiles files) {
    List<String> unused = prefixes;
    for (Checkpoint one : all) {
      if (StateDictNames.unused(unused, List.of()).isEmpty()) {
        return;
      }
      try {
        unused = StateDictNames.unused(unused, List.of(files.weights(one).provenance()));
      } catch (PalimpsestException unreadableWhichTheTrackerWillTell) {
        continue;
      }
    }
    if (!unused.isEmpty()) {
      throw new PalimpsestException(
          "--without-prefix %s: of no checkpoint in %s do all names begin so."
              .formatted(unused.get(0), root));
    }
  }
}
