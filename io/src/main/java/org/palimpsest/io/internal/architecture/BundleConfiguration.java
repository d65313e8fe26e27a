package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.internal.file.YamlFiles;

/**
 * Reads the configuration of a bundle as MONAI 1.3 and later do: the entries of the file are set
 * one after the other, where a name may be a path into what is there already ({@code
 * network_def::act}), and one that begins with {@code +} adds to it. A path that leads nowhere
 * matters to those who ask for what it was to change.
 */
final class BundleConfiguration {

  private static final String MARK = "::";
  private static final String ADDS = "+";

  private final ObjectNode made = JsonNodeFactory.instance.objectNode();
  private final Map<List<String>, PalimpsestException> broken = new LinkedHashMap<>();
  private final String source;

  private BundleConfiguration(String source) {
    this.source = source;
  }

  /**
   * Reads a file of JSON or YAML.
   *
   * @throws PalimpsestException if it is none or holds no entries by name
   */
  static BundleConfiguration read(Path file) {
    boolean json = file.toString().endsWith(".json");
    return of(json ? JsonFiles.read(file) : YamlFiles.read(file), file.toString());
  }

  /**
   * What the entries of a file make together.
   *
   * @throws PalimpsestException as {@link #read}
   */
  static BundleConfiguration of(JsonNode entries, String source) {
    if (!entries.isObject()) {
      throw new PalimpsestException(
          "%s is no configuration of a MONAI bundle: it should hold entries by name."
              .formatted(source));
    }
    BundleConfiguration configuration = new BundleConfiguration(source);
    entries.properties().forEach(entry -> configuration.put(entry.getKey(), entry.getValue()));
    return configuration;
  }

  /** What to call the file in messages. */
  String source() {
    return source;
  }

  /**
   * The value of this path; a missing node if there is none.
   *
   * @throws PalimpsestException if an entry that was to change it, or a part of it, leads nowhere
   */
  JsonNode entry(List<String> path) {
    broken.forEach(
        (changed, failure) -> {
          int common = Math.min(path.size(), changed.size());
          if (path.subList(0, common).equals(changed.subList(0, common))) {
            throw failure;
          }
        });
    JsonNode found = made;
    for (String part : path) {
      found = child(found, part);
    }
    return found;
  }

  /** A part of an object or a list; a missing node if there is none. */
  static JsonNode child(JsonNode parent, String part) {
    return parent.isArray() && part.matches("\\d{1,6}")
        ? parent.path(Integer.parseInt(part))
        : parent.path(part);
  }

  /** The names of all entries, in their order. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    made.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private void put(String name, JsonNode value) {
    boolean adds = name.startsWith(ADDS);
    List<String> path =
        List.of((adds ? name.substring(1) : name).replace("#", MARK).split(MARK, -1));
    if (name.equals(ADDS) && value.isObject() && !hasPaths(value)) {
      made.setAll((ObjectNode) value);
    } else if (path.get(0).isEmpty()) {
      throw wrong(name, "leads nowhere: what it changes should stand before it");
    } else {
      try {
        put(name, adds, path, value);
      } catch (PalimpsestException leadsNowhere) {
        broken.putIfAbsent(path, leadsNowhere);
      }
    }
  }

  private static boolean hasPaths(JsonNode entries) {
    return entries.properties().stream()
        .map(Map.Entry::getKey)
        .anyMatch(name -> name.isEmpty() || name.contains(MARK) || name.contains("#"));
  }

  private void put(String name, boolean adds, List<String> path, JsonNode value) {
    JsonNode parent = made;
    for (String part : path.subList(0, path.size() - 1)) {
      parent = parent.isArray() ? parent.path(position(parent, part, name)) : parent.path(part);
    }
    String last = path.get(path.size() - 1);
    if (last.isEmpty() || !parent.isContainerNode()) {
      throw wrong(name, "leads nowhere: what it changes should stand before it");
    }
    JsonNode there =
        parent.isArray() ? parent.path(position(parent, last, name)) : parent.path(last);
    if (adds && there.isObject() && value.isObject()) {
      ((ObjectNode) there).setAll((ObjectNode) value);
    } else if (adds && there.isArray() && value.isArray()) {
      ((ArrayNode) there).addAll((ArrayNode) value);
    } else if (adds && !there.isMissingNode()) {
      throw wrong(name, "adds to what is neither an object nor a list, or not both the same");
    } else if (parent.isArray()) {
      ((ArrayNode) parent).set(position(parent, last, name), value);
    } else {
      ((ObjectNode) parent).set(last, value);
    }
  }

  private int position(JsonNode list, String part, String name) {
    if (!part.matches("\\d{1,6}") || Integer.parseInt(part) >= list.size()) {
      throw wrong(
          name,
          "has '%s' for a place in a list of %s entries, which are counted from 0"
              .formatted(part, list.size()));
    }
    return Integer.parseInt(part);
  }

  private PalimpsestException wrong(String name, String why) {
    return new PalimpsestException("%s: the entry '%s' %s.".formatted(source, name, why));
  }
}
