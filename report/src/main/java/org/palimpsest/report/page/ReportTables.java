package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.measure.Interval.Ends;
import org.palimpsest.internal.text.Html;
import org.palimpsest.report.plot.ProfileChart;

/** The tables of the page, which are there without any script. */
final class ReportTables {

  private static final int HASH_LETTERS = 12;
  private static final double SMALLEST_SHOWN = 0.001;

  private final EvolutionTable table;
  private final StudyReport.Facts facts;
  private final StudyIndex index;

  ReportTables(EvolutionTable table, StudyReport.Facts facts, StudyIndex index) {
    this.table = table;
    this.facts = facts;
    this.index = index;
  }

  String measures() {
    List<List<String>> rows = new ArrayList<>();
    for (String name : index.measures()) {
      MeasureFacts measure = index.measure(name);
      rows.add(
          List.of(
              name,
              reading(measure),
              measure.isKnown() ? measure.range().toString() : "not known",
              measure.ofWeights() ? "weights" : "answers to the probes",
              measure.description()));
    }
    return Html.table(List.of("measure", "reading", "range", "looks at", "what it is"), rows);
  }

  /** A table has no empty cells. */
  private static String reading(MeasureFacts measure) {
    if (measure.direction().isPresent()) {
      return measure.reading();
    }
    return measure.isKnown() ? "see what it is" : "not known";
  }

  /** For each measure: each layer's last value against start and source, group by group. */
  String overview() {
    StringBuilder html = new StringBuilder();
    for (String measure : index.measures()) {
      for (Study.View view : List.of(Study.View.TO_START, Study.View.TO_SOURCE)) {
        if (index.has(view, measure)) {
          html.append(Html.element("h4", Html.escaped(ViewText.ofLast(view, measure))));
          html.append(lastValues(view, measure));
        }
      }
    }
    return html.toString();
  }

  private String lastValues(Study.View view, String measure) {
    boolean withIntervals = index.hasIntervals(view, measure);
    List<Group> groups =
        index.groups().stream()
            .filter(group -> !index.steps(view, measure, group.runs()).isEmpty())
            .toList();
    List<String> headings = new ArrayList<>();
    headings.add("layer");
    for (Group group : groups) {
      boolean several = group.runs().size() > 1;
      headings.add(group.name() + (several ? ": mean (range of runs)" : ""));
      if (withIntervals) {
        headings.add(group.name() + (several ? ": intervals of the runs" : ": interval"));
      }
    }
    List<List<String>> rows = new ArrayList<>();
    for (String layer : index.layers(measure)) {
      List<String> row = new ArrayList<>();
      row.add(layer);
      for (Group group : groups) {
        List<ProfileChart.Dot> last = index.lastValues(view, measure, group, layer);
        row.add(inWords(last.stream().map(ProfileChart.Dot::value).toList()));
        if (withIntervals) {
          row.add(ends(last.stream().flatMap(dot -> dot.interval().stream()).toList()));
        }
      }
      rows.add(row);
    }
    return Html.table(headings, rows);
  }

  /** From the lowest end to the highest. */
  private static String ends(List<Ends> intervals) {
    return Ends.spanning(intervals)
        .map(ends -> number(ends.low()) + " … " + number(ends.high()))
        .orElse("none");
  }

  /** The mean, and if there are several the least and the greatest. */
  private static String inWords(List<Double> values) {
    var summary = values.stream().mapToDouble(Double::doubleValue).summaryStatistics();
    if (values.isEmpty()) {
      return "";
    }
    return values.size() == 1
        ? number(summary.getAverage())
        : "%s (%s … %s)"
            .formatted(
                number(summary.getAverage()), number(summary.getMin()), number(summary.getMax()));
  }

  /** Means, differences and p-values of the groups' final networks. */
  String groups() {
    StringBuilder html = new StringBuilder();
    for (String measure : index.measures()) {
      GroupComparison tests = new GroupComparison(index, index.measure(measure));
      List<List<String>> rows = new ArrayList<>();
      for (GroupComparison.GroupPair pair : tests.pairs()) {
        for (String layer : index.layers(measure)) {
          GroupComparison.Test test = tests.test(pair, layer);
          test.mean().ifPresent(mean -> rows.add(row(layer, pair, mean, test)));
        }
      }
      if (!rows.isEmpty()) {
        html.append(Html.element("h4", Html.escaped(measure)));
        html.append(
            Html.table(
                List.of(
                    "layer",
                    "groups",
                    "mean",
                    "95% interval of the mean, over runs",
                    "pairs",
                    "difference",
                    "p",
                    "divisions"),
                rows));
      }
    }
    return html.isEmpty()
        ? Html.paragraph("There are no two groups of final networks to compare.")
        : html.toString();
  }

  private static List<String> row(
      String layer, GroupComparison.GroupPair pair, Measurement mean, GroupComparison.Test test) {
    String interval =
        mean.low().isPresent() && mean.high().isPresent()
            ? number(mean.low().getAsDouble()) + " … " + number(mean.high().getAsDouble())
            : "";
    return List.of(
        layer,
        pair.name(),
        number(mean.value()),
        interval,
        String.valueOf(mean.n()),
        test.difference().map(d -> number(d.value())).orElse(""),
        test.pValue().map(p -> probability(p.value())).orElse(""),
        test.pValue().map(p -> String.valueOf(p.n())).orElse(""));
  }

  /** What is wrong with which checkpoint, and what else failed. */
  String failures() {
    List<List<String>> rows =
        table.broken().stream()
            .map(
                c ->
                    List.of(
                        c.run().name(),
                        String.valueOf(c.checkpoint().step()),
                        c.checkpoint().location(),
                        c.problem().orElse("")))
            .toList();
    List<String> others = new ArrayList<>(facts.failures());
    others.addAll(table.notes());
    String broken =
        rows.isEmpty()
            ? Html.paragraph("Every checkpoint could be used.")
            : Html.table(List.of("run", "step", "file", "problem"), rows);
    String notes =
        others.isEmpty() ? "" : Html.paragraph("What else should be known:") + Html.list(others);
    return broken + notes;
  }

  String checkpoints() {
    List<List<String>> rows = new ArrayList<>();
    for (CheckpointRecord c : table.checkpoints()) {
      String hash = c.hash().substring(0, Math.min(HASH_LETTERS, c.hash().length()));
      rows.add(
          List.of(
              c.run().name(),
              String.valueOf(c.checkpoint().step()),
              c.run().seed().isPresent() ? String.valueOf(c.run().seed().getAsLong()) : "",
              c.checkpoint().score().isPresent()
                  ? number(c.checkpoint().score().getAsDouble())
                  : "",
              c.checkpoint().location(),
              hash));
    }
    return Html.table(List.of("run", "step", "seed", "score", "file", "SHA-256 begins"), rows);
  }

  /**
   * How to write a figure so that it can be found again, shown on one of two different checkpoints.
   */
  Optional<String> citation() {
    return table.rows().stream()
        .filter(row -> row.stepA().isPresent() && row.stepB().isPresent())
        .min(Comparator.comparing(row -> row.stepA().equals(row.stepB())))
        .map(
            row ->
                "%s = %s (view %s, layer %s of %s at step %s against layer %s of %s at step %s, n = %s; probes %s, Palimpsest %s)"
                    .formatted(
                        row.measure(),
                        number(row.measurement().value()),
                        row.view().label(),
                        row.layerA(),
                        row.runA(),
                        row.stepA().getAsLong(),
                        row.layerB(),
                        row.runB(),
                        row.stepB().getAsLong(),
                        row.measurement().n(),
                        table.probes().abbreviated(),
                        table.version()));
  }

  /** A p-value is never 0: a permutation test has one in 5000 divisions, and more. */
  static String probability(double p) {
    return p < SMALLEST_SHOWN / 2 ? "<" + number(SMALLEST_SHOWN) : number(p);
  }

  static String number(double value) {
    String text = String.format(Locale.ROOT, Math.abs(value) < 100 ? "%.3f" : "%.4g", value);
    return text.equals("-0.000") ? "0.000" : text;
  }
}
