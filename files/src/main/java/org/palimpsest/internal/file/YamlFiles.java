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
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

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
          "%s has %s bytes, too many for settings in YAML.".formatted(file, InputFiles.size(file)));
    }
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setCodePointLimit(MOST_BYTES);
    try {
      String text = Files.readString(file);
      return InputFiles.bounded(
          file, () -> tree(yaml(options).load(text), new IdentityHashMap<>()));
    } catch (YAMLException | IllegalArgumentException failure) {
      throw new PalimpsestException(
          "%s is no sound YAML: %s.".formatted(file, inWords(failure)), failure);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static Yaml yaml(LoaderOptions options) {
    DumperOptions unused = new DumperOptions();
    return new Yaml(
        new SafeConstructor(options), new Representer(unused), unused, options, new OfPython());
  }

  private static String inWords(RuntimeException failure) {
    if (failure instanceof NumberFormatException) {
      return "something that is called a number is none";
    }
    if (failure instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
      return "%s, in line %s"
          .formatted(
              marked.getProblem().replaceFirst("^but ", ""), marked.getProblemMark().getLine() + 1);
    }
    String told = String.valueOf(failure.getMessage()).lines().findFirst().orElse("damaged");
    return told.replaceFirst("\\.$", "");
  }

  /**
   * Takes for numbers what Python's yaml takes for them: {@code 1.0e-3} and not {@code 1e-3}, which
   * is a text there. Dates are texts.
   */
  private static final class OfPython extends Resolver {

    private static final Pattern FLOATING =
        Pattern.compile(
            "^(?:[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+][0-9]+)?"
                + "|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
                + "|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*"
                + "|[-+]?\\.(?:inf|Inf|INF)"
                + "|\\.(?:nan|NaN|NAN))$");

    @Override
    protected void addImplicitResolvers() {
      addImplicitResolver(Tag.BOOL, BOOL, "yYnNtTfFoO");
      addImplicitResolver(Tag.INT, INT, "-+0123456789");
      addImplicitResolver(Tag.FLOAT, FLOATING, "-+0123456789.");
      addImplicitResolver(Tag.MERGE, MERGE, "<");
      addImplicitResolver(Tag.NULL, NULL, "~nN\0");
      addImplicitResolver(Tag.NULL, EMPTY, null);
    }
  }

  private static JsonNode tree(Object value, Map<Object, Optional<JsonNode>> made) {
    if (value instanceof Object[]) {
      throw new IllegalArgumentException("it holds pairs (!!pairs), for which JSON has no form");
    }
    if (!(value instanceof Map<?, ?> || value instanceof List<?>)) {
      if (value == null
          || value instanceof String
          || value instanceof Number
          || value instanceof Boolean) {
        return JSON.valueToTree(value);
      }
      throw new IllegalArgumentException(
          "it has binary data, a set or a date, which say nothing here");
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
    map.forEach(
        (key, value) -> {
          if (key instanceof Map<?, ?> || key instanceof List<?>) {
            throw new IllegalArgumentException("a list or an object is the name of an entry");
          }
          object.set(String.valueOf(key), tree(value, made));
        });
    return object;
  }

  private static JsonNode array(List<?> list, Map<Object, Optional<JsonNode>> made) {
    ArrayNode array = JSON.createArrayNode();
    list.forEach(value -> array.add(tree(value, made)));
    return array;
  }
}
