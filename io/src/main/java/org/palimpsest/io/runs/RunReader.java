package org.palimpsest.io.runs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.ScoreLog;
import org.palimpsest.io.internal.plugin.Importers;
import org.palimpsest.io.runs.RunsFolder.RunFacts;

/** Reads the folder of one run. */
final class RunReader {

  private static final Pattern NETWORK =
      Pattern.compile("step_(?<step>\\d{1,18})\\.(?<kind>pt2?|onnx|zip|h5|keras)");
  private static final Pattern STATE_DICT =
      Pattern.compile("step_(?<step>\\d{1,18})\\.(?<kind>pth|ckpt|safetensors|weights\\.h5)");
  private static final Pattern OF_PLUGINS =
      Pattern.compile("step_(?<step>\\d{1,18})\\.(?<kind>[^.]+)");
  private static final Pattern SEED = Pattern.compile("seed_?(\\d{1,18})");

  /** A run and what is known of it beside its checkpoints. */
  record Found(TrainingRun run, RunFacts facts) {}

  private RunReader() {}

  static boolean isNamedAfterSeed(Path folder) {
    return SEED.matcher(RunsFolder.nameOf(folder)).matches();
  }

  static boolean holdsCheckpoints(Path folder) {
    List<Path> files = entries(folder);
    return areIn(files, NETWORK) || areIn(files, STATE_DICT) || areOfPlugins(files);
  }

  private static boolean areIn(List<Path> files, Pattern names) {
    return files.stream().anyMatch(file -> names.matcher(RunsFolder.nameOf(file)).matches());
  }

  private static boolean areOfPlugins(List<Path> files) {
    return files.stream()
        .filter(file -> OF_PLUGINS.matcher(RunsFolder.nameOf(file)).matches())
        .anyMatch(file -> Importers.of(file).isPresent());
  }

  private static Pattern namesIn(List<Path> files) {
    if (areIn(files, NETWORK)) {
      return NETWORK;
    }
    return !areIn(files, STATE_DICT) && areOfPlugins(files) ? OF_PLUGINS : STATE_DICT;
  }

  /**
   * Reads a run, and what its log and the file beside its checkpoints say.
   *
   * @param unread is told if it holds no checkpoint
   * @return empty if it holds none
   */
  static Optional<Found> read(
      Path folder, String name, String initialisation, List<String> unread) {
    Map<Long, Double> scores = ScoreLog.read(folder.resolve("log.json"));
    List<Checkpoint> checkpoints = new ArrayList<>();
    Map<String, Path> oneOfEachKind = new LinkedHashMap<>();
    List<Path> files = entries(folder);
    Pattern names = namesIn(files);
    for (Path file : files) {
      Matcher found = names.matcher(RunsFolder.nameOf(file));
      if (found.matches()) {
        checkpoints.add(checkpoint(file, found.group("step"), scores));
        oneOfEachKind.putIfAbsent(found.group("kind"), file);
      }
    }
    requireOneKind(folder, List.copyOf(oneOfEachKind.values()));
    if (checkpoints.isEmpty()) {
      unread.add(
          folder
              + " holds no checkpoint: expected are networks named step_0000.pt, step_0100.pt and"
              + " so on (TorchScript), or step_0000.pt2 (torch.export), .pth, .ckpt or .safetensors"
              + " (state dicts), .onnx, .zip (DL4J), .h5 or .keras (Keras), .weights.h5 (Keras,"
              + " beside architecture.json).");
      return Optional.empty();
    }
    TrainingRun run = new TrainingRun(name, initialisation, seed(folder), checkpoints);
    return Optional.of(new Found(run, RunFacts.of(role(folder, initialisation), scores)));
  }

  private static RunRole role(Path folder, String initialisation) {
    Path file = folder.resolve(RunRole.FILE);
    RunRole named = RunRole.named(initialisation);
    return Files.exists(file)
        ? RunRole.read(StudyFileRun.object(file, RunRole.FIELDS), named, file, "the run")
        : named;
  }

  private static void requireOneKind(Path folder, List<Path> oneOfEachKind) {
    if (oneOfEachKind.size() > 1) {
      throw new PalimpsestException(
          "%s holds checkpoints of several kinds, such as %s and %s: which are the run's? Leave those of one kind there, or name the files in a JSON file."
              .formatted(
                  folder,
                  RunsFolder.nameOf(oneOfEachKind.get(0)),
                  RunsFolder.nameOf(oneOfEachKind.get(1))));
    }
  }

  /** A file that was saved at the step that its digits tell. */
  static Checkpoint checkpoint(Path file, String digits, Map<Long, Double> scores) {
    long step = Long.parseLong(digits);
    Double score = scores.get(step);
    return new Checkpoint(
        step, file.toString(), score == null ? OptionalDouble.empty() : OptionalDouble.of(score));
  }

  private static OptionalLong seed(Path folder) {
    Matcher name = SEED.matcher(RunsFolder.nameOf(folder));
    return name.matches() ? OptionalLong.of(Long.parseLong(name.group(1))) : OptionalLong.empty();
  }

  /** What is named like a checkpoint and is no file becomes one that cannot be used. */
  static List<Path> entries(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (IOException failure) {
      throw InputFiles.unreadable(folder, failure);
    }
  }
}
