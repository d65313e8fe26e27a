package org.palimpsest.io.study;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonDamage;
import org.palimpsest.internal.file.StrictJson;

/** Reads a study's table as {@link EvolutionTables} wrote it, row by row. */
final class TableReader {

  private static final int LONGEST_NAME = 1000;

  /** NaN is read, and then refused in words that name its entry. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private final Map<String, String> texts = new LinkedHashMap<>();
  private final Map<String, MeasureFacts> measures = new HashMap<>();
  private final List<String> notes = new ArrayList<>();
  private final List<JsonNode> checkpoints = new ArrayList<>();
  private final List<EvolutionTable.Row> rows = new ArrayList<>();

  private TableReader() {}

  static EvolutionTable read(Path file) {
    InputFiles.require(file);
    try (SealedJson.Input in = new SealedJson.Input(Files.newInputStream(file));
        JsonParser parser = JSON.createParser(in)) {
      TableReader reader = new TableReader();
      reader.readFields(parser);
      in.requireSeal();
      return reader.table();
    } catch (IOException failure) {
      throw wrong(file, JsonDamage.inWords(failure), failure);
    } catch (IllegalArgumentException failure) {
      throw wrong(file, String.valueOf(failure.getMessage()), failure);
    }
  }

  private static PalimpsestException wrong(Path file, String what, Exception cause) {
    return new PalimpsestException(
        "%s is not a study's table as 'track' writes it (%s). Track the study again into its folder."
            .formatted(file, what),
        cause);
  }

  private void readFields(JsonParser parser) throws IOException {
    require(parser.nextToken() == JsonToken.START_OBJECT);
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "notes" -> forEach(parser, note -> notes.add(note.asText()));
        case "checkpoints" -> forEach(parser, checkpoints::add);
        case "measures" -> forEach(parser, measure -> keep(facts(measure)));
        case "figures" -> forEach(parser, row -> rows.add(row(row)));
        default -> texts.put(field, parser.getText());
      }
    }
  }

  private static void forEach(JsonParser parser, Consumer<JsonNode> receiver) throws IOException {
    require(parser.currentToken() == JsonToken.START_ARRAY);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      require(parser.currentToken() != null);
      int line = parser.currentTokenLocation().getLineNr();
      JsonNode element = JSON.readTree(parser);
      try {
        receiver.accept(element);
      } catch (IllegalArgumentException wrong) {
        throw new IllegalArgumentException(
            "in the entry at line %s %s".formatted(line, wrong.getMessage()), wrong);
      }
    }
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw new IllegalArgumentException("it is built differently");
    }
  }

  private EvolutionTable table() {
    if (checkpoints.isEmpty()) {
      throw new IllegalArgumentException("it names no checkpoint");
    }
    return new EvolutionTable(
        rows,
        records(),
        notes,
        new Fingerprint(texts.getOrDefault("probes", "")),
        texts.getOrDefault("samples", ""),
        texts.getOrDefault("version", ""));
  }

  private List<CheckpointRecord> records() {
    Map<String, List<JsonNode>> byRun = new LinkedHashMap<>();
    for (JsonNode checkpoint : checkpoints) {
      byRun.computeIfAbsent(text(checkpoint, "run"), run -> new ArrayList<>()).add(checkpoint);
    }
    List<CheckpointRecord> records = new ArrayList<>();
    byRun.forEach(
        (name, nodes) -> {
          JsonNode first = nodes.get(0);
          TrainingRun run =
              new TrainingRun(
                  name,
                  text(first, "initialisation"),
                  number(first, "seed"),
                  nodes.stream().map(TableReader::checkpoint).toList());
          nodes.forEach(
              node ->
                  records.add(
                      new CheckpointRecord(
                          run,
                          checkpoint(node),
                          text(node, "sha256"),
                          Optional.of(text(node, "problem")).filter(p -> !p.isEmpty()))));
        });
    return records;
  }

  private static Checkpoint checkpoint(JsonNode node) {
    String score = text(node, "score");
    return new Checkpoint(
        Long.parseLong(text(node, "step")),
        text(node, "file"),
        score.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(score(score)));
  }

  private static OptionalLong number(JsonNode node, String field) {
    String digits = text(node, field);
    return digits.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(digits));
  }

  private void keep(MeasureFacts facts) {
    measures.put(facts.name(), facts);
  }

  private static MeasureFacts facts(JsonNode node) {
    OptionalDouble low = end(node, "low");
    OptionalDouble high = end(node, "high");
    return new MeasureFacts(
        measure(text(node, "name")),
        text(node, "description"),
        node.has("direction") ? Optional.of(direction(text(node, "direction"))) : Optional.empty(),
        new Range(low.orElse(Double.NEGATIVE_INFINITY), high.orElse(Double.POSITIVE_INFINITY)),
        StrictJson.required(node, "of_weights").asBoolean(),
        StrictJson.required(node, "symmetric").asBoolean());
  }

  private static Direction direction(String words) {
    return Stream.of(Direction.values())
        .filter(direction -> EvolutionTables.words(direction).equals(words))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no direction '" + words + "'"));
  }

  /** Its measure is one of those that the table names before its measurements, if it names any. */
  private MeasureFacts measured(String name) {
    return measures.computeIfAbsent(name, MeasureFacts::unknown);
  }

  private EvolutionTable.Row row(JsonNode node) {
    List<String> warnings = new ArrayList<>();
    node.path("warnings").forEach(warning -> warnings.add(warning.asText().intern()));
    double value = StrictJson.number(StrictJson.required(node, "value"));
    return new EvolutionTable.Row(
        view(text(node, "view")),
        text(node, "run_a"),
        step(node, "step_a"),
        text(node, "layer_a"),
        text(node, "run_b"),
        step(node, "step_b"),
        text(node, "layer_b"),
        measured(measure(text(node, "measure"))),
        new Measurement(
            value,
            end(node, "low"),
            end(node, "high"),
            whole(node, "n"),
            warnings,
            ranks(node),
            IntervalFields.in(node, value)));
  }

  private static Optional<Measurement.Ranks> ranks(JsonNode node) {
    return node.has("rank_a")
        ? Optional.of(new Measurement.Ranks(rank(node, "rank_a"), rank(node, "rank_b")))
        : Optional.empty();
  }

  private static int rank(JsonNode node, String field) {
    long rank = whole(node, field);
    if (rank < 0 || rank > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("'%s' of a figure is %s".formatted(field, rank));
    }
    return (int) rank;
  }

  /** It becomes the title of pictures. */
  private static String measure(String name) {
    if (name.isBlank() || name.length() > LONGEST_NAME) {
      throw new IllegalArgumentException(
          "the name of a measure has %s letters".formatted(name.length()));
    }
    return name;
  }

  private static Study.View view(String label) {
    return Stream.of(Study.View.values())
        .filter(view -> view.label().equals(label))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no view '" + label + "'"));
  }

  /** One copy of each text: a table repeats few of them very often. */
  private static String text(JsonNode node, String field) {
    return Objects.requireNonNull(StrictJson.required(node, field).asText()).intern();
  }

  private static OptionalLong step(JsonNode node, String field) {
    return node.has(field) ? OptionalLong.of(whole(node, field)) : OptionalLong.empty();
  }

  private static OptionalDouble end(JsonNode node, String field) {
    return node.has(field)
        ? OptionalDouble.of(StrictJson.number(node.path(field)))
        : OptionalDouble.empty();
  }

  private static long whole(JsonNode node, String field) {
    JsonNode value = StrictJson.required(node, field);
    if (!value.canConvertToLong() || !value.isIntegralNumber()) {
      throw new IllegalArgumentException(
          "'%s' of a figure is %s, not a whole number".formatted(field, value));
    }
    return value.asLong();
  }

  private static double score(String digits) {
    double score = Double.parseDouble(digits);
    if (!Double.isFinite(score)) {
      throw new IllegalArgumentException("a score is " + digits + ", not a finite number");
    }
    return score;
  }
}
