package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.evolution.Figure;
import org.palimpsest.core.evolution.MeasureFacts;
import org.palimpsest.core.measure.Range;
import org.palimpsest.report.plot.ProfileChart;

/** Final networks within and between groups, and how much groups differ. */
final class GroupPictures {

  private static final int MOST_LINES = 6;
  private static final Range ANY = new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  private final StudyIndex index;
  private final PictureTexts texts;

  GroupPictures(StudyIndex index, PictureTexts texts) {
    this.index = index;
    this.texts = texts;
  }

  List<Planned> of(MeasureFacts measure) {
    GroupTests tests = new GroupTests(index, measure.name());
    List<GroupTests.Pair> pairs = tests.pairs();
    List<Planned> pictures = new ArrayList<>();
    if (pairs.isEmpty()) {
      return pictures;
    }
    if (pairs.size() <= MOST_LINES) {
      add(pictures, "groups", measure, tests, pairs);
    } else {
      add(
          pictures,
          "groups_within",
          measure,
          tests,
          pairs.stream().filter(p -> p.within()).toList());
      List<GroupTests.Pair> between = pairs.stream().filter(p -> !p.within()).toList();
      for (int from = 0; from < between.size(); from += MOST_LINES) {
        int to = Math.min(between.size(), from + MOST_LINES);
        String part = from == 0 ? "groups_between" : "groups_between_" + (from / MOST_LINES + 1);
        add(pictures, part, measure, tests, between.subList(from, to));
      }
    }
    List<GroupTests.Pair> tested = pairs.stream().filter(p -> isTested(tests, p, measure)).toList();
    if (!tested.isEmpty()) {
      pictures.add(
          new Planned(
              Planned.fileName("groups_difference", measure.name()),
              () -> differences(measure, tests, tested)));
    }
    return pictures;
  }

  private void add(
      List<Planned> pictures,
      String name,
      MeasureFacts measure,
      GroupTests tests,
      List<GroupTests.Pair> pairs) {
    if (!pairs.isEmpty()) {
      pictures.add(
          new Planned(Planned.fileName(name, measure.name()), () -> means(measure, tests, pairs)));
    }
  }

  private boolean isTested(GroupTests tests, GroupTests.Pair pair, MeasureFacts measure) {
    return index.layers(measure.name()).stream()
        .anyMatch(layer -> tests.test(pair, layer).difference().isPresent());
  }

  private org.palimpsest.report.plot.Figure means(
      MeasureFacts measure, GroupTests tests, List<GroupTests.Pair> pairs) {
    ProfileChart picture =
        chart(
            measure,
            PictureTexts.axis(measure),
            measure.range(),
            "The ends of any two runs, within and between groups: " + measure.name());
    picture =
        picture.withDetail(
            "line: mean over pairs of runs, band: 95% interval, bootstrap over runs");
    for (GroupTests.Pair pair : pairs) {
      picture =
          picture.withSpans(
              pair.name(),
              index.layers(measure.name()).stream()
                  .map(layer -> tests.test(pair, layer).mean().map(GroupPictures::span))
                  .toList());
    }
    return picture.draw(PictureTexts.width(index.layers(measure.name()).size()));
  }

  private static ProfileChart.Span span(Figure figure) {
    double value = figure.value();
    return new ProfileChart.Span(value, figure.low().orElse(value), figure.high().orElse(value));
  }

  private org.palimpsest.report.plot.Figure differences(
      MeasureFacts measure, GroupTests tests, List<GroupTests.Pair> pairs) {
    ProfileChart picture =
        chart(
            measure,
            "difference of mean " + measure.name(),
            ANY,
            "Are runs of one group more alike than runs of another? " + measure.name());
    picture =
        picture.withDetail(
            "mean within the first group less mean within the second, at the end of training");
    picture = picture.withDetail(leastP(measure, tests, pairs));
    for (GroupTests.Pair pair : pairs) {
      picture =
          picture.withSpans(
              pair.a() + " less " + pair.b(),
              index.layers(measure.name()).stream()
                  .map(layer -> tests.test(pair, layer).difference().map(GroupPictures::span))
                  .toList());
    }
    return picture.draw(PictureTexts.width(index.layers(measure.name()).size()));
  }

  /** The smallest p-value over all layers, pair by pair. */
  private String leastP(MeasureFacts measure, GroupTests tests, List<GroupTests.Pair> pairs) {
    List<String> found = new ArrayList<>();
    for (GroupTests.Pair pair : pairs) {
      index.layers(measure.name()).stream()
          .map(layer -> tests.test(pair, layer).pValue())
          .flatMap(Optional::stream)
          .min(Comparator.comparingDouble(Figure::value))
          .ifPresent(
              p ->
                  found.add(
                      "%s %s (%d divisions)"
                          .formatted(pair.name(), ReportTables.number(p.value()), p.n())));
    }
    return "least p of any layer, permutation test, not corrected: " + String.join(", ", found);
  }

  private ProfileChart chart(MeasureFacts measure, String axis, Range range, String title) {
    ProfileChart picture =
        ProfileChart.of(index.layers(measure.name()), axis, range).withTitle(title);
    for (String fact : texts.of(measure)) {
      picture = picture.withDetail(fact);
    }
    return picture;
  }
}
