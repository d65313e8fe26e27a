package org.palimpsest.io.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.zip.CRC32;
import org.palimpsest.core.evolution.Figure;
import org.palimpsest.core.evolution.FigureKey;
import org.palimpsest.core.evolution.Outcome;
import org.palimpsest.core.evolution.Structure;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.internal.file.StrictJson;

/**
 * Lines of the journal. Each begins with the checksum of what follows, so that damage is noticed
 * wherever it is.
 */
final class JournalLine {

  /** What a line says. */
  sealed interface Entry {}

  /** The first line. */
  record Version(int number) implements Entry {}

  record KeptFigure(FigureKey key, Outcome outcome) implements Entry {}

  record KeptLayers(String subject, Structure structure) implements Entry {}

  record KeptCautions(String subject, List<String> cautions) implements Entry {}

  private static final ObjectMapper JSON = StrictJson.mapper();
  private static final String SUM = "{\"crc32\":\"%08x\",";
  private static final int SUM_LENGTH = SUM.formatted(0).length();
  private static final String VERSION = "journal_version";
  private static final String SUBJECT = "subject";
  private static final String CAUTIONS = "cautions";
  private static final String RANK_A = "rank_a";
  private static final String RANK_B = "rank_b";

  private JournalLine() {}

  static String ofVersion(int version) {
    return sealed(JSON.createObjectNode().put(VERSION, version));
  }

  static String of(FigureKey key, Outcome outcome) {
    ObjectNode line = JSON.createObjectNode();
    line.put("context", key.context());
    line.put("hash_a", key.hashA()).put("layer_a", key.layerA());
    line.put("hash_b", key.hashB()).put("layer_b", key.layerB());
    line.put("measure", key.measure());
    if (outcome instanceof Figure figure) {
      line.put("value", figure.value()).put("n", figure.n());
      figure.low().ifPresent(low -> line.put("low", low));
      figure.high().ifPresent(high -> line.put("high", high));
      figure.ranks().ifPresent(ranks -> line.put(RANK_A, ranks.a()).put(RANK_B, ranks.b()));
      figure
          .overProbes()
          .ifPresent(
              interval ->
                  IntervalFields.of(interval)
                      .forEach((name, field) -> line.set(name, JSON.valueToTree(field))));
      ArrayNode warnings = line.putArray("warnings");
      figure.warnings().forEach(warnings::add);
    } else if (outcome instanceof Outcome.Failure failure) {
      line.put("failure", failure.reason());
    }
    return sealed(line);
  }

  static String of(String subject, Structure structure) {
    ObjectNode line = JSON.createObjectNode();
    line.put(SUBJECT, subject);
    ArrayNode layers = line.putArray("layers");
    structure
        .grids()
        .forEach(
            (layer, grid) -> {
              ArrayNode extents = layers.addObject().put("layer", layer).putArray("grid");
              grid.extents().forEach(extents::add);
            });
    return sealed(line);
  }

  static String of(String subject, List<String> cautions) {
    ObjectNode line = JSON.createObjectNode();
    line.put(SUBJECT, subject);
    ArrayNode texts = line.putArray(CAUTIONS);
    cautions.forEach(texts::add);
    return sealed(line);
  }

  private static String sealed(ObjectNode line) {
    String rest = line.toString().substring(1);
    return sumOf(rest.getBytes(StandardCharsets.UTF_8), 0) + rest;
  }

  private static String sumOf(byte[] bytes, int from) {
    CRC32 sum = new CRC32();
    sum.update(bytes, from, bytes.length - from);
    return SUM.formatted(sum.getValue());
  }

  /**
   * @throws IllegalArgumentException if it is not a line as it was written
   */
  static Entry parse(byte[] line) {
    if (line.length < SUM_LENGTH
        || !sumOf(line, SUM_LENGTH)
            .equals(new String(line, 0, SUM_LENGTH, StandardCharsets.UTF_8))) {
      throw new IllegalArgumentException("its checksum is of another content");
    }
    try {
      return entryOf(JSON.readTree(new String(line, StandardCharsets.UTF_8)));
    } catch (JsonProcessingException failure) {
      throw new IllegalArgumentException(failure);
    }
  }

  private static Entry entryOf(JsonNode node) {
    if (node.has(VERSION)) {
      return new Version(node.required(VERSION).intValue());
    }
    if (node.has(CAUTIONS)) {
      List<String> cautions = new ArrayList<>();
      node.required(CAUTIONS).forEach(caution -> cautions.add(caution.asText()));
      return new KeptCautions(node.required(SUBJECT).asText(), List.copyOf(cautions));
    }
    return node.has(SUBJECT) ? layersOf(node) : new KeptFigure(keyOf(node), outcomeOf(node));
  }

  private static KeptLayers layersOf(JsonNode node) {
    Map<String, Grid> grids = new LinkedHashMap<>();
    for (JsonNode layer : node.required("layers")) {
      List<Integer> extents = new ArrayList<>();
      layer.required("grid").forEach(extent -> extents.add(extent.asInt()));
      grids.put(text(layer, "layer"), new Grid(extents));
    }
    return new KeptLayers(node.required(SUBJECT).asText(), new Structure(grids));
  }

  private static FigureKey keyOf(JsonNode node) {
    return new FigureKey(
        text(node, "context"),
        text(node, "hash_a"),
        text(node, "layer_a"),
        text(node, "hash_b"),
        text(node, "layer_b"),
        text(node, "measure"));
  }

  /** One copy of each text: a journal repeats few of them very often. */
  private static String text(JsonNode node, String field) {
    return node.required(field).asText().intern();
  }

  private static Outcome outcomeOf(JsonNode node) {
    if (node.has("failure")) {
      return new Outcome.Failure(node.required("failure").asText());
    }
    List<String> warnings = new ArrayList<>();
    node.required("warnings").forEach(warning -> warnings.add(warning.asText().intern()));
    double value = StrictJson.number(node.required("value"));
    return new Figure(
        value,
        optional(node, "low"),
        optional(node, "high"),
        node.required("n").asLong(),
        warnings,
        ranks(node),
        IntervalFields.in(node, value));
  }

  private static Optional<Figure.Ranks> ranks(JsonNode node) {
    return node.has(RANK_A)
        ? Optional.of(
            new Figure.Ranks(node.required(RANK_A).intValue(), node.required(RANK_B).intValue()))
        : Optional.empty();
  }

  private static OptionalDouble optional(JsonNode node, String field) {
    return node.has(field)
        ? OptionalDouble.of(StrictJson.number(node.required(field)))
        : OptionalDouble.empty();
  }
}
