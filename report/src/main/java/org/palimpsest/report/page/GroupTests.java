package org.palimpsest.report.page;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.evolution.EvolutionRow;
import org.palimpsest.core.evolution.Figure;

/** How alike final networks of groups are by one measure, and whether groups differ. */
final class GroupTests {

  private static final String DIFFERENCE = " difference";
  private static final String P_VALUE = " p_value";

  /** Two groups, or one twice. */
  record Pair(String a, String b) {

    boolean within() {
      return a.equals(b);
    }

    String name() {
      return a + " / " + b;
    }
  }

  /** What is known of a pair of groups in one layer. */
  record Test(Optional<Figure> mean, Optional<Figure> difference, Optional<Figure> pValue) {

    private static final Test NOTHING =
        new Test(Optional.empty(), Optional.empty(), Optional.empty());

    private Test with(String kind, Figure figure) {
      Optional<Figure> one = Optional.of(figure);
      return switch (kind) {
        case DIFFERENCE -> new Test(mean, one, pValue);
        case P_VALUE -> new Test(mean, difference, one);
        default -> new Test(one, difference, pValue);
      };
    }
  }

  private final Map<Pair, Map<String, Test>> tests = new LinkedHashMap<>();
  private final List<String> layers;

  GroupTests(StudyIndex index, String measure) {
    layers = index.layers(measure);
    for (EvolutionRow row : index.groupRows()) {
      for (String kind : List.of("", DIFFERENCE, P_VALUE)) {
        if (row.measure().equals(measure + kind)) {
          tests
              .computeIfAbsent(new Pair(row.runA(), row.runB()), p -> new LinkedHashMap<>())
              .compute(
                  row.layerA(),
                  (layer, test) -> (test == null ? Test.NOTHING : test).with(kind, row.figure()));
        }
      }
    }
  }

  List<Pair> pairs() {
    return List.copyOf(tests.keySet());
  }

  Test test(Pair pair, String layer) {
    return tests.getOrDefault(pair, Map.of()).getOrDefault(layer, Test.NOTHING);
  }

  void write(JsonGenerator json) throws IOException {
    json.writeStartArray();
    for (Pair pair : pairs()) {
      json.writeStartObject();
      json.writeStringField("name", pair.name());
      json.writeArrayFieldStart("layers");
      for (String layer : layers) {
        write(json, test(pair, layer));
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Mean, its interval's ends, pairs, difference, p-value. */
  private static void write(JsonGenerator json, Test test) throws IOException {
    json.writeStartArray();
    SafeJson.number(json, value(test.mean()));
    SafeJson.number(json, test.mean().map(f -> f.low().orElse(Double.NaN)).orElse(Double.NaN));
    SafeJson.number(json, test.mean().map(f -> f.high().orElse(Double.NaN)).orElse(Double.NaN));
    json.writeNumber(test.mean().map(Figure::n).orElse(0L));
    SafeJson.number(json, value(test.difference()));
    SafeJson.number(json, value(test.pValue()));
    json.writeEndArray();
  }

  private static double value(Optional<Figure> figure) {
    return figure.map(Figure::value).orElse(Double.NaN);
  }
}
