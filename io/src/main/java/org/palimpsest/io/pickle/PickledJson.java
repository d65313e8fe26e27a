package org.palimpsest.io.pickle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.palimpsest.core.PalimpsestException;

/**
 * Settings that lie in a pickle, as JSON: texts, numbers, truth values, lists, dictionaries.
 * Entries that are anything else, such as arrays, are left out; in lists they are null.
 */
public final class PickledJson {

  private static final int MOST_NODES = 200_000;
  private static final int DEEPEST = 50;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final String source;
  private int nodes;

  private PickledJson(String source) {
    this.source = source;
  }

  /**
   * @param source what to call the pickle in messages
   * @return a missing node if the value is none of these
   * @throws PalimpsestException if it nests deeper than settings do, or holds itself
   */
  public static JsonNode of(Object value, String source) {
    return new PickledJson(source).node(value, 0);
  }

  private JsonNode node(Object value, int depth) {
    nodes++;
    if (nodes > MOST_NODES || depth > DEEPEST) {
      throw new PalimpsestException(source + " nests its settings deeper or more often than any.");
    }
    if (value instanceof String text) {
      return JSON.textNode(text);
    } else if (value instanceof Long number) {
      return JSON.numberNode(number);
    } else if (value instanceof Double number) {
      return JSON.numberNode(number);
    } else if (value instanceof Boolean truth) {
      return JSON.booleanNode(truth);
    } else if (value == PyNone.NONE) {
      return JSON.nullNode();
    } else if (value instanceof PyTuple tuple) {
      return list(tuple.items(), depth);
    } else if (value instanceof List<?> list) {
      return list(list, depth);
    } else if (value instanceof PyDict dict) {
      return dictionary(dict, depth);
    }
    return MissingNode.getInstance();
  }

  private JsonNode list(List<?> items, int depth) {
    ArrayNode array = JSON.arrayNode();
    for (Object item : items) {
      JsonNode node = node(item, depth + 1);
      array.add(node.isMissingNode() ? JSON.nullNode() : node);
    }
    return array;
  }

  private JsonNode dictionary(PyDict dict, int depth) {
    ObjectNode object = JSON.objectNode();
    dict.scalarKeyed()
        .forEach(
            (key, value) -> {
              JsonNode node = node(value, depth + 1);
              if (!node.isMissingNode()) {
                object.set(key.toString(), node);
              }
            });
    return object;
  }
}
