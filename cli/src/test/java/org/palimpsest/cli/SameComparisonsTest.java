package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.similarity.Measures;

/**
 * What scores of {@code compare} do not hang on, whatever the measure: which network comes first,
 * which other layers and measures are asked for, and the order of samples.
 */
class SameComparisonsTest {

  private static final int SAMPLES = 30;
  private static final double ROUNDING = 1e-6;
  private static final Map<String, Integer> FEATURES =
      new TreeMap<>(Map.of("a", 4, "b", 5, "c", 4));

  @TempDir private static Path folder;

  private static Map<String, Double> all = Map.of();

  @BeforeAll
  static void compareAll() throws IOException {
    layer("one", 1, IntStream.range(0, SAMPLES).boxed().toList());
    layer("two", 9, IntStream.range(0, SAMPLES).boxed().toList());
    all = scores("one", "two", measures(), List.of());
    assertThat(all.size()).isGreaterThan(9 * 10);
  }

  /** Layers that have something to do with each other, each row at a place of its own. */
  private static void layer(String network, long seed, List<Integer> order) throws IOException {
    Path place = Files.createDirectories(folder.resolve(network));
    INDArray common = SampleFiles.numbers(77, SAMPLES, 5);
    for (Map.Entry<String, Integer> layer : FEATURES.entrySet()) {
      INDArray own = SampleFiles.numbers(seed + layer.getKey().hashCode(), SAMPLES, 5);
      INDArray values = Nd4j.create(DataType.DOUBLE, SAMPLES, layer.getValue());
      for (int row = 0; row < SAMPLES; row++) {
        for (int feature = 0; feature < layer.getValue(); feature++) {
          int from = order.get(row);
          values.putScalar(
              row, feature, common.getDouble(from, feature) + own.getDouble(from, feature));
        }
      }
      NpyFile.write(place.resolve(layer.getKey() + ".npy"), values);
    }
  }

  private static Set<String> measures() {
    Set<String> names = new TreeSet<>();
    Measures.catalogue().forEach(entry -> names.add(entry.name()));
    return names;
  }

  /** By layers and measure; only those that have a score. */
  private static Map<String, Double> scores(
      String first, String second, Set<String> measures, List<String> more) {
    List<Object> words =
        new ArrayList<>(List.of("compare", folder.resolve(first), folder.resolve(second)));
    measures.forEach(name -> words.addAll(List.of("--measure", name)));
    words.addAll(List.of("--format", "json"));
    words.addAll(more);
    Outcome outcome = Outcome.of(words.toArray());
    assertThat(outcome.code()).as(outcome.err()).isIn(0, 3);
    Map<String, Double> scores = new LinkedHashMap<>();
    for (JsonNode row : outcome.json()) {
      if (!row.path("value").isNull()) {
        scores.put(
            key(
                row.path("layerA").asText(),
                row.path("layerB").asText(),
                row.path("measure").asText()),
            row.path("value").doubleValue());
      }
    }
    return scores;
  }

  private static String key(String a, String b, String measure) {
    return String.join(" ", a, b, measure);
  }

  private static void assertSame(Map<String, Double> found, Map<String, Double> expected) {
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (pair, score) ->
            assertThat(found.get(pair))
                .as(pair)
                .isCloseTo(score, within(ROUNDING * Math.max(1, Math.abs(score)))));
  }

  @Test
  void symmetricMeasuresDoNotHangOnWhichNetworkComesFirst() {
    Set<String> symmetric = new TreeSet<>();
    Measures.catalogue().stream()
        .filter(entry -> entry.example().properties().symmetric())
        .forEach(entry -> symmetric.add(entry.name()));
    assertThat(symmetric).hasSizeGreaterThan(8);
    Map<String, Double> turned = new TreeMap<>();
    scores("two", "one", symmetric, List.of())
        .forEach(
            (pair, score) -> {
              String[] words = pair.split(" ", 3);
              turned.put(key(words[1], words[0], words[2]), score);
            });
    Map<String, Double> expected = new TreeMap<>(all);
    expected.keySet().removeIf(pair -> !symmetric.contains(pair.split(" ", 3)[2]));

    assertSame(turned, expected);
  }

  @Test
  void aScoreDoesNotHangOnTheOtherLayers() {
    Map<String, Double> expected = new TreeMap<>(all);
    expected.keySet().removeIf(pair -> pair.contains("b ") || !pair.matches("[ac] [ac] .*"));

    assertSame(
        new TreeMap<>(scores("one", "two", measures(), List.of("--layers", "c", "--layers", "a"))),
        expected);
  }

  @Test
  void matchedLayersHaveTheScoresThatTheyHaveAmongAllPairs() {
    Map<String, Double> expected = new TreeMap<>(all);
    expected.keySet().removeIf(pair -> pair.charAt(0) != pair.charAt(2));

    assertSame(new TreeMap<>(scores("one", "two", measures(), List.of("--matched"))), expected);
  }

  @Test
  void aMeasureAloneGivesWhatItGivesAmongOthers() {
    for (String measure : List.of("linear_cka", "svcca", "rsa", "procrustes_normalized")) {
      Set<String> one = new TreeSet<>(Set.of(measure));
      Map<String, Double> expected = new TreeMap<>(all);
      expected.keySet().removeIf(pair -> !pair.endsWith(" " + measure));
      if (measures().contains(measure)) {
        assertThat(expected).as(measure).hasSize(9);
        assertSame(new TreeMap<>(scores("one", "two", one, List.of())), expected);
      }
    }
  }

  @Test
  void theOrderOfSamplesIsOfNoConsequenceWhereItIsTheSameInBoth() throws IOException {
    List<Integer> order = new ArrayList<>(IntStream.range(0, SAMPLES).boxed().toList());
    Collections.shuffle(order, new Random(2));
    layer("mixed_one", 1, order);
    layer("mixed_two", 9, order);

    assertSame(scores("mixed_one", "mixed_two", measures(), List.of()), all);
  }

  /**
   * And is of consequence where it is another: a dump does not tell from which probes it is. Some
   * measures take the difference of a number of each layer alone.
   */
  @Test
  void anotherOrderOfSamplesInOneNetworkIsNoticed() throws IOException {
    List<Integer> order = new ArrayList<>(IntStream.range(0, SAMPLES).boxed().toList());
    Collections.shuffle(order, new Random(2));
    layer("mixed", 9, order);

    Map<String, Double> found = scores("one", "mixed", measures(), List.of());

    Set<String> unmoved = new TreeSet<>();
    Stream.concat(found.keySet().stream(), all.keySet().stream())
        .filter(pair -> found.containsKey(pair) && all.containsKey(pair))
        .filter(pair -> Math.abs(found.get(pair) - all.get(pair)) < 1e-9)
        .forEach(pair -> unmoved.add(pair.split(" ", 3)[2]));
    assertThat(unmoved)
        .containsExactly(
            "concentricity_difference", "magnitude_difference", "uniformity_difference");
  }
}
