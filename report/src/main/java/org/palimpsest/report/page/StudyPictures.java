package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.measure.Interval.Ends;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.report.plot.Figure;
import org.palimpsest.report.plot.HeatPanes;
import org.palimpsest.report.plot.ProfileChart;
import org.palimpsest.report.plot.TrainingCurves;

/**
 * All pictures of a study: lines over training steps, a pane per layer, and over layers; heat maps
 * of layers × layers, steps × steps and runs × runs; how well the networks do.
 */
final class StudyPictures {

  private static final int MOST_CURVE_PANES = 48;
  private static final int MOST_STEPS = 6;
  private static final int MOST_PANES = 42;
  private static final int MOST_FINALS = 30;

  private final EvolutionTable table;
  private final StudyIndex index;
  private final PictureTexts texts;

  StudyPictures(EvolutionTable table, StudyReport.Facts facts, StudyIndex index) {
    this.table = table;
    this.index = index;
    this.texts = new PictureTexts(table, facts, index);
  }

  /** Measure by measure, none of them drawn yet. */
  List<Planned> planned() {
    List<Planned> planned = new ArrayList<>(scores());
    for (String name : index.measures()) {
      MeasureFacts measure = index.measure(name);
      planned.addAll(lines(measure));
      planned.addAll(maps(measure));
      planned.addAll(new GroupComparison(index, measure).pictures(texts));
    }
    return planned;
  }

  private List<Planned> lines(MeasureFacts measure) {
    List<Planned> pictures = new ArrayList<>();
    for (Study.View view : index.curves(measure.name())) {
      String label = view.label();
      pictures.add(
          new Planned(
              Planned.fileName("curves", label, measure.name()), () -> curves(view, measure)));
      if (view == Study.View.TO_START || view == Study.View.TO_SOURCE) {
        pictures.add(
            new Planned(
                Planned.fileName("profile", label, measure.name()), () -> profile(view, measure)));
      }
    }
    return pictures;
  }

  private Figure curves(Study.View view, MeasureFacts measure) {
    List<String> all = index.layers(measure.name());
    List<String> layers = Thinning.evenly(all, MOST_CURVE_PANES);
    TrainingCurves picture =
        TrainingCurves.of(PictureTexts.axis(measure), measure.range())
            .withStepName(texts.stepAxis())
            .withTitle(ViewText.ofEach(view, measure.name()));
    for (String fact : texts.of(measure)) {
      picture = picture.withDetail(fact);
    }
    picture = picture.withDetail(PictureTexts.BAND);
    if (view == Study.View.TO_NEXT) {
      picture = picture.withDetail("each value at the earlier of its two steps");
    }
    for (String fact : PictureTexts.shown(layers.size(), all.size(), "layers")) {
      picture = picture.withDetail(fact);
    }
    for (String layer : layers) {
      List<TrainingCurves.Curve> curves = new ArrayList<>();
      for (Group group : index.groups()) {
        List<TrainingCurves.Point> points = points(view, measure.name(), group, layer);
        if (!points.isEmpty()) {
          curves.add(new TrainingCurves.Curve(group.name(), points));
        }
      }
      picture = picture.withPane(layer, curves);
    }
    return picture.draw();
  }

  private List<TrainingCurves.Point> points(
      Study.View view, String measure, Group group, String layer) {
    List<TrainingCurves.Point> points = new ArrayList<>();
    for (long step : index.steps(view, measure, group.runs())) {
      List<ProfileChart.Dot> values = index.values(view, measure, group, step, layer);
      if (!values.isEmpty()) {
        points.add(point(step, values));
      }
    }
    return points;
  }

  private static TrainingCurves.Point point(long step, List<ProfileChart.Dot> dots) {
    TrainingCurves.Point point =
        TrainingCurves.Point.of(step, dots.stream().map(ProfileChart.Dot::value).toList());
    return Ends.spanning(dots.stream().flatMap(dot -> dot.interval().stream()).toList())
        .map(point::withInterval)
        .orElse(point);
  }

  private Figure profile(Study.View view, MeasureFacts measure) {
    List<String> layers = index.layers(measure.name());
    ProfileChart picture =
        ProfileChart.of(layers, PictureTexts.axis(measure), measure.range())
            .withTitle(ViewText.ofLast(view, measure.name()));
    for (String fact : texts.of(measure)) {
      picture = picture.withDetail(fact);
    }
    picture = picture.withDetail("dot: one run, " + PictureTexts.BAND);
    for (Group group : index.groups()) {
      List<List<ProfileChart.Dot>> dots =
          layers.stream()
              .map(layer -> index.lastValues(view, measure.name(), group, layer))
              .toList();
      if (dots.stream().anyMatch(list -> !list.isEmpty())) {
        picture = picture.withDots(group.name(), dots);
      }
    }
    return picture.draw(PictureTexts.width(layers.size()));
  }

  /** How well the networks do; nothing if no checkpoint has a score. */
  private List<Planned> scores() {
    boolean any = table.checkpoints().stream().anyMatch(c -> c.checkpoint().score().isPresent());
    return any ? List.of(new Planned("scores", this::drawScores)) : List.of();
  }

  private Figure drawScores() {
    List<TrainingCurves.Curve> curves = new ArrayList<>();
    for (Group group : index.groups()) {
      List<CheckpointRecord> scored =
          table.checkpoints().stream()
              .filter(c -> group.runs().contains(c.run().name()))
              .filter(c -> c.checkpoint().score().isPresent())
              .toList();
      TreeSet<Long> steps = new TreeSet<>();
      scored.forEach(c -> steps.add(c.checkpoint().step()));
      List<TrainingCurves.Point> points = new ArrayList<>();
      for (long step : steps) {
        points.add(
            TrainingCurves.Point.of(
                step,
                scored.stream()
                    .filter(c -> c.checkpoint().step() == step)
                    .map(c -> c.checkpoint().score().orElseThrow())
                    .toList()));
      }
      if (!points.isEmpty()) {
        curves.add(new TrainingCurves.Curve(group.name(), points));
      }
    }
    return TrainingCurves.of("score", Range.NON_NEGATIVE)
        .withStepName(texts.stepAxis())
        .withTitle("How well the networks do, checkpoint by checkpoint")
        .withDetail(texts.study())
        .withDetail(PictureTexts.runs(index.groups()))
        .withDetail("score as the study's log gives it, such as Dice on held-out images")
        .withDetail(PictureTexts.BAND)
        .withPane("", curves)
        .draw();
  }

  private List<Planned> maps(MeasureFacts measure) {
    List<Planned> pictures = new ArrayList<>();
    bySteps(measure)
        .forEach(
            (steps, groups) -> {
              String first = groups.get(0).name();
              int others = groups.size() - 1;
              String names = others == 0 ? first : first + "+" + others;
              pictures.add(
                  new Planned(
                      Planned.fileName("layers", names.replace("+", "_and_"), measure.name()),
                      () -> layers(measure, steps, groups)));
            });
    for (Group group : index.groups()) {
      List<Long> steps = stepsOfMaps(measure, group);
      if (steps.size() > 1) {
        pictures.add(
            new Planned(
                Planned.fileName("steps", group.name(), measure.name()),
                () -> steps(measure, group, steps)));
      }
    }
    NetworkMaps maps = new NetworkMaps(index, measure.name());
    addNetworks(
        pictures,
        "final_layers",
        measure,
        maps.ofGroups(),
        "All layers of the ends of any two runs");
    addNetworks(pictures, "pairs", measure, maps.ofNamed(), "All layers of two checkpoints");
    List<EvolutionTable.Row> finals = finalsBy(measure);
    if (!finals.isEmpty()) {
      pictures.add(
          new Planned(Planned.fileName("finals", measure.name()), () -> finals(measure, finals)));
    }
    return pictures;
  }

  private List<EvolutionTable.Row> finalsBy(MeasureFacts measure) {
    return index.finals().stream().filter(row -> row.measure().equals(measure.name())).toList();
  }

  /** The ends of any two runs, if they were held against each other by this measure. */
  Optional<Figure> finals(MeasureFacts measure) {
    List<EvolutionTable.Row> rows = finalsBy(measure);
    return rows.isEmpty() ? Optional.empty() : Optional.of(finals(measure, rows));
  }

  /** Groups whose runs were saved at the same steps share a picture. */
  private Map<List<Long>, List<Group>> bySteps(MeasureFacts measure) {
    Map<List<Long>, List<Group>> bySteps = new LinkedHashMap<>();
    for (Group group : index.groups()) {
      TreeSet<Long> steps = new TreeSet<>();
      for (String run : group.runs()) {
        steps.addAll(index.layerMaps(measure.name(), run).keySet());
      }
      if (!steps.isEmpty()) {
        bySteps.computeIfAbsent(List.copyOf(steps), s -> new ArrayList<>()).add(group);
      }
    }
    return bySteps;
  }

  private Figure layers(MeasureFacts measure, List<Long> all, List<Group> groups) {
    List<String> layers = index.layers(measure.name());
    List<Long> steps = Thinning.evenly(all, MOST_STEPS);
    HeatPanes picture =
        panes(
            measure,
            new HeatPanes.Edge("layer at the %s named".formatted(texts.stepName()), layers),
            new HeatPanes.Edge("layer at the end of the same run", layers),
            "All layers of each checkpoint against all layers at the end: " + measure.name(),
            PictureTexts.shown(steps.size(), all.size(), "checkpoints"));
    picture = picture.withDetail(PictureTexts.MEAN);
    for (Group group : groups) {
      for (long step : steps) {
        List<ScoreMatrix> matrices = new ArrayList<>();
        for (String run : group.runs()) {
          TreeMap<Long, ScoreMatrix> maps = index.layerMaps(measure.name(), run);
          if (maps.containsKey(step)) {
            matrices.add(maps.get(step));
          }
        }
        picture = with(picture, atStep(step, matrices.size(), group), ScoreMatrix.mean(matrices));
      }
    }
    return picture.withBands(groups.stream().map(StudyPictures::named).toList()).draw();
  }

  private String atStep(long step, int having, Group group) {
    String named = "%s %s".formatted(texts.stepName(), step);
    return having == group.runs().size()
        ? named
        : "%s (%s of %s runs)".formatted(named, having, group.runs().size());
  }

  private static String named(Group group) {
    return group.name()
        + (group.runs().size() == 1 ? " (1 run)" : " (" + group.runs().size() + " runs)");
  }

  private void addNetworks(
      List<Planned> pictures,
      String view,
      MeasureFacts measure,
      List<NetworkMaps.PairMap> maps,
      String title) {
    if (!maps.isEmpty()) {
      pictures.add(
          new Planned(
              Planned.fileName(view, measure.name()), () -> networks(measure, maps, title)));
    }
  }

  /** A pane per pair of networks. */
  private Figure networks(MeasureFacts measure, List<NetworkMaps.PairMap> all, String title) {
    List<String> layers = index.layers(measure.name());
    List<NetworkMaps.PairMap> maps = Thinning.evenly(all, MOST_FINALS);
    HeatPanes picture =
        panes(
            measure,
            new HeatPanes.Edge("layer of the network named first", layers),
            new HeatPanes.Edge("layer of the network named second", layers),
            title + ": " + measure.name(),
            PictureTexts.shown(maps.size(), all.size(), "pairs"));
    for (NetworkMaps.PairMap map : maps) {
      picture = with(picture, map.name(), map.matrix());
    }
    return picture.draw();
  }

  private List<Long> stepsOfMaps(MeasureFacts measure, Group group) {
    return group.runs().stream()
        .map(run -> index.stepsOfMaps(measure.name(), run))
        .max(Comparator.comparingInt(List::size))
        .orElse(List.of());
  }

  private Figure steps(MeasureFacts measure, Group group, List<Long> steps) {
    List<String> all = index.layers(measure.name());
    List<String> layers = Thinning.evenly(all, MOST_PANES);
    List<String> names = steps.stream().map(String::valueOf).toList();
    List<String> runs =
        group.runs().stream()
            .filter(run -> index.stepsOfMaps(measure.name(), run).equals(steps))
            .toList();
    HeatPanes picture =
        panes(
            measure,
            new HeatPanes.Edge(texts.stepAxis(), names),
            new HeatPanes.Edge(texts.stepAxis(), names),
            "Any two checkpoints of a run, layer by layer: " + measure.name() + ", " + group.name(),
            PictureTexts.shown(layers.size(), all.size(), "layers"));
    picture =
        picture.withDetail(
            runs.size() == 1 ? "run " + runs.get(0) : "mean over " + runs.size() + " runs");
    for (String layer : layers) {
      picture =
          with(
              picture,
              layer,
              ScoreMatrix.mean(
                  runs.stream().map(run -> index.stepMatrix(measure.name(), run, layer)).toList()));
    }
    return picture.draw();
  }

  private Figure finals(MeasureFacts measure, List<EvolutionTable.Row> rows) {
    List<String> runs =
        index.runs().stream()
            .filter(
                run -> rows.stream().anyMatch(r -> r.runA().equals(run) || r.runB().equals(run)))
            .toList();
    List<String> all = index.layers(measure.name());
    List<String> layers = Thinning.evenly(all, MOST_FINALS);
    HeatPanes picture =
        panes(
            measure,
            new HeatPanes.Edge("last checkpoint of", runs),
            new HeatPanes.Edge("last checkpoint of", runs),
            "The ends of any two runs, layer by layer: " + measure.name(),
            PictureTexts.shown(layers.size(), all.size(), "layers"));
    for (String layer : layers) {
      ScoreMatrix matrix = ScoreMatrix.missing(runs.size(), runs.size());
      for (EvolutionTable.Row row : rows) {
        if (row.layerA().equals(layer)) {
          int a = runs.indexOf(row.runA());
          int b = runs.indexOf(row.runB());
          matrix.put(a, b, row.measurement());
          if (measure.symmetric()) {
            matrix.put(b, a, row.measurement());
          }
        }
      }
      picture = with(picture, layer, matrix);
    }
    return picture.draw();
  }

  private static HeatPanes with(HeatPanes picture, String name, ScoreMatrix matrix) {
    return picture.withPane(name, matrix.values(), matrix::interval);
  }

  private HeatPanes panes(
      MeasureFacts measure,
      HeatPanes.Edge rows,
      HeatPanes.Edge columns,
      String title,
      List<String> more) {
    HeatPanes picture =
        HeatPanes.of(PictureTexts.axis(measure), measure.range(), rows, columns).withTitle(title);
    picture = measure.isDistance() ? picture.withBrightLow() : picture;
    for (String fact : texts.of(measure)) {
      picture = picture.withDetail(fact);
    }
    for (String fact : more) {
      picture = picture.withDetail(fact);
    }
    return picture;
  }
}
