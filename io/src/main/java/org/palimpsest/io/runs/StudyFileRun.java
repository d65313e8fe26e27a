package org.palimpsest.io.runs;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Suggestions;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.io.graph.GraphOptions;

/**
 * One run of a study file.
 *
 * @param file the study file
 * @param folder where relative paths begin
 * @param node what it says of the run
 * @param study what it says of all runs
 * @param place which run that is, for messages
 */
record StudyFileRun(Path file, Path folder, JsonNode node, JsonNode study, String place) {

  private static final String STEP = "{step}";
  private static final String ARCHITECTURE = "architecture";
  private static final String KEY = "key";
  private static final Set<String> FIELDS =
      Set.of("name", "initialisation", "seed", "checkpoints", "files", "log", ARCHITECTURE, KEY);
  private static final Set<String> CHECKPOINT_FIELDS = Set.of("step", "file", "score");

  /**
   * @param defaultName what to call it if it has no name; empty if it must have one
   * @param told takes what is said of its checkpoints, by their location
   */
  TrainingRun read(String defaultName, Map<String, GraphOptions> told) {
    requireKnown(node, FIELDS, file, place);
    String name = node.path("name").asText(defaultName);
    if (name.isEmpty()) {
      throw wrong("needs a \"name\"");
    }
    if (node.has("checkpoints") == node.has("files")) {
      throw wrong("needs either \"checkpoints\" or \"files\"");
    }
    OptionalLong seed =
        node.path("seed").isIntegralNumber()
            ? OptionalLong.of(node.path("seed").longValue())
            : OptionalLong.empty();
    List<Checkpoint> checkpoints = node.has("files") ? matching() : listed();
    checkpoints.forEach(one -> told.put(one.location(), options(one)));
    return new TrainingRun(name, node.path("initialisation").asText(name), seed, checkpoints);
  }

  private GraphOptions options(Checkpoint checkpoint) {
    Optional<Path> beside =
        Stream.of(
                Optional.ofNullable(Path.of(checkpoint.location()).getParent()),
                Optional.of(folder))
            .flatMap(place -> place.flatMap(RunsFolder::architectureIn).stream())
            .findFirst();
    return new GraphOptions(
        said(ARCHITECTURE).map(folder::resolve).or(() -> beside),
        said(KEY),
        Optional.empty(),
        Optional.empty());
  }

  /** What the run says, or the study. */
  private Optional<String> said(String field) {
    JsonNode told = node.has(field) ? node.path(field) : study.path(field);
    if (!told.isMissingNode() && !told.isTextual()) {
      throw wrong("should say \"%s\" as a text, unlike: %s".formatted(field, told));
    }
    return Optional.ofNullable(told.textValue());
  }

  private List<Checkpoint> listed() {
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (JsonNode one : node.path("checkpoints")) {
      requireKnown(one, CHECKPOINT_FIELDS, file, place);
      if (!ScoreLog.isStep(one.path("step")) || !one.path("file").isTextual()) {
        throw wrong("has a checkpoint without \"step\" and \"file\": " + one);
      }
      JsonNode score = one.path("score");
      if (one.has("score") && !ScoreLog.isScore(score)) {
        throw wrong("has a checkpoint whose \"score\" is not a finite number: " + one);
      }
      checkpoints.add(
          new Checkpoint(
              one.path("step").longValue(),
              folder.resolve(one.path("file").asText()).toString(),
              score.isNumber() ? OptionalDouble.of(score.doubleValue()) : OptionalDouble.empty()));
    }
    return checkpoints;
  }

  private List<Checkpoint> matching() {
    Path pattern = folder.resolve(node.path("files").asText());
    String name = RunsFolder.nameOf(pattern);
    int at = name.indexOf(STEP);
    Path where = pattern.getParent();
    if (at < 0 || where == null || !Files.isDirectory(where)) {
      throw wrong(
          at < 0
              ? "has \"files\" without " + STEP + " in the file's name: " + name
              : "has its files in " + where + ", which is no folder");
    }
    Pattern wanted =
        Pattern.compile(
            Pattern.quote(name.substring(0, at))
                + "(\\d{1,18})"
                + Pattern.quote(name.substring(at + STEP.length())));
    Map<Long, Double> scores =
        node.has("log") ? ScoreLog.read(folder.resolve(node.path("log").asText())) : Map.of();
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (Path found : RunReader.files(where)) {
      Matcher match = wanted.matcher(RunsFolder.nameOf(found));
      if (match.matches()) {
        checkpoints.add(RunReader.checkpoint(found, match.group(1), scores));
      }
    }
    if (checkpoints.isEmpty()) {
      throw wrong("finds no file like " + pattern);
    }
    return checkpoints;
  }

  private PalimpsestException wrong(String what) {
    return new PalimpsestException("%s: %s %s.".formatted(file, place, what));
  }

  static void requireKnown(JsonNode node, Set<String> fields, Path file, String place) {
    if (!node.isObject()) {
      throw new PalimpsestException(
          "%s: %s should be a JSON object, unlike: %s.".formatted(file, place, node));
    }
    Iterator<String> names = node.fieldNames();
    while (names.hasNext()) {
      String name = names.next();
      if (!fields.contains(name)) {
        throw new PalimpsestException(
            "%s: %s has a field '%s', which means nothing. Nearest: %s."
                .formatted(
                    file, place, name, String.join(", ", Suggestions.nearest(name, fields))));
      }
    }
  }
}
