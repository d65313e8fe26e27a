package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.palimpsest.core.evolution.CheckpointRecord;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.MeasureFacts;
import org.palimpsest.core.evolution.StudyView;
import org.palimpsest.core.measure.Range;
import org.palimpsest.report.plot.Figure;
import org.palimpsest.report.plot.ProfileChart;
import org.palimpsest.report.plot.TrainingCurves;

/** Lines over training steps, a pane per layer, and over layers. */
final class CurvePictures {

  private static final int MOST_PANES = 48;

  private final EvolutionTable table;
  private final StudyIndex index;
  private final PictureTexts texts;

  CurvePictures(EvolutionTable table, StudyIndex index, PictureTexts texts) {
    this.table = table;
    this.index = index;
    this.texts = texts;
  }

  List<Planned> of(MeasureFacts measure) {
    List<Planned> pictures = new ArrayList<>();
    for (StudyView view : index.curves(measure.name())) {
      String label = view.label();
      pictures.add(
          new Planned(
              Planned.fileName("curves", label, measure.name()), () -> curves(view, measure)));
      if (view == StudyView.TO_START || view == StudyView.TO_SOURCE) {
        pictures.add(
            new Planned(
                Planned.fileName("profile", label, measure.name()), () -> profile(view, measure)));
      }
    }
    return pictures;
  }

  private Figure curves(StudyView view, MeasureFacts measure) {
    List<String> all = index.layers(measure.name());
    List<String> layers = Thinning.evenly(all, MOST_PANES);
    TrainingCurves picture =
        TrainingCurves.of(PictureTexts.axis(measure), measure.range())
            .withStepName(texts.stepAxis())
            .withTitle(ViewText.ofEach(view, measure.name()));
    for (String fact : texts.of(measure)) {
      picture = picture.withDetail(fact);
    }
    picture = picture.withDetail(PictureTexts.BAND);
    if (view == StudyView.TO_NEXT) {
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
      StudyView view, String measure, Group group, String layer) {
    List<TrainingCurves.Point> points = new ArrayList<>();
    for (long step : index.steps(view, measure, group.runs())) {
      List<Double> values = index.values(view, measure, group, step, layer);
      if (!values.isEmpty()) {
        points.add(TrainingCurves.Point.of(step, values));
      }
    }
    return points;
  }

  private Figure profile(StudyView view, MeasureFacts measure) {
    List<String> layers = index.layers(measure.name());
    ProfileChart picture =
        ProfileChart.of(layers, PictureTexts.axis(measure), measure.range())
            .withTitle(ViewText.ofLast(view, measure.name()));
    for (String fact : texts.of(measure)) {
      picture = picture.withDetail(fact);
    }
    picture = picture.withDetail("dot: one run, " + PictureTexts.BAND);
    for (Group group : index.groups()) {
      List<List<Double>> values =
          layers.stream()
              .map(layer -> index.lastValues(view, measure.name(), group, layer))
              .toList();
      if (values.stream().anyMatch(list -> !list.isEmpty())) {
        picture = picture.withSeries(group.name(), values);
      }
    }
    return picture.draw(PictureTexts.width(layers.size()));
  }

  /** How well the networks do; nothing if no checkpoint has a score. */
  List<Planned> scores() {
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
}
