package org.palimpsest.reproduction.commands;

import static org.palimpsest.reproduction.claims.KornblithClaims.CCA_FINDS_FEWER_LAYERS;
import static org.palimpsest.reproduction.claims.KornblithClaims.CKA_FINDS_NEARLY_ALL_LAYERS;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.palimpsest.cli.Palimpsest;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.report.plot.Figure;
import org.palimpsest.report.plot.ProfileChart;
import org.palimpsest.reproduction.experiment.Condition;
import org.palimpsest.reproduction.experiment.IdentifiedLayers;
import org.palimpsest.reproduction.experiment.Lab;
import org.palimpsest.reproduction.experiment.Setting;
import org.palimpsest.reproduction.pages.ExperimentReport;
import org.palimpsest.reproduction.pages.ReportTable;
import org.palimpsest.reproduction.trained.RunRecipe;
import org.palimpsest.reproduction.verdict.ClaimFinding;
import org.palimpsest.reproduction.verdict.Jackknife;
import org.palimpsest.reproduction.verdict.StudentEstimate;
import org.palimpsest.similarity.MeasureEntry;
import org.palimpsest.similarity.Measures;
import picocli.CommandLine.Command;

/** Which measures find a layer's counterpart in a network of another seed? */
@Command(
    name = "LayerIdentification",
    description = {
      "For networks that differ in their seed alone, looks for each layer's most similar layer in"
          + " the other network, by every measure: how often is it the corresponding one?"
    })
public final class LayerIdentificationCommand extends ExperimentMain {

  private static final int POSITIONS = 16;
  private static final List<String> LAYERS = List.of("*.relu1", "*.relu2", "up*", "out");
  private static final Set<String> OF_PREDICTIONS =
      Set.of("prediction_dice", "disagreement", "jensen_shannon");
  static final String TARGET = "target from few images";
  static final String SOURCE = "source from many images";
  private static final String CKA = "linear_cka";
  private static final List<String> CCA_TYPE =
      List.of("cca_mean", "cca_mean_squared", "svcca", "pwcca");

  /**
   * What was found in networks of one kind.
   *
   * @param networks the kind
   * @param byMeasure which layers each measure found
   */
  record Found(String networks, Map<String, IdentifiedLayers> byMeasure) {

    IdentifiedLayers by(String measure) {
      return Objects.requireNonNull(byMeasure.get(measure), measure);
    }

    StudentEstimate share(String measure) {
      IdentifiedLayers one = by(measure);
      return Jackknife.of(
          List.of(one.networks()),
          1.0 / one.layers().size(),
          groups -> one.accuracy(groups.get(0)));
    }

    /** The share that a measure finds minus the share that another one finds. */
    StudentEstimate difference(String measure, String other) {
      IdentifiedLayers one = by(measure);
      IdentifiedLayers two = by(other);
      return Jackknife.of(
          List.of(one.networks()),
          Math.sqrt(2) / one.layers().size(),
          groups -> one.accuracy(groups.get(0)) - two.accuracy(groups.get(0)));
    }
  }

  LayerIdentificationCommand(UnaryOperator<Setting> change) {
    super("layer-identification", 5, change);
  }

  public static void main(String[] arguments) {
    Palimpsest.runAndExit(new LayerIdentificationCommand(UnaryOperator.identity()), arguments);
  }

  @Override
  ExperimentReport run(Lab lab) {
    Setting setting = lab.setting();
    Condition condition = setting.main();
    List<RunRecipe> both = new ArrayList<>(lab.recipes(s -> setting.random(condition, s)));
    both.addAll(lab.recipes(seed -> setting.source(condition, seed)));
    lab.train(both);
    List<TrainingRun> sources = lab.runs("source", seed -> setting.source(condition, seed));
    List<Found> found =
        List.of(
            new Found(
                TARGET,
                identify(lab.below("target"), lab.random(), lab.probes(condition.target()))),
            new Found(
                SOURCE, identify(lab.below("source"), sources, lab.probes(condition.source()))));
    return ExperimentReport.of(
            name(),
            "Which measures find the corresponding layer?",
            setting.describe()
                + " Samples are %s positions of each image, the same in all layers."
                    .formatted(POSITIONS))
        .withFindings(findings(found))
        .withTable(accuracies(found))
        .withPicture(
            name(),
            "Share of layers whose counterpart is found, a dot per ordered pair of networks.",
            chart(found))
        .withNote(
            "The networks that learned the source were added after the figures of the others had been"
                + " seen; the rule stayed.")
        .withNote(
            "Measures of predictions are left out: they need the class probabilities that the last"
                + " layer alone gives.")
        .withNote(
            "By chance 1 of %s layers would be found."
                .formatted(found.get(0).by(CKA).layers().size()));
  }

  private static Map<String, IdentifiedLayers> identify(
      Lab lab, List<TrainingRun> runs, Probes probes) {
    Map<String, Measure<?>> measures = new LinkedHashMap<>();
    for (MeasureEntry entry : Measures.catalogue()) {
      if (!OF_PREDICTIONS.contains(entry.name())) {
        measures.put(entry.name(), entry.example());
      }
    }
    Study study =
        Study.of(runs, probes, List.copyOf(measures.values()))
            .withLayers(LayerSelector.of(LAYERS))
            .withFeatureMaps(FeatureMaps.positions().withPositionsPerProbe(POSITIONS, 0))
            .withViews(EnumSet.of(Study.View.FINAL_LAYERS));
    EvolutionTable table = lab.track(study);
    Map<String, IdentifiedLayers> found = new LinkedHashMap<>();
    measures.forEach((name, measure) -> found.put(name, IdentifiedLayers.by(measure, table)));
    return found;
  }

  /** The verdicts, from what each measure found in each kind of network. */
  static List<ClaimFinding> findings(List<Found> found) {
    ClaimFinding shares = ClaimFinding.on(CKA_FINDS_NEARLY_ALL_LAYERS);
    ClaimFinding differences = ClaimFinding.on(CCA_FINDS_FEWER_LAYERS);
    for (Found one : found) {
      shares = shares.with("share found, " + one.networks(), one.share(CKA));
      for (String other : CCA_TYPE) {
        differences =
            differences.with(
                "linear_cka minus " + other + ", " + one.networks(), one.difference(CKA, other));
      }
    }
    return List.of(shares, differences);
  }

  private static ReportTable accuracies(List<Found> found) {
    ReportTable table =
        ReportTable.of(
            "accuracy",
            "Share of layers whose counterpart is the most similar layer of the other network.",
            "measure",
            "networks",
            "share",
            "low",
            "high",
            "pairs of layers that it cannot compare");
    for (String measure : measures(found)) {
      for (Found one : found) {
        StudentEstimate share = one.share(measure);
        table =
            table.with(
                measure,
                one.networks(),
                share.value(),
                Math.max(0, share.interval().low()),
                Math.min(1, share.interval().high()),
                one.by(measure).missing());
      }
    }
    return table;
  }

  private static List<String> measures(List<Found> found) {
    return List.copyOf(found.get(0).byMeasure().keySet());
  }

  private static Figure chart(List<Found> found) {
    ProfileChart chart =
        ProfileChart.of(measures(found), "share of layers found", Range.UNIT)
            .withTitle("Layer identification by measure");
    for (Found one : found) {
      chart = chart.withSeries(one.networks(), measure -> one.by(measure).perPair());
    }
    return chart.draw(1100);
  }
}
