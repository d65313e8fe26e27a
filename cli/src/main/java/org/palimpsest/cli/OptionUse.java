package org.palimpsest.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.Option;
import org.palimpsest.io.network.NetworkOptions.Taken;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.io.weights.StateDictNames;

/**
 * What is said of the files of a command has to say something of them: once for all it has to be of
 * one of them at least, said of each it has to be of that one.
 */
final class OptionUse {

  private final Map<Option, Integer> times = new EnumMap<>(Option.class);

  /**
   * Notes how often an option is given; one that is not noted is said of all.
   *
   * @return this
   */
  OptionUse with(Option option, List<?> given) {
    times.put(option, given.size());
    return this;
  }

  /**
   * Makes sure of it where networks are run.
   *
   * @param said of each of the files
   * @throws PalimpsestException naming the file, what it is, and the option
   */
  void requireOfNetworks(List<Path> files, List<NetworkOptions> said) {
    require(files, said, Taken::asNetwork);
  }

  /** Makes sure of it where weights are read, as {@link #requireOfNetworks}. */
  void requireOfWeights(List<Path> files, List<NetworkOptions> said) {
    require(files, said, Taken::asWeights);
  }

  private void require(
      List<Path> files, List<NetworkOptions> said, Function<Taken, Set<Option>> taken) {
    times.forEach((option, given) -> requireFitting(option, given, files.size()));
    List<Integer> spokenOf =
        IntStream.range(0, files.size())
            .filter(i -> !said.get(i).equals(NetworkOptions.none()) && Files.exists(files.get(i)))
            .boxed()
            .toList();
    Map<Integer, Taken> kinds =
        spokenOf.stream()
            .collect(Collectors.toMap(i -> i, i -> Inputs.taken(files.get(i), said.get(i))));
    for (Option option : Option.values()) {
      List<Integer> ofThese = spokenOf.stream().filter(i -> option.isIn(said.get(i))).toList();
      List<Integer> inVain =
          ofThese.stream().filter(i -> !taken.apply(kinds.get(i)).contains(option)).toList();
      boolean ofAll = times.getOrDefault(option, 1) <= 1;
      if (!inVain.isEmpty() && (!ofAll || inVain.size() == ofThese.size())) {
        int first = inVain.get(0);
        Taken kind = Objects.requireNonNull(kinds.get(first));
        throw kind.refusal(
            files.get(first), option, taken.apply(kind), ofAll ? "" : ", or give '.' for this one");
      }
    }
  }

  private static void requireFitting(Option option, int given, int files) {
    if (given > 1 && given != files) {
      throw new PalimpsestException(
          "%s is given %s times for %s."
              .formatted(
                  option.word(),
                  given,
                  files == 1
                      ? "one file; give it once"
                      : files + " files; give it once for all of them, or once for each"));
    }
  }

  /**
   * Makes sure that what is said of all checkpoints of a study says something of at least one.
   *
   * @throws PalimpsestException if an architecture, a key or a prefix is given that no checkpoint
   *     takes
   */
  static void requireOfRuns(RunsFolder runs, CheckpointFiles files) {
    NetworkOptions asked = runs.options().asked();
    List<Checkpoint> all =
        runs.allRuns().stream().flatMap(run -> run.checkpoints().stream()).toList();
    for (Option option : List.of(Option.ARCHITECTURE, Option.KEY)) {
      if (option.isIn(asked) && all.stream().noneMatch(one -> takes(one, option, runs))) {
        throw new PalimpsestException(
            "%s holds no state dict, of which alone %s says something."
                .formatted(runs.root(), option.word()));
      }
    }
    requirePrefixes(asked.withoutPrefixes(), runs.root(), all, files);
  }

  private static boolean takes(Checkpoint checkpoint, Option option, RunsFolder runs) {
    return Inputs.taken(Path.of(checkpoint.location()), runs.options().of(checkpoint))
        .asNetwork()
        .contains(option);
  }

  private static void requirePrefixes(
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
