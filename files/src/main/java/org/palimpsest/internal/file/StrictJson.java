package org.palimpsest.internal.file;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** JSON of which nothing is passed over: what follows its end, or a name that comes twice. */
public final class StrictJson {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private StrictJson() {}

  /** Reads and writes it; not to be configured. */
  public static ObjectMapper mapper() {
    return MAPPER;
  }

  /**
   * What an object has under a name.
   *
   * @throws IllegalArgumentException if it has nothing there
   */
  public static JsonNode required(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (value.isMissingNode()) {
      throw new IllegalArgumentException("it has no '%s'".formatted(name));
    }
    return value;
  }

  /**
   * A finite number.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static double number(JsonNode node) {
    double number = node.isNumber() ? node.doubleValue() : Double.NaN;
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException("there should be a finite number instead of " + node);
    }
    return number;
  }
}
