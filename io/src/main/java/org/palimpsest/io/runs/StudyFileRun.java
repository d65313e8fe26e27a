package org.palimpsest.io.runs;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.internal.text.Suggestions;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.ScoreLog;
import org.palimpsest.internal.text.VisibleText;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.runs.RunsFolder.RunFacts;

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
  private static final Set<String> OWN_FIELDS =
      Set.of("name", "initialisation", "seed", "checkpoints", "files", "log", ARCHITECTURE, KEY);
  private static final Set<String> FIELDS =
      Stream.concat(OWN_FIELDS.stream(), RunRole.FIELDS.stream())
          .collect(Collectors.toUnmodifiableSet());
  private static final Set<String> CHECKPOINT_FIELDS = Set.of("step", "file", "score");

  /**
   * @param defaultName what to call it if it has no name; empty if it must have one
   * @param told takes what is said of its checkpoints, by their location
   */
  TrainingRun read(String defaultName, Map<String, NetworkOptions> told) {
    requireKnown(node, FIELDS, file, place);
    String name = text("name").orElse(defaultName);
    if (name.isEmpty()) {
      throw wrong("needs a \"name\"");
    }
    if (node.has("checkpoints") == node.has("files")) {
      throw wrong("needs either \"checkpoints\" or \"files\"");
    }
    List<Checkpoint> checkpoints = node.has("files") ? matching() : listed();
    checkpoints.forEach(one -> told.put(one.location(), options(one)));
    return new TrainingRun(name, text("initialisation").orElse(name), seed(), checkpoints);
  }

  /** What it says of the run beside its checkpoints. */
  RunFacts facts(TrainingRun run) {
    RunRole named = RunRole.named(run.initialisation());
    return RunFacts.of(RunRole.read(node, named, file, place), scores());
  }

  private OptionalLong seed() {
    JsonNode seed = node.path("seed");
    if (node.has("seed") && !(seed.isIntegralNumber() && seed.canConvertToLong())) {
      throw wrong("has a \"seed\" that is not a whole number of 64 bits: " + seed);
    }
    return node.has("seed") ? OptionalLong.of(seed.longValue()) : OptionalLong.empty();
  }

  private Optional<String> text(String field) {
    return node.has(field) ? Optional.of(text(node, field)) : Optional.empty();
  }

  private String text(JsonNode from, String field) {
    JsonNode told = from.path(field);
    if (!told.isTextual() || told.textValue().isBlank()) {
      throw wrong("should say \"%s\" as a text, unlike: %s".formatted(field, told));
    }
    return told.textValue();
  }

  private Path inFolder(String name) {
    return file(name, folder, this::wrong);
  }

  /** A file as the study calls it. */
  static Path file(String name, Path folder, Function<String, PalimpsestException> refusal) {
    try {
      return folder.resolve(name);
    } catch (InvalidPathException noName) {
      throw refusal.apply(
          "names the file '%s', as none can be called".formatted(VisibleText.of(name)));
    }
  }

  private Map<Long, Double> scores() {
    return text("log")
        .map(log -> ScoreLog.read(InputFiles.require(inFolder(log))))
        .orElse(Map.of());
  }

  private NetworkOptions options(Checkpoint checkpoint) {
    Optional<Path> beside =
        Stream.of(
                Optional.ofNullable(Path.of(checkpoint.location()).getParent()),
                Optional.of(folder))
            .flatMap(place -> place.flatMap(RunsFolder::architectureIn).stream())
            .findFirst();
    return new NetworkOptions(
        said(ARCHITECTURE).map(this::inFolder).or(() -> beside),
        said(KEY),
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  /** What the run says, or the study. */
  private Optional<String> said(String field) {
    JsonNode from = node.has(field) ? node : study;
    return from.has(field) ? Optional.of(text(from, field)) : Optional.empty();
  }

  private List<Checkpoint> listed() {
    Map<Long, Double> scores = scores();
    List<Checkpoint> checkpoints = new ArrayList<>();
    if (!node.path("checkpoints").isArray()) {
      throw wrong("should list its \"checkpoints\", unlike: " + node.path("checkpoints"));
    }
    for (JsonNode one : node.path("checkpoints")) {
      requireKnown(one, CHECKPOINT_FIELDS, file, place);
      if (!one.has("step") || !one.path("file").isTextual()) {
        throw wrong("has a checkpoint without \"step\" and \"file\": " + one);
      }
      if (!ScoreLog.isStep(one.path("step")) || one.path("step").longValue() < 0) {
        throw wrong(
            "has a checkpoint whose \"step\" is not a whole number from 0 to 9223372036854775807: "
                + one);
      }
      long step = one.path("step").longValue();
      checkpoints.add(
          new Checkpoint(
              step,
              inFolder(text(one, "file")).toString(),
              score(one, Optional.ofNullable(scores.get(step)))));
    }
    return checkpoints;
  }

  private OptionalDouble score(JsonNode checkpoint, Optional<Double> logged) {
    JsonNode score = checkpoint.path("score");
    if (!checkpoint.has("score")) {
      return logged.map(OptionalDouble::of).orElse(OptionalDouble.empty());
    }
    if (!ScoreLog.isScore(score)) {
      throw wrong("has a checkpoint whose \"score\" is not a finite number: " + checkpoint);
    }
    if (logged.isPresent() && logged.get() != score.doubleValue()) {
      throw wrong(
          "has a checkpoint whose \"score\" is %s in its log: %s"
              .formatted(logged.get(), checkpoint));
    }
    return OptionalDouble.of(score.doubleValue());
  }

  private List<Checkpoint> matching() {
    Path pattern = inFolder(text(node, "files"));
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
    Map<Long, Double> scores = scores();
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (Path found : RunReader.entries(where)) {
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

  /** The object that a JSON file holds, of these fields. */
  static JsonNode object(Path file, Set<String> fields) {
    JsonNode content = StudyFile.parse(file);
    requireKnown(content, fields, file, "the run");
    return content;
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
                    file,
                    place,
                    name,
                    String.join(", ", Suggestions.nearest(name, new TreeSet<>(fields)))));
      }
    }
  }
}
