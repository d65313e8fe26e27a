package org.palimpsest.io.file;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Set;

/** JSON of which nothing is passed over: what follows its end, or a name that comes twice. */
public final class StrictJson {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();
  private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

  private StrictJson() {}

  /** Reads and writes it; not to be configured. */
  public static ObjectMapper mapper() {
    return MAPPER;
  }

  /**
   * A number, or the text that stands for one that is not finite.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static double number(JsonNode node) {
    if (node.isNumber()) {
      return node.doubleValue();
    }
    if (node.isTextual() && NOT_FINITE.contains(node.textValue())) {
      return Double.parseDouble(node.textValue());
    }
    throw new IllegalArgumentException("there should be a number instead of " + node);
  }
}
