package org.palimpsest.io.dl4j;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;

/**
 * Looks at a saved configuration before DL4J does.
 *
 * <p>The configuration names the classes that DL4J makes objects of. None is let through that is
 * not DL4J's own.
 */
final class NetworkConfiguration {

  private static final String CLASS = "@class";
  private static final List<String> OWN = List.of("org.deeplearning4j.nn.", "org.nd4j.linalg.");

  private NetworkConfiguration() {}

  static JsonNode read(Path file, byte[] json) throws IOException {
    try {
      JsonNode configuration = new ObjectMapper().readTree(json);
      requireOwnClasses(file, configuration);
      return configuration;
    } catch (JacksonException malformed) {
      throw new PalimpsestException(
          "%s: its configuration.json is not valid (%s)."
              .formatted(file, malformed.getOriginalMessage()),
          malformed);
    }
  }

  static boolean isGraph(Path file, JsonNode configuration) {
    if (configuration.has("vertices") && configuration.has("networkInputs")) {
      return true;
    }
    if (configuration.has("confs")) {
      return false;
    }
    throw new PalimpsestException(
        "%s: its configuration.json describes neither a MultiLayerNetwork nor a ComputationGraph."
            .formatted(file));
  }

  private static void requireOwnClasses(Path file, JsonNode node) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String value = field.getValue().asText("");
      if (field.getKey().equals(CLASS) && OWN.stream().noneMatch(value::startsWith)) {
        throw new PalimpsestException(
            "%s names the class %s, which is not DL4J's; it is not opened. If you trust it, restore it with ModelSerializer and hand over the live network."
                .formatted(file, value));
      }
    }
    for (JsonNode child : node) {
      requireOwnClasses(file, child);
    }
  }
}
