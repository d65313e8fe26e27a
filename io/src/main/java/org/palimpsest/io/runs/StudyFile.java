package org.palimpsest.io.runs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonDamage;
import org.palimpsest.internal.file.StrictJson;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.runs.RunsFolder.CheckpointOptions;
import org.palimpsest.io.runs.RunsFolder.RunFacts;

/**
 * Training runs that lie anywhere, told by a JSON file.
 *
 * <pre>
 * {
 *   "probes": "images.npy",
 *   "source": {"checkpoints": [{"step": 800, "file": "pretrained.pt"}]},
 *   "runs": [
 *     {"name": "transfer/seed0", "initialisation": "transfer", "seed": 0,
 *      "checkpoints": [{"step": 0, "file": "t0/start.pt"},
 *                      {"step": 400, "file": "t0/end.pt", "score": 0.81}]},
 *     {"name": "random/seed0", "initialisation": "random", "seed": 0,
 *      "files": "logs/r0/epoch_{step}.pt", "log": "logs/r0/log.json"}
 *   ]
 * }
 * </pre>
 *
 * <p>Paths begin at the JSON file's folder. {@code files} stands for every file of such a name, the
 * step being the number in place of {@code {step}}. {@code probes}, {@code source}, {@code seed},
 * {@code score} and {@code log} may be missing; a run without {@code initialisation} is a group of
 * its own. {@code "architecture": "net.json"} describes the network of state dicts and {@code
 * "key": "ema"} names the entry of their weights, for all runs or in a run for that run; a file
 * {@code architecture.json} beside checkpoints, or beside the JSON file, needs no mention. What a
 * run is an example of, its fields say as {@link RunRole} tells.
 */
final class StudyFile {

  private static final ObjectMapper JSON = StrictJson.mapper();

  /** Editors of Windows begin texts with it. */
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private static final Set<String> FIELDS =
      Set.of("probes", "source", "runs", "architecture", "key");

  private StudyFile() {}

  /**
   * Reads the runs of such a file; the checkpoints themselves are not opened.
   *
   * @param said of all checkpoints, in the place of what the file says
   * @throws PalimpsestException if it is not such a file, saying what is wrong where
   */
  static RunsFolder read(Path file, NetworkOptions said) {
    InputFiles.require(file);
    RunsFolder.requireNoFold(file, said);
    requireText(file);
    Path folder =
        Objects.requireNonNull(file.toAbsolutePath().normalize().getParent(), file.toString());
    JsonNode content = parse(file);
    StudyFileRun.requireKnown(content, FIELDS, file, "the study");
    Map<String, NetworkOptions> told = new LinkedHashMap<>();
    List<TrainingRun> runs = new ArrayList<>();
    Map<String, RunFacts> facts = new LinkedHashMap<>();
    requireKinds(file, content);
    for (JsonNode node : content.path("runs")) {
      String place = "run " + (runs.size() + 1);
      StudyFileRun run = new StudyFileRun(file, folder, node, content, place);
      runs.add(run.read("", told));
      facts.put(runs.get(runs.size() - 1).name(), run.facts(runs.get(runs.size() - 1)));
    }
    Optional<TrainingRun> source =
        content.has("source")
            ? Optional.of(
                new StudyFileRun(file, folder, content.path("source"), content, "the source")
                    .read("source", told))
            : Optional.empty();
    requireNames(file, source, runs);
    CheckpointOptions options = new CheckpointOptions(said, told);
    return new RunsFolder(
        file,
        source,
        runs,
        probes(content, file, folder),
        options,
        List.of(),
        List.of(),
        false,
        facts);
  }

  private static void requireNames(
      Path file, Optional<TrainingRun> source, List<TrainingRun> runs) {
    if (runs.isEmpty() && source.isEmpty()) {
      throw new PalimpsestException(
          file + " names no run: it should hold \"runs\": [{\"name\": …, \"files\": …}, …].");
    }
    Set<String> names = new HashSet<>();
    Stream.concat(source.stream(), runs.stream())
        .map(TrainingRun::name)
        .filter(name -> !names.add(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new PalimpsestException(
                  "%s has two runs that are called '%s'. Give each a name of its own."
                      .formatted(file, name));
            });
  }

  private static void requireText(Path file) {
    FileKind kind = FileKind.of(file);
    if (kind != FileKind.TEXT) {
      throw new PalimpsestException(
          "%s is %s, not a JSON file that tells where the checkpoints of training runs are."
              .formatted(file, kind.describe(file)));
    }
  }

  private static Optional<Path> probes(JsonNode content, Path file, Path folder) {
    return content.has("probes")
        ? Optional.of(
            StudyFileRun.file(
                content.path("probes").textValue(),
                folder,
                why -> new PalimpsestException("%s %s.".formatted(file, why))))
        : Optional.empty();
  }

  private static void requireKinds(Path file, JsonNode content) {
    boolean listed = !content.has("runs") || content.path("runs").isArray();
    JsonNode probes = content.path("probes");
    boolean named = probes.isTextual() && !probes.textValue().isBlank();
    if (!listed || content.has("probes") && !named) {
      throw new PalimpsestException(
          "%s should have a list as \"runs\" and a text as \"probes\", unlike: %s"
              .formatted(file, content.path(listed ? "probes" : "runs")));
    }
  }

  static JsonNode parse(Path file) {
    InputFiles.require(file);
    try {
      String text = Files.readString(file);
      JsonNode content = JSON.readTree(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
      if (content == null || !content.isObject()) {
        throw new PalimpsestException(
            file + " should be a JSON object; see the guide on evolution.");
      }
      return content;
    } catch (JsonProcessingException | CharacterCodingException failure) {
      throw new PalimpsestException(
          "%s is not sound JSON: %s.".formatted(file, JsonDamage.inWords(failure)), failure);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }
}
