package org.palimpsest.io.inspect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.PalimpsestException;

/** Tells what a text holds, if it is JSON. */
final class JsonText {

  private static final long LONGEST = 16L << 20;
  private static final int MOST_NAMES = 8;

  private JsonText() {}

  /** One note, or none if it is no JSON. */
  static List<String> describe(Path file) {
    try {
      if (Files.size(file) > LONGEST) {
        return List.of();
      }
      JsonNode json = new ObjectMapper().readTree(Files.readAllBytes(file));
      if (json.isArray()) {
        String entries = json.isEmpty() ? "" : ", the first with " + names(json.get(0));
        return List.of("JSON: a list of %d%s".formatted(json.size(), entries));
      }
      return json.isObject() ? List.of("JSON: an object with " + names(json)) : List.of();
    } catch (JsonProcessingException noJson) {
      return List.of();
    } catch (IOException unreadable) {
      throw new PalimpsestException(
          file + " cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }

  private static String names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    String first = String.join(", ", names.subList(0, Math.min(MOST_NAMES, names.size())));
    return names.size() > MOST_NAMES ? first + " and more" : first;
  }
}
