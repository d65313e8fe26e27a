package org.palimpsest.io.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Figure;
import org.palimpsest.core.evolution.FigureKey;
import org.palimpsest.core.evolution.Outcome;
import org.palimpsest.core.evolution.Structure;
import org.palimpsest.core.representation.Grid;

/** One line of the journal: a figure, or the layers of something. */
record JournalLine(Optional<KeptFigure> figure, Optional<KeptLayers> layers) {

  record KeptFigure(FigureKey key, Outcome outcome) {}

  record KeptLayers(String subject, Structure structure) {}

  private static final ObjectMapper JSON = new ObjectMapper();

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
      ArrayNode warnings = line.putArray("warnings");
      figure.warnings().forEach(warnings::add);
    } else if (outcome instanceof Outcome.Failure failure) {
      line.put("failure", failure.reason());
    }
    return line.toString();
  }

  static String of(String subject, Structure structure) {
    ObjectNode line = JSON.createObjectNode();
    line.put("subject", subject);
    ArrayNode layers = line.putArray("layers");
    structure
        .grids()
        .forEach(
            (layer, grid) -> {
              ArrayNode extents = layers.addObject().put("layer", layer).putArray("grid");
              grid.extents().forEach(extents::add);
            });
    return line.toString();
  }

  static JournalLine parse(String line, Path file, int number) {
    try {
      JsonNode node = JSON.readTree(line);
      return node.has("subject")
          ? new JournalLine(Optional.empty(), Optional.of(layersOf(node)))
          : new JournalLine(
              Optional.of(new KeptFigure(keyOf(node), outcomeOf(node))), Optional.empty());
    } catch (JsonProcessingException | IllegalArgumentException failure) {
      throw new PalimpsestException(
          "%s is damaged at line %d. Delete the file to begin anew.".formatted(file, number),
          failure);
    }
  }

  private static KeptLayers layersOf(JsonNode node) {
    Map<String, Grid> grids = new LinkedHashMap<>();
    for (JsonNode layer : node.required("layers")) {
      List<Integer> extents = new ArrayList<>();
      layer.required("grid").forEach(extent -> extents.add(extent.asInt()));
      grids.put(layer.required("layer").asText(), new Grid(extents));
    }
    return new KeptLayers(node.required("subject").asText(), new Structure(grids));
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
    return new Figure(
        node.required("value").asDouble(),
        optional(node, "low"),
        optional(node, "high"),
        node.required("n").asLong(),
        warnings);
  }

  private static OptionalDouble optional(JsonNode node, String field) {
    return node.has(field)
        ? OptionalDouble.of(node.required(field).asDouble())
        : OptionalDouble.empty();
  }
}
