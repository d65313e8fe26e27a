package org.palimpsest.examples;

import java.util.EnumSet;
import java.util.List;
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
import org.palimpsest.examples.report.ReportPicture;
import org.palimpsest.examples.report.ReportTable;
import org.palimpsest.examples.verdict.Claim;
import org.palimpsest.examples.verdict.Evidence;
import org.palimpsest.examples.verdict.Finding;
import org.palimpsest.examples.verdict.Jackknife;
import org.palimpsest.examples.verdict.Rule;
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

  static final double MARGIN = 0.05;
  private static final List<String> MEASURES = List.of("linear_cka", "svcca");
  private static final String AS_FILES = " The table below holds the same by svcca.";

  private static final Claim DIFFERENT =
      new Claim(
          "Transferred networks learn other representations than networks that start at random",
          Claim.KARIMI,
          "the similarity of a transferred and a random network lies below that of two random"
              + " networks: the difference of means over pairs and layers (linear_cka), with a"
              + " jackknife interval over networks, is below 0."
              + AS_FILES);
  private static final Claim AS_VARIED =
      new Claim(
          "Transferred networks vary among themselves as much as random ones do",
          Claim.KARIMI,
          "two transferred networks are more alike than two random ones by less than 0.05 of"
              + " linear_cka, in the mean over pairs and layers, with a jackknife interval over"
              + " networks."
              + AS_FILES);
  private static final String ONE_SOURCE =
      "All transferred networks here start from the very same weights and see the same few images;"
          + " the paper's networks are larger and are trained for longer, which leaves more room to"
          + " drift apart.";

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
    return new ExperimentReport(
        name(),
        "How alike are networks of different seeds?",
        lab.setting().describe(),
        findings(cka, transfer, random),
        List.of(groups(table.select(StudyView.GROUPS))),
        List.of(
            new ReportPicture(
                "seed-variability",
                "Similarity of pairs of trained networks, a dot per pair.",
                chart(cka, transfer, random).draw())),
        List.of(
            "p permutes networks between both groups, per layer; not corrected for their number."));
  }

  /** The verdicts, from the similarity of each pair of trained networks. */
  static List<Finding> findings(LayerPairs pairs, List<String> transfer, List<String> random) {
    List<String> layers = pairs.layers();
    List<List<String>> groups = List.of(transfer, random);
    return List.of(
        new Finding(
            DIFFERENT,
            List.of(
                new Evidence(
                    "transfer/random minus random/random",
                    Jackknife.of(
                        groups,
                        g ->
                            pairs.mean(g.get(0), g.get(1), layers)
                                - pairs.mean(g.get(1), g.get(1), layers)),
                    new Rule.Below(0))),
            ONE_SOURCE),
        new Finding(
            AS_VARIED,
            List.of(
                new Evidence(
                    "transfer/transfer minus random/random",
                    Jackknife.of(
                        groups,
                        g ->
                            pairs.mean(g.get(0), g.get(0), layers)
                                - pairs.mean(g.get(1), g.get(1), layers)),
                    new Rule.Below(MARGIN))),
            ONE_SOURCE));
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

  private static ProfileChart chart(LayerPairs pairs, List<String> transfer, List<String> random) {
    return ProfileChart.of(pairs.layers(), "linear_cka (higher is more alike)", Range.UNIT)
        .withTitle("Between trained networks")
        .withSeries("transfer / transfer", l -> pairs.values(transfer, transfer, l))
        .withSeries("random / random", l -> pairs.values(random, random, l))
        .withSeries("transfer / random", l -> pairs.values(transfer, random, l));
  }
}
