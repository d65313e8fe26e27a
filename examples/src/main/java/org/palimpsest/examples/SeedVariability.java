package org.palimpsest.examples;

import static org.palimpsest.examples.claims.KarimiClaims.TRANSFER_LEARNS_OTHER_REPRESENTATIONS;
import static org.palimpsest.examples.claims.KarimiClaims.TRANSFER_VARIES_AS_MUCH;

import java.util.EnumSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.EvolutionRows;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.StudyView;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.measure.Range;
import org.palimpsest.examples.cli.CommandRunner;
import org.palimpsest.examples.experiment.Lab;
import org.palimpsest.examples.experiment.LayerPairs;
import org.palimpsest.examples.experiment.Setting;
import org.palimpsest.examples.report.ExperimentReport;
import org.palimpsest.examples.report.ReportTable;
import org.palimpsest.examples.verdict.Estimate;
import org.palimpsest.examples.verdict.Finding;
import org.palimpsest.examples.verdict.Jackknife;
import org.palimpsest.io.plot.Figure;
import org.palimpsest.io.plot.ProfileChart;
import org.palimpsest.similarity.Measures;
import picocli.CommandLine.Command;

/** How alike are trained networks that differ in their seed, with transfer and without? */
@Command(
    name = "SeedVariability",
    description = {
      "Holds transferred networks and networks that started at random against each other, within"
          + " and between both groups, layer by layer."
    })
public final class SeedVariability extends ExperimentMain {

  private static final List<String> MEASURES = List.of("linear_cka", "svcca");

  SeedVariability(UnaryOperator<Setting> change) {
    super("seed-variability", 5, change);
  }

  public static void main(String[] arguments) {
    CommandRunner.runAndExit(new SeedVariability(UnaryOperator.identity()), arguments);
  }

  @Override
  ExperimentReport run(Lab lab) {
    List<TrainingRun> runs = lab.trainBoth();
    Study study =
        Study.of(runs, lab.probes(), MEASURES.stream().map(Measures::parse).toList())
            .withLayers(LayerSelector.of(lab.setting().network().blocks()))
            .withViews(EnumSet.of(StudyView.GROUPS));
    EvolutionTable table = lab.track(study);
    List<String> transfer = names(lab.transfer());
    List<String> random = names(lab.random());
    LayerPairs cka = LayerPairs.of(table.rows(StudyView.FINALS), "linear_cka");
    return ExperimentReport.of(
            name(), "How alike are networks of different seeds?", lab.setting().describe())
        .withFindings(findings(cka, transfer, random))
        .withTable(groups(table.select(StudyView.GROUPS)))
        .withPicture(
            name(),
            "Similarity of pairs of trained networks, a dot per pair.",
            chart(cka, transfer, random))
        .withNote(
            "p permutes networks between both groups, per layer; not corrected for their number.");
  }

  /** The verdicts, from the similarity of each pair of trained networks. */
  static List<Finding> findings(LayerPairs pairs, List<String> transfer, List<String> random) {
    return List.of(
        Finding.on(TRANSFER_LEARNS_OTHER_REPRESENTATIONS)
            .with(
                "transfer/random minus random/random",
                aboveRandom(pairs, transfer, random, groups -> groups.get(1))),
        Finding.on(TRANSFER_VARIES_AS_MUCH)
            .with(
                "transfer/transfer minus random/random",
                aboveRandom(pairs, transfer, random, groups -> groups.get(0))));
  }

  /**
   * How much more alike transferred networks are to others than random ones are among themselves,
   * in the mean over pairs and layers.
   *
   * @param others picks them from the transferred and the random networks
   */
  private static Estimate aboveRandom(
      LayerPairs pairs,
      List<String> transfer,
      List<String> random,
      Function<List<List<String>>, List<String>> others) {
    List<String> layers = pairs.layers();
    return Jackknife.of(
        List.of(transfer, random),
        groups ->
            pairs.mean(groups.get(0), others.apply(groups), layers)
                - pairs.mean(groups.get(1), groups.get(1), layers));
  }

  private static List<String> names(List<TrainingRun> runs) {
    return runs.stream().map(TrainingRun::name).toList();
  }

  private static ReportTable groups(EvolutionRows rows) {
    ReportTable table =
        ReportTable.of(
            "groups",
            "Mean similarity of pairs of trained networks; p of transfer/transfer against"
                + " random/random.",
            "layer",
            "measure",
            "transfer/transfer",
            "random/random",
            "transfer/random",
            "p");
    for (String layer : rows.layers()) {
      for (String measure : MEASURES) {
        EvolutionRows here = rows.ofLayer(layer);
        EvolutionRows similarity = here.ofMeasure(measure);
        table =
            table.with(
                layer,
                measure,
                similarity.between("transfer", "transfer").mean(),
                similarity.between("random", "random").mean(),
                similarity.between("transfer", "random").mean(),
                here.ofMeasure(measure + " p_value").between("transfer", "random").mean());
      }
    }
    return table;
  }

  private static Figure chart(LayerPairs pairs, List<String> transfer, List<String> random) {
    return ProfileChart.of(pairs.layers(), "linear_cka (higher is more alike)", Range.UNIT)
        .withTitle("Between trained networks")
        .withSeries("transfer / transfer", l -> pairs.values(transfer, transfer, l))
        .withSeries("random / random", l -> pairs.values(random, random, l))
        .withSeries("transfer / random", l -> pairs.values(transfer, random, l))
        .draw();
  }
}
