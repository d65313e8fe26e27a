package org.palimpsest.io.runs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.io.file.FileKind;
import org.palimpsest.io.file.InputFiles;
import org.palimpsest.io.file.StrictJson;

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
 * its own.
 */
public final class StudyFile {

  private static final ObjectMapper JSON = StrictJson.mapper();
  private static final Set<String> FIELDS = Set.of("probes", "source", "runs");

  private StudyFile() {}

  /**
   * Reads the runs of such a file; the checkpoints themselves are not opened.
   *
   * @throws PalimpsestException if it is not such a file, saying what is wrong where
   */
  public static RunsFolder read(Path file) {
    InputFiles.require(file);
    FileKind kind = FileKind.of(file);
    if (kind != FileKind.TEXT) {
      throw new PalimpsestException(
          "%s is %s, not a JSON file that tells where the checkpoints of training runs are."
              .formatted(file, kind.describe(file)));
    }
    Path folder =
        Objects.requireNonNull(file.toAbsolutePath().normalize().getParent(), file.toString());
    JsonNode content = parse(file);
    StudyFileRun.requireKnown(content, FIELDS, file, "the study");
    List<TrainingRun> runs = new ArrayList<>();
    int number = 0;
    for (JsonNode run : content.path("runs")) {
      number++;
      runs.add(new StudyFileRun(file, folder, run, "run " + number).read(""));
    }
    Optional<TrainingRun> source =
        content.has("source")
            ? Optional.of(
                new StudyFileRun(file, folder, content.path("source"), "the source").read("source"))
            : Optional.empty();
    if (runs.isEmpty() && source.isEmpty()) {
      throw new PalimpsestException(
          file + " names no run: it should hold \"runs\": [{\"name\": …, \"files\": …}, …].");
    }
    Optional<Path> probes =
        content.has("probes")
            ? Optional.of(folder.resolve(content.path("probes").asText()))
            : Optional.empty();
    return new RunsFolder(file, source, runs, probes);
  }

  private static JsonNode parse(Path file) {
    try {
      JsonNode content = JSON.readTree(Files.readString(file));
      if (content == null || !content.isObject()) {
        throw new PalimpsestException(
            file + " should be a JSON object with \"runs\"; see the guide on evolution.");
      }
      return content;
    } catch (JsonProcessingException failure) {
      throw new PalimpsestException(
          "%s is not JSON: %s (line %d)."
              .formatted(
                  file,
                  failure.getOriginalMessage(),
                  failure.getLocation() == null ? 0 : failure.getLocation().getLineNr()),
          failure);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }
}
