package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;

/** Every measure against the values of {@code golden/expected.json} (see the README there). */
class GoldenTest {

  private static final Set<String> LOOSE_CASES = Set.of("offset", "deficient");
  private static final Map<String, Map<String, Double>> EXPECTED = read();

  private static Map<String, Map<String, Double>> read() {
    try (InputStream file = GoldenTest.class.getResourceAsStream("/golden/expected.json")) {
      return new ObjectMapper().readValue(file, new TypeReference<>() {});
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
  }

  @Test
  void everyKeyIsKnown() {
    Set<String> unknown = new TreeSet<>();
    EXPECTED.values().forEach(values -> unknown.addAll(values.keySet()));
    unknown.removeIf(GoldenKeys::isRank);
    unknown.removeAll(GoldenKeys.MEASURES.keySet());

    assertThat(unknown).isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> valuesAgree() {
    return EXPECTED.keySet().stream()
        .flatMap(
            name -> {
              Representation x = Representation.of("x", Npy.golden(name + "_x"));
              Representation y = Representation.of("y", Npy.golden(name + "_y"));
              return EXPECTED.get(name).keySet().stream()
                  .filter(GoldenKeys.MEASURES::containsKey)
                  .map(
                      key ->
                          DynamicTest.dynamicTest(
                              name + " " + key, () -> checkValue(name, key, x, y)));
            });
  }

  private static void checkValue(String name, String key, Representation x, Representation y) {
    Map<String, Double> values = EXPECTED.get(name);
    Score score = Measures.parse(GoldenKeys.MEASURES.get(key)).compare(x, y);

    assertThat(score.value()).isCloseTo(values.get(key), within(tolerance(name, values.get(key))));
    if (values.containsKey(key + "_kept_x")) {
      assertThat(score.diagnostics().rankA()).isEqualTo(values.get(key + "_kept_x").intValue());
      assertThat(score.diagnostics().rankB()).isEqualTo(values.get(key + "_kept_y").intValue());
    }
  }

  /** Relative; a value that is nearly zero is held to the same figure absolutely. */
  private static double tolerance(String name, double expected) {
    double relative = LOOSE_CASES.contains(name) ? 1e-6 : 1e-8;
    return relative * Math.max(Math.abs(expected), 1e-6);
  }
}
