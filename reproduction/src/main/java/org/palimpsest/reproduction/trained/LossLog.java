package org.palimpsest.reproduction.trained;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.palimpsest.core.PalimpsestException;

/** Losses of a run by step, as JSON: {@code {"0": 1.2, "5": 1.1}}. */
final class LossLog {

  private static final ObjectMapper JSON = new ObjectMapper();

  private LossLog() {}

  static String write(Map<Long, Double> losses) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(new TreeMap<>(losses))
          + System.lineSeparator();
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("numbers have a JSON form", impossible);
    }
  }

  /** None if there is no such file. */
  static SortedMap<Long, Double> read(Path file) {
    if (!Files.exists(file)) {
      return new TreeMap<>();
    }
    try {
      return JSON.readValue(Files.readString(file), new TypeReference<TreeMap<Long, Double>>() {});
    } catch (IOException failure) {
      throw new PalimpsestException(file + " cannot be read: " + failure, failure);
    }
  }
}
