package org.palimpsest.reproduction;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** What NumPy, SciPy and PyTorch make of small inputs; {@code make_values.py} wrote it. */
public final class IndependentValues {

  private IndependentValues() {}

  /** The cases of one kind. */
  public static List<JsonNode> cases(String kind) {
    try (InputStream file =
        IndependentValues.class.getResourceAsStream("/values/independent.json")) {
      List<JsonNode> cases = new ArrayList<>();
      new ObjectMapper().readTree(file).required(kind).forEach(cases::add);
      return cases;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  public static List<Double> numbers(JsonNode array) {
    List<Double> numbers = new ArrayList<>();
    array.forEach(number -> numbers.add(number.doubleValue()));
    return numbers;
  }

  public static float[] floats(JsonNode array) {
    float[] floats = new float[array.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = array.get(i).floatValue();
    }
    return floats;
  }

  public static int[] integers(JsonNode array) {
    int[] integers = new int[array.size()];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = array.get(i).intValue();
    }
    return integers;
  }
}
