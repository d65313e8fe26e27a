package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.internal.file.YamlFiles;

/**
 * Reads the configuration of a bundle as MONAI 1.3 and later do: the entries of the file are set
 * one after the other, where a name may be a path into what is there already ({@code
 * network_def::act}), and one that begins with {@code +} adds to it.
 */
final class BundleConfiguration {

  private static final String MARK = "::";
  private static final String ADDS = "+";

  private final ObjectNode made = JsonNodeFactory.instance.objectNode();
  private final String source;

  private BundleConfiguration(String source) {
    this.source = source;
  }

  /**
   * Reads a file of JSON or YAML.
   *
   * @throws PalimpsestException if it is none, holds no entries by name, or one of its names leads
   *     nowhere
   */
  static JsonNode read(Path file) {
    boolean json = file.toString().endsWith(".json");
    return of(json ? JsonFiles.read(file) : YamlFiles.read(file), file.toString());
  }

  /**
   * What the entries of a file make together.
   *
   * @throws PalimpsestException as {@link #read}
   */
  static JsonNode of(JsonNode entries, String source) {
    if (!entries.isObject()) {
      throw new PalimpsestException(
          "%s is no configuration of a MONAI bundle: it should hold entries by name."
              .formatted(source));
    }
    BundleConfiguration configuration = new BundleConfiguration(source);
    entries.properties().forEach(entry -> configuration.put(entry.getKey(), entry.getValue()));
    return configuration.made;
  }

  private void put(String name, JsonNode value) {
    boolean adds = name.startsWith(ADDS);
    List<String> path =
        List.of((adds ? name.substring(1) : name).replace("#", MARK).split(MARK, -1));
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
          "has '%s' for a place in a list of %d entries, which are counted from 0"
              .formatted(part, list.size()));
    }
    return Integer.parseInt(part);
  }

  private PalimpsestException wrong(String name, String why) {
    return new PalimpsestException("%s: the entry '%s' %s.".formatted(source, name, why));
  }
}
