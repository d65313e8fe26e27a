package org.palimpsest.io.internal.own;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values for the names in braces in the texts of a description. */
final class Placeholders {

  private static final Pattern NAME = Pattern.compile("\\{(\\w+)}");
  private static final Set<String> OF_OTHER_STEPS = Set.of("about", "steps", "sequence");

  private final Map<String, JsonNode> values;
  private final Set<String> used = new HashSet<>();

  Placeholders(Map<String, JsonNode> values) {
    this.values = values;
  }

  /** Which of the values were put in somewhere. */
  Set<String> used() {
    return used;
  }

  /**
   * The same with the values put in; a text that is nothing but a placeholder becomes the value.
   */
  JsonNode fill(JsonNode node) {
    if (node.isTextual()) {
      return fill(node.textValue());
    }
    if (node.isArray()) {
      ArrayNode filled = JsonNodeFactory.instance.arrayNode();
      node.forEach(item -> filled.add(fill(item)));
      return filled;
    }
    if (node.isObject()) {
      ObjectNode filled = JsonNodeFactory.instance.objectNode();
      node.fields()
          .forEachRemaining(
              field -> filled.set(fill(field.getKey()).asText(), fill(field.getValue())));
      return filled;
    }
    return node;
  }

  private JsonNode fill(String text) {
    Matcher names = NAME.matcher(text);
    if (names.matches() && values.containsKey(names.group(1))) {
      used.add(names.group(1));
      return values.get(names.group(1));
    }
    return TextNode.valueOf(
        names
            .reset()
            .replaceAll(
                name -> {
                  JsonNode value = values.get(name.group(1));
                  if (value == null) {
                    return Matcher.quoteReplacement(name.group());
                  }
                  used.add(name.group(1));
                  return Matcher.quoteReplacement(value.asText());
                }));
  }

  /** A placeholder of a step that has no value; those of the steps within are not looked at. */
  static Optional<String> left(JsonNode node) {
    if (node.isTextual()) {
      Matcher name = NAME.matcher(node.textValue());
      return name.find() ? Optional.of(name.group(1)) : Optional.empty();
    }
    if (node.isObject()) {
      return node.properties().stream()
          .filter(field -> !OF_OTHER_STEPS.contains(field.getKey()))
          .flatMap(field -> left(field.getValue()).stream())
          .findFirst();
    }
    for (JsonNode item : node) {
      Optional<String> found = left(item);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }
}
