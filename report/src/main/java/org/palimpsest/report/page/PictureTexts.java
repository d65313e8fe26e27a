package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.stream.Collectors;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;

/** What stands below every picture's title: enough to know what was compared, and on what. */
final class PictureTexts {

  static final String BAND = "line: mean over the runs of a group, band: least to greatest run";
  static final String MEAN = "mean over the runs of a group";

  private final EvolutionTable table;
  private final StudyReport.Facts facts;
  private final StudyIndex index;

  PictureTexts(EvolutionTable table, StudyReport.Facts facts, StudyIndex index) {
    this.table = table;
    this.facts = facts;
    this.index = index;
  }

  /** {@code 8 held-out images (05c359b42ec8)}. */
  String probes() {
    String described = facts.probes().isEmpty() ? "" : facts.probes() + " ";
    return described + "(" + table.probes().abbreviated() + ")";
  }

  String stepName() {
    return facts.stepName();
  }

  String stepAxis() {
    return facts.stepAxis();
  }

  String study() {
    return facts.title();
  }

  /** The study, what the measure looked at, and how many runs there are. */
  List<String> of(MeasureFacts measure) {
    List<String> lines = new ArrayList<>();
    lines.add(facts.title());
    if (measure.ofWeights()) {
      lines.add("weights alone, no probes");
    } else {
      lines.add("probes: " + probes());
      lines.add(table.samples());
      lines.add(samples(index.samples(measure.name())));
      index.intervalsOf(measure.name()).ifPresent(lines::add);
    }
    lines.add(runs(index.groups()));
    return lines;
  }

  /** Points, for a chart with so many layers side by side. */
  static int width(int layers) {
    return Math.max(760, Math.min(1400, 90 + 46 * layers));
  }

  /** {@code runs: 3 random, 3 transfer, 1 source}. */
  static String runs(List<Group> groups) {
    return groups.stream()
        .map(group -> group.runs().size() + " " + group.name())
        .collect(Collectors.joining(", ", "runs: ", ""));
  }

  /** {@code 8 of 40 checkpoints}; nothing if all are shown. */
  static List<String> shown(int some, int all, String what) {
    return some == all ? List.of() : List.of("%s of %s %s".formatted(some, all, what));
  }

  /** {@code n = 2,048 to 131,072}. */
  private static String samples(LongSummaryStatistics n) {
    String least = String.format(Locale.ROOT, "%,d", n.getMin());
    String most = String.format(Locale.ROOT, "%,d", n.getMax());
    return "n = " + (least.equals(most) ? least : least + " to " + most);
  }

  /** What an axis of its values is called: {@code linear_cka (higher is more alike)}. */
  static String axis(MeasureFacts measure) {
    return measure.direction().isEmpty()
        ? measure.name()
        : measure.name() + " (" + measure.reading() + ")";
  }
}
