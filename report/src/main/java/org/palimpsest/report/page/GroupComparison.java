package org.palimpsest.report.page;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.report.plot.Figure;
import org.palimpsest.report.plot.ProfileChart;

/**
 * How alike final networks of groups are by one measure, and whether groups differ: the figures,
 * and pictures of them.
 */
final class GroupComparison {

  private static final String DIFFERENCE = " difference";
  private static final String P_VALUE = " p_value";
  private static final int MOST_LINES = 6;
  private static final Range ANY = new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  /** Two groups, or one twice. */
  record GroupPair(String a, String b) {

    boolean within() {
      return a.equals(b);
    }

    String name() {
      return a + " / " + b;
    }
  }

  /** What is known of a pair of groups in one layer. */
  record Test(
      Optional<Measurement> mean, Optional<Measurement> difference, Optional<Measurement> pValue) {

    private static final Test NOTHING =
        new Test(Optional.empty(), Optional.empty(), Optional.empty());

    private Test with(String kind, Measurement figure) {
      Optional<Measurement> one = Optional.of(figure);
      return switch (kind) {
        case DIFFERENCE -> new Test(mean, one, pValue);
        case P_VALUE -> new Test(mean, difference, one);
        default -> new Test(one, difference, pValue);
      };
    }
  }

  private final Map<GroupPair, Map<String, Test>> tests = new LinkedHashMap<>();
  private final MeasureFacts measure;
  private final List<String> layers;

  GroupComparison(StudyIndex index, MeasureFacts measure) {
    this.measure = measure;
    layers = index.layers(measure.name());
    for (EvolutionTable.Row row : index.groupRows()) {
      for (String kind : List.of("", DIFFERENCE, P_VALUE)) {
        if (row.measure().equals(measure.name() + kind)) {
          tests
              .computeIfAbsent(new GroupPair(row.runA(), row.runB()), p -> new LinkedHashMap<>())
              .compute(
                  row.layerA(),
                  (layer, test) ->
                      (test == null ? Test.NOTHING : test).with(kind, row.measurement()));
        }
      }
    }
  }

  List<GroupPair> pairs() {
    return List.copyOf(tests.keySet());
  }

  Test test(GroupPair pair, String layer) {
    return tests.getOrDefault(pair, Map.of()).getOrDefault(layer, Test.NOTHING);
  }

  void write(JsonGenerator json) throws IOException {
    json.writeStartArray();
    for (GroupPair pair : pairs()) {
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
    json.writeNumber(test.mean().map(Measurement::n).orElse(0L));
    SafeJson.number(json, value(test.difference()));
    SafeJson.number(json, value(test.pValue()));
    json.writeEndArray();
  }

  private static double value(Optional<Measurement> figure) {
    return figure.map(Measurement::value).orElse(Double.NaN);
  }

  /** The means of all pairs, and the differences of those that were tested. */
  List<Planned> pictures(PictureTexts texts) {
    List<GroupPair> pairs = pairs();
    List<Planned> pictures = new ArrayList<>();
    if (pairs.isEmpty()) {
      return pictures;
    }
    if (pairs.size() <= MOST_LINES) {
      add(pictures, "groups", texts, pairs);
    } else {
      add(pictures, "groups_within", texts, pairs.stream().filter(GroupPair::within).toList());
      List<GroupPair> between = pairs.stream().filter(p -> !p.within()).toList();
      for (int from = 0; from < between.size(); from += MOST_LINES) {
        int to = Math.min(between.size(), from + MOST_LINES);
        String part = from == 0 ? "groups_between" : "groups_between_" + (from / MOST_LINES + 1);
        add(pictures, part, texts, between.subList(from, to));
      }
    }
    List<GroupPair> tested = pairs.stream().filter(this::isTested).toList();
    if (!tested.isEmpty()) {
      pictures.add(
          new Planned(
              Planned.fileName("groups_difference", measure.name()),
              () -> differences(texts, tested)));
    }
    return pictures;
  }

  private void add(List<Planned> pictures, String name, PictureTexts texts, List<GroupPair> pairs) {
    if (!pairs.isEmpty()) {
      pictures.add(new Planned(Planned.fileName(name, measure.name()), () -> means(texts, pairs)));
    }
  }

  private boolean isTested(GroupPair pair) {
    return layers.stream().anyMatch(layer -> test(pair, layer).difference().isPresent());
  }

  private Figure means(PictureTexts texts, List<GroupPair> pairs) {
    ProfileChart picture =
        chart(
            texts,
            PictureTexts.axis(measure),
            measure.range(),
            "The ends of any two runs, within and between groups: " + measure.name());
    picture =
        picture.withDetail(
            "line: mean over pairs of runs, band: 95% interval, bootstrap over runs");
    for (GroupPair pair : pairs) {
      picture =
          picture.withSpans(
              pair.name(),
              layers.stream()
                  .map(layer -> test(pair, layer).mean().map(GroupComparison::span))
                  .toList());
    }
    return picture.draw(PictureTexts.width(layers.size()));
  }

  private static ProfileChart.Span span(Measurement figure) {
    double value = figure.value();
    return new ProfileChart.Span(value, figure.low().orElse(value), figure.high().orElse(value));
  }

  private Figure differences(PictureTexts texts, List<GroupPair> pairs) {
    ProfileChart picture =
        chart(
            texts,
            "difference of mean " + measure.name(),
            ANY,
            "Are runs of one group more alike than runs of another? " + measure.name());
    picture =
        picture.withDetail(
            "mean within the first group less mean within the second, at the end of training");
    picture = picture.withDetail(leastP(pairs));
    for (GroupPair pair : pairs) {
      picture =
          picture.withSpans(
              pair.a() + " less " + pair.b(),
              layers.stream()
                  .map(layer -> test(pair, layer).difference().map(GroupComparison::span))
                  .toList());
    }
    return picture.draw(PictureTexts.width(layers.size()));
  }

  /** The smallest p-value over all layers, pair by pair. */
  private String leastP(List<GroupPair> pairs) {
    List<String> found = new ArrayList<>();
    for (GroupPair pair : pairs) {
      layers.stream()
          .map(layer -> test(pair, layer).pValue())
          .flatMap(Optional::stream)
          .min(Comparator.comparingDouble(Measurement::value))
          .ifPresent(
              p ->
                  found.add(
                      "%s %s (%s divisions)"
                          .formatted(pair.name(), ReportTables.probability(p.value()), p.n())));
    }
    return "least p of any layer, permutation test, not corrected: " + String.join(", ", found);
  }

  private ProfileChart chart(PictureTexts texts, String axis, Range range, String title) {
    ProfileChart picture = ProfileChart.of(layers, axis, range).withTitle(title);
    for (String fact : texts.of(measure)) {
      picture = picture.withDetail(fact);
    }
    return picture;
  }
}
