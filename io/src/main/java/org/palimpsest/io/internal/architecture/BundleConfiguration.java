package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;

/**
 * The configuration that MONAI makes of a bundle's file. Its keys are set one after the other: one
 * with {@code ::} or {@code #} in it is a path into what was set before, and one that begins with
 * {@code +} is merged with what stands there ({@code ConfigParser.load_config_files} and {@code
 * merge_kv} of MONAI 1.3 and later).
 */
final class BundleConfiguration {

  static final String MARK = "::";
  private static final String MERGES = "+";

  private final String source;
  private final ObjectNode made = JsonNodeFactory.instance.objectNode();

  private BundleConfiguration(String source) {
    this.source = source;
  }

  /**
   * What a file tells.
   *
   * @param read the file's content
   * @throws PalimpsestException if a key leads nowhere, or merges what cannot be merged
   */
  static JsonNode of(JsonNode read, String source) {
    if (!read.isObject()) {
      return read;
    }
    BundleConfiguration configuration = new BundleConfiguration(source);
    for (Map.Entry<String, JsonNode> entry : read.deepCopy().properties()) {
      String key = entry.getKey();
      if (key.startsWith(MERGES)) {
        configuration.merge(key, entry.getValue());
      } else {
        configuration.set(key, key, entry.getValue());
      }
    }
    return configuration.made;
  }

  private void merge(String key, JsonNode value) {
    String place = key.substring(MERGES.length());
    JsonNode there = made;
    for (String part : parts(place)) {
      there = child(there, part);
    }
    if (there.isMissingNode()) {
      set(key, place, value); // MONAI warns, and does the same
    } else if (there instanceof ObjectNode object && value instanceof ObjectNode more) {
      object.setAll(more);
    } else if (there instanceof ArrayNode list && value instanceof ArrayNode more) {
      list.addAll(more);
    } else {
      throw new PalimpsestException(
          "%s merges by its key '%s' what is neither two objects nor two lists, as MONAI refuses."
              .formatted(source, key));
    }
  }

  private void set(String key, String place, JsonNode value) {
    String[] parts = parts(place);
    JsonNode owner = made;
    for (int i = 0; i < parts.length - 1; i++) {
      owner = child(owner, parts[i]);
    }
    String last = parts[parts.length - 1];
    if (owner instanceof ObjectNode object) {
      object.set(last, value);
    } else if (owner instanceof ArrayNode list && !child(list, last).isMissingNode()) {
      list.set(Integer.parseInt(last), value);
    } else {
      throw new PalimpsestException(
          "%s sets '%s', but nothing before it in the file is there to hold it. Put the entry that it belongs to first."
              .formatted(source, key));
    }
  }

  private static String[] parts(String place) {
    return place.replace("#", MARK).split(MARK, -1);
  }

  /** What an entry of an object or a list holds, or nothing. */
  static JsonNode child(JsonNode owner, String part) {
    if (!owner.isArray()) {
      return owner.path(part);
    }
    return part.matches("\\d{1,6}") ? owner.path(Integer.parseInt(part)) : owner.path("");
  }
}
