package org.palimpsest.io.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.palimpsest.core.PalimpsestException;

/** Reads JSON strictly: no key twice, nothing after the value, no more than settings need. */
public final class JsonFiles {

  private static final long MOST_BYTES = 64L << 20;
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonFiles() {}

  /**
   * Reads a file.
   *
   * @throws PalimpsestException if there is none, it is too large, or no JSON
   */
  public static JsonNode read(Path file) {
    InputFiles.require(file);
    if (InputFiles.size(file) > MOST_BYTES) {
      throw new PalimpsestException(
          "%s has %d bytes, too many for settings in JSON.".formatted(file, InputFiles.size(file)));
    }
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException failure) {
      throw new PalimpsestException(
          "%s is no valid JSON: %s.".formatted(file, failure.getOriginalMessage()), failure);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }
}
