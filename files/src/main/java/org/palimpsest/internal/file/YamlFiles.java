package org.palimpsest.internal.file;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads files of settings in YAML 1.1, as Python's yaml does: no object is made of what they name.
 */
public final class YamlFiles {

  private static final int MOST_BYTES = 16 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private YamlFiles() {}

  /**
   * Reads a file as the JSON that says the same. What an alias repeats is one node there, as it is
   * one object in Python.
   *
   * @throws PalimpsestException if there is none, it is too large for settings, or no sound YAML
   */
  public static JsonNode read(Path file) {
    InputFiles.require(file);
    if (InputFiles.size(file) > MOST_BYTES) {
      throw new PalimpsestException(
          "%s has %d bytes, too many for settings in YAML.".formatted(file, InputFiles.size(file)));
    }
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setCodePointLimit(MOST_BYTES);
    try {
      String text = Files.readString(file);
      return InputFiles.bounded(
          file,
          () -> tree(new Yaml(new JsonConstructor(options)).load(text), new IdentityHashMap<>()));
    } catch (YAMLException | IllegalArgumentException failure) {
      throw new PalimpsestException(
          "%s is no sound YAML: %s.".formatted(file, reason(failure)), failure);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static String reason(RuntimeException failure) {
    if (failure instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
      return "%s, in line %d"
          .formatted(
              marked.getProblem().replaceFirst("^but ", ""), marked.getProblemMark().getLine() + 1);
    }
    String told = String.valueOf(failure.getMessage()).lines().findFirst().orElse("damaged");
    return told.replaceFirst("\\.$", "");
  }

  /** Times stay the texts that they are written as: JSON has none, and would make them numbers. */
  private static final class JsonConstructor extends SafeConstructor {

    JsonConstructor(LoaderOptions options) {
      super(options);
      yamlConstructors.put(Tag.TIMESTAMP, new ConstructYamlStr());
    }
  }

  private static JsonNode tree(Object value, Map<Object, Optional<JsonNode>> made) {
    if (value instanceof Object[]) {
      throw new IllegalArgumentException("it holds pairs (!!pairs), for which JSON has no form");
    }
    if (!(value instanceof Map<?, ?> || value instanceof List<?>)) {
      return JSON.valueToTree(value);
    }
    Optional<JsonNode> before = made.get(value);
    if (before != null) {
      return before.orElseThrow(
          () -> new IllegalArgumentException("an alias repeats its own list"));
    }
    made.put(value, Optional.empty());
    JsonNode node =
        value instanceof Map<?, ?> map ? object(map, made) : array((List<?>) value, made);
    made.put(value, Optional.of(node));
    return node;
  }

  private static JsonNode object(Map<?, ?> map, Map<Object, Optional<JsonNode>> made) {
    ObjectNode object = JSON.createObjectNode();
    map.forEach((key, value) -> object.set(String.valueOf(key), tree(value, made)));
    return object;
  }

  private static JsonNode array(List<?> list, Map<Object, Optional<JsonNode>> made) {
    ArrayNode array = JSON.createArrayNode();
    list.forEach(value -> array.add(tree(value, made)));
    return array;
  }
}
