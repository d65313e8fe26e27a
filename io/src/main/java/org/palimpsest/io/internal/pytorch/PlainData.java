package org.palimpsest.io.internal.pytorch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.palimpsest.io.internal.pickle.PyDict;
import org.palimpsest.io.internal.pickle.PyNone;
import org.palimpsest.io.internal.pickle.PyTuple;

/** Turns the plain data of a pickle into JSON; what is none is left out. */
final class PlainData {

  private static final int MAX_DEPTH = 50;
  private static final int MAX_VALUES = 1_000_000;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private int values;

  private PlainData() {}

  static JsonNode of(Object saved) {
    return saved instanceof PyDict ? new PlainData().node(saved, 0) : MissingNode.getInstance();
  }

  private JsonNode node(Object value, int depth) {
    values++;
    if (depth > MAX_DEPTH || values > MAX_VALUES) {
      return MissingNode.getInstance();
    }
    if (value instanceof String text) {
      return JSON.textNode(text);
    }
    if (value instanceof Long number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Double number) {
      return JSON.numberNode(number);
    }
    if (value instanceof Boolean truth) {
      return JSON.booleanNode(truth);
    }
    if (value == PyNone.NONE) {
      return JSON.nullNode();
    }
    if (value instanceof PyDict dict) {
      return object(dict.numberedOrNamed(), depth);
    }
    return value instanceof NumpyObjects.Vector vector
        ? vector.elements().map(all -> array(all, depth)).orElse(MissingNode.getInstance())
        : array(value, depth);
  }

  private JsonNode object(Map<String, Object> entries, int depth) {
    ObjectNode object = JSON.objectNode();
    entries.forEach(
        (name, value) -> {
          JsonNode node = node(value, depth + 1);
          if (!node.isMissingNode()) {
            object.set(name, node);
          }
        });
    return object;
  }

  /** A list that holds something else than plain data is left out: its places would shift. */
  private JsonNode array(Object value, int depth) {
    if (!(value instanceof PyTuple) && !(value instanceof List<?>)) {
      return MissingNode.getInstance();
    }
    ArrayNode array = JSON.arrayNode();
    for (Object item : value instanceof PyTuple items ? items.items() : (List<?>) value) {
      JsonNode node = node(item, depth + 1);
      if (node.isMissingNode()) {
        return node;
      }
      array.add(node);
    }
    return array;
  }
}
