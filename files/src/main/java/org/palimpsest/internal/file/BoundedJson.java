package org.palimpsest.internal.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.palimpsest.core.PalimpsestException;

/**
 * Reads JSON that a stranger wrote: no key twice, nothing after the end, not nested without bound.
 */
public final class BoundedJson {

  private static final int DEEPEST = 200;
  private static final int LONGEST_TEXT = 64 << 20;
  private static final int LONGEST_NUMBER = 400;
  private static final int LONGEST_NAME = 1 << 16;

  private static final JsonMapper MAPPER = mapper();

  private BoundedJson() {}

  private static JsonMapper mapper() {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(LONGEST_TEXT)
                    .maxNumberLength(LONGEST_NUMBER)
                    .maxNameLength(LONGEST_NAME)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();
    return JsonMapper.builder(factory)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
  }

  /**
   * Reads one value; numbers that are infinite or not a number are taken as Python writes them.
   *
   * @param source what to call it in a message
   * @throws PalimpsestException if it is not JSON, or not as a tool writes it
   */
  public static JsonNode read(byte[] bytes, String source) {
    try {
      JsonNode value = MAPPER.readTree(bytes);
      if (value == null || value.isMissingNode()) {
        throw new PalimpsestException(source + " is empty where JSON is needed.");
      }
      return value;
    } catch (IOException damage) {
      throw new PalimpsestException(
          "%s is not sound JSON: %s.".formatted(source, JsonDamage.inWords(damage)), damage);
    }
  }
}
