package org.palimpsest.reproduction.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.report.plot.Figure;
import org.palimpsest.report.plot.ProfileChart;

/**
 * Three panels: each layer before and after training, each layer between networks trained apart,
 * and how well each network does.
 */
final class ReusePicture {

  private static final int WIDTH = 560;
  private static final int DICE_WIDTH = 430;

  private final ReuseResult result;
  private final Measure<?> measure;

  private ReusePicture(ReuseResult result, Measure<?> measure) {
    this.result = result;
    this.measure = measure;
  }

  static Figure of(ReuseResult result, Measure<?> measure) {
    return new ReusePicture(result, measure).draw();
  }

  private Figure draw() {
    Figure picture =
        profile(NetworkPair.Kind.BEFORE_AND_AFTER, "Before and after training").draw(WIDTH);
    if (!result.comparisons(NetworkPair.Kind.BETWEEN_NETWORKS).isEmpty()) {
      picture =
          picture.beside(
              profile(NetworkPair.Kind.BETWEEN_NETWORKS, "Between trained networks").draw(WIDTH));
    }
    Optional<ProfileChart> dice = dice();
    return dice.isPresent() ? picture.beside(dice.get().draw(DICE_WIDTH)) : picture;
  }

  private ProfileChart profile(NetworkPair.Kind kind, String title) {
    String better =
        measure.properties().direction() == Direction.SIMILARITY
            ? "higher is more alike"
            : "lower is more alike";
    ProfileChart chart =
        ProfileChart.of(
                result.layers(),
                "%s (%s)".formatted(measure.name(), better),
                measure.properties().range())
            .withTitle(title)
            .withDetail("runs: " + result.folder().root())
            .withDetail(
                "%s probes (%s), positions as samples"
                    .formatted(result.probeCount(), result.probes().abbreviated()))
            .withDetail("a dot per pair of networks, a line through their means");
    for (NetworkPair.Comparison comparison : result.comparisons(kind)) {
      chart = chart.withSeries(comparison.label(), values(comparison));
    }
    return chart;
  }

  private List<List<Double>> values(NetworkPair.Comparison comparison) {
    return result.layers().stream()
        .map(layer -> result.values(comparison, layer, measure.name()))
        .toList();
  }

  private Optional<ProfileChart> dice() {
    Map<String, List<Double>> groups = new LinkedHashMap<>();
    List.of("transfer", "random")
        .forEach(name -> result.folder().startedFrom(name).forEach(run -> add(run, groups)));
    result.folder().runs().forEach(run -> addOther(run, groups));
    result.folder().source().ifPresent(run -> add(run, groups));
    if (groups.isEmpty()) {
      return Optional.empty();
    }
    List<String> names = List.copyOf(groups.keySet());
    ProfileChart chart =
        ProfileChart.of(names, "Dice at the last checkpoint", Range.UNIT)
            .withTitle("How well they do")
            .withDetail("held-out images of the target task, for the source of its own")
            .withDetail("a dot per network")
            .withoutLegend();
    return Optional.of(chart.withSeparate(name -> groups.getOrDefault(name, List.of())));
  }

  private static void addOther(TrainingRun run, Map<String, List<Double>> groups) {
    if (!List.of("transfer", "random").contains(run.initialisation())) {
      add(run, groups);
    }
  }

  private static void add(TrainingRun run, Map<String, List<Double>> groups) {
    run.end()
        .score()
        .ifPresent(
            score ->
                groups.computeIfAbsent(run.initialisation(), k -> new ArrayList<>()).add(score));
  }
}
