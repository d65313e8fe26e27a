package org.palimpsest.io.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;

/**
 * Writes the architecture of Keras 3 as Keras 2 would have.
 *
 * <p>The layers and their options are the same. Keras 3 adds the module of each class, has types as
 * objects, says {@code batch_shape} for {@code batch_input_shape}, and describes a layer's inputs
 * by the arguments of its call instead of by {@code [layer, node, tensor, {}]}.
 */
final class Keras3Form {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String LAYERS = "keras.layers";
  private static final String CONFIG = "config";
  private static final String INBOUND = "inbound_nodes";
  private static final Set<String> ADDED = Set.of("module", "registered_name", "build_config");

  private Keras3Form() {}

  static boolean isUsedBy(ObjectNode architecture) {
    return architecture.findValue("batch_shape") != null
        || architecture.findValue("registered_name") != null;
  }

  /**
   * Makes sure that each part is one of Keras's own layers, called with tensors alone. (Operations
   * have names of layers, but another module; {@code training=True} keeps dropout alive.)
   */
  static void requireKnownCalls(Path file, ObjectNode architecture) {
    for (JsonNode layer : architecture.path(CONFIG).path("layers")) {
      String module = layer.path("module").asText(LAYERS);
      if (!module.equals(LAYERS) || !layer.path("registered_name").asText("").isEmpty()) {
        throw unknownCall(file, layer, "is no layer of Keras itself but of " + module);
      }
      for (JsonNode call : layer.path(INBOUND)) {
        for (JsonNode argument : call.path("kwargs")) {
          if (!argument.isNull() && !argument.toString().equals("false")) {
            throw unknownCall(file, layer, "is called with " + call.path("kwargs"));
          }
        }
      }
    }
  }

  private static PalimpsestException unknownCall(Path file, JsonNode layer, String what) {
    String name = layer.path("name").asText(layer.path(CONFIG).path("name").asText());
    return new PalimpsestException(
        "%s: layer '%s' (%s) %s; it is not read."
            .formatted(file, name, layer.path("class_name").asText(), what));
  }

  static ObjectNode toKeras2(ObjectNode architecture) {
    ObjectNode plain = (ObjectNode) simplified(architecture);
    for (JsonNode layer : plain.path(CONFIG).path("layers")) {
      if (layer instanceof ObjectNode object && object.has(INBOUND)) {
        object.set(INBOUND, inputs(object.get(INBOUND)));
      }
    }
    if (plain.get(CONFIG) instanceof ObjectNode config) {
      nest(config, "input_layers");
      nest(config, "output_layers");
    }
    return plain;
  }

  private static JsonNode simplified(JsonNode node) {
    if (node instanceof ArrayNode array) {
      ArrayNode copy = JSON.arrayNode();
      array.forEach(element -> copy.add(simplified(element)));
      return copy;
    }
    if (!(node instanceof ObjectNode object)) {
      return node;
    }
    if (object.path("class_name").asText().equals("DTypePolicy")) {
      return object.path(CONFIG).path("name");
    }
    ObjectNode copy = JSON.objectNode();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!ADDED.contains(field.getKey())) {
        String name = field.getKey().equals("batch_shape") ? "batch_input_shape" : field.getKey();
        copy.set(name, simplified(field.getValue()));
      }
    }
    return copy;
  }

  private static ArrayNode inputs(JsonNode calls) {
    ArrayNode nodes = JSON.arrayNode();
    for (JsonNode call : calls) {
      ArrayNode tensors = JSON.arrayNode();
      collectTensors(call.path("args"), tensors);
      nodes.add(tensors);
    }
    return nodes;
  }

  private static void collectTensors(JsonNode node, ArrayNode tensors) {
    JsonNode history = node.path(CONFIG).path("keras_history");
    if (history instanceof ArrayNode place) {
      tensors.add(place.deepCopy().add(JSON.objectNode()));
    } else {
      node.forEach(child -> collectTensors(child, tensors));
    }
  }

  /** One input is {@code [name, 0, 0]} in Keras 3 and {@code [[name, 0, 0]]} in Keras 2. */
  private static void nest(ObjectNode config, String ends) {
    if (config.get(ends) instanceof ArrayNode list && !list.path(0).isArray()) {
      config.set(ends, JSON.arrayNode().add(list));
    }
  }
}
