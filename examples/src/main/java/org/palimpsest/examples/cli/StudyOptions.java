package org.palimpsest.examples.cli;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.StudyView;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.io.runs.RunsFolder;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What is to be found out about training runs. */
final class StudyOptions {

  @Mixin private ProbeOptions probes = new ProbeOptions();

  @Option(
      names = "--measure",
      paramLabel = "NAME",
      defaultValue = "linear_cka",
      description =
          "A measure, with parameters after a colon: svcca:0.9. May be given several times. The"
              + " command 'measures' lists them. (default: ${DEFAULT-VALUE})")
  private List<String> measures = List.of();

  @Mixin private LayerOptions layers = new LayerOptions();

  @Option(
      names = "--views",
      paramLabel = "VIEW,…",
      split = ",",
      description =
          "What is held against what: to_start, to_end, to_source, to_next, steps, layers, finals,"
              + " groups. (default: all)")
  private List<StudyView> views = List.of();

  @Mixin private FeatureMapOptions featureMaps = new FeatureMapOptions();

  /** The study of these runs. */
  Study study(RunsFolder runs, CommandSpec command) {
    List<Measure<?>> parsed = new ArrayList<>();
    AskedMeasure.parseAll(measures, command).forEach(asked -> parsed.add(asked.measure()));
    ShownProbes shown = probes.openOr(runs::requireProbes);
    Study study =
        Study.of(runs.runs(), shown.probes(), parsed)
            .withFeatureMaps(featureMaps.rule())
            .withViews(chosenViews())
            .withLayers(chosenLayers(runs, shown));
    return runs.source().map(study::withSource).orElse(study);
  }

  private Set<StudyView> chosenViews() {
    return views.isEmpty() ? EnumSet.allOf(StudyView.class) : EnumSet.copyOf(views);
  }

  private LayerSelector chosenLayers(RunsFolder runs, ShownProbes shown) {
    return layers.areGiven() ? layers.selector() : LayerSelector.of("*");
  }
}
