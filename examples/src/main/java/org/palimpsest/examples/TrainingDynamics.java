package org.palimpsest.examples;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.core.evolution.EvolutionRow;
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
import org.palimpsest.examples.verdict.Estimate;
import org.palimpsest.examples.verdict.Evidence;
import org.palimpsest.examples.verdict.Finding;
import org.palimpsest.examples.verdict.RankCorrelation;
import org.palimpsest.examples.verdict.Rule;
import org.palimpsest.io.plot.Figure;
import org.palimpsest.io.plot.HeatPanes;
import org.palimpsest.similarity.Measures;
import picocli.CommandLine.Command;

/** In which order do layers become what they will be, from scratch and under transfer? */
@Command(
    name = "TrainingDynamics",
    description = {
      "Holds all layers of each checkpoint against all layers of the last, and asks which layers"
          + " are soonest like their final selves."
    })
public final class TrainingDynamics extends ExperimentMain {

  static final double SAME_ORDER = 0.3;
  private static final String CKA = "linear_cka";
  private static final String ORDER =
      "a layer's lateness is 1 minus its linear_cka to its final self, averaged over the log-spaced"
          + " checkpoints between start and end; the order is Spearman's correlation of lateness"
          + " with depth over all blocks, Student's interval over seeds; ";
  private static final Claim BOTTOM_UP =
      new Claim(
          "Layers converge bottom-up, those nearest to the input first",
          "Raghu et al. 2017, arXiv:1706.05806",
          ORDER + "in networks that start at random it is above 0.");
  private static final Claim SAME_UNDER_TRANSFER =
      new Claim(
          "Under transfer layers converge in the same order",
          "asked here; the paper compares the dynamics without such a claim",
          ORDER + "transfer minus random of the same seed lies between -0.3 and 0.3.");
  private static final String OTHERWISE =
      "In a U-Net the last blocks are near the input too, by the skip connections, and the blocks"
          + " around the bottleneck can be of little use in small images; Raghu et al. looked at"
          + " networks without skips. A block that hardly moves from its random start counts as"
          + " early.";

  /**
   * How late each layer is, by run and by layer in the order of depth.
   *
   * @param transfer of networks that started from the source
   * @param random of networks of the same seeds that started at random
   */
  record Lateness(List<List<Double>> transfer, List<List<Double>> random) {}

  TrainingDynamics(UnaryOperator<Setting> change) {
    super("training-dynamics", 5, change);
  }

  public static void main(String[] arguments) {
    CommandRunner.runAndExit(new TrainingDynamics(UnaryOperator.identity()), arguments);
  }

  @Override
  ExperimentReport run(Lab lab) {
    List<TrainingRun> runs = lab.trainBoth();
    Study study =
        Study.of(runs, lab.probes(), List.of(Measures.parse(CKA)))
            .withLayers(LayerSelector.of(lab.setting().network().blocks()))
            .withViews(EnumSet.of(StudyView.TO_END, StudyView.LAYERS));
    EvolutionTable table = lab.track(study);
    Lateness lateness =
        new Lateness(lateness(table, lab.transfer()), lateness(table, lab.random()));
    List<String> layers = layers(table);
    return new ExperimentReport(
        name(),
        "In which order do layers converge?",
        lab.setting().describe(),
        findings(lateness),
        List.of(latenessTable(layers, lateness), likest(table)),
        List.of(
            new ReportPicture(
                name(),
                "All blocks at each step against all blocks at the end.",
                panes(table, lab, layers))),
        List.of("layers.csv: which final layer each layer is most like, at each step."));
  }

  /** Per run, per layer in order: how far from its final self it was on the way. */
  private static List<List<Double>> lateness(EvolutionTable table, List<TrainingRun> runs) {
    List<List<Double>> all = new ArrayList<>();
    for (TrainingRun run : runs) {
      Map<String, List<Double>> distances = new LinkedHashMap<>();
      for (EvolutionRow row : table.rows(StudyView.TO_END)) {
        long step = row.stepA().orElseThrow();
        if (row.runA().equals(run.name()) && step > run.start().step() && step < run.end().step()) {
          distances
              .computeIfAbsent(row.layerA(), layer -> new ArrayList<>())
              .add(1 - row.figure().value());
        }
      }
      all.add(distances.values().stream().map(LayerPairs::mean).toList());
    }
    return all;
  }

  /** The verdicts, from each run's lateness of layers in the order of depth. */
  static List<Finding> findings(Lateness lateness) {
    List<Double> random = orders(lateness.random());
    List<Double> transfer = orders(lateness.transfer());
    return List.of(
        new Finding(
            BOTTOM_UP,
            List.of(
                new Evidence(
                    "correlation of lateness with depth, random",
                    Estimate.ofMean(random),
                    new Rule.Above(0))),
            OTHERWISE),
        new Finding(
            SAME_UNDER_TRANSFER,
            List.of(
                new Evidence(
                    "correlation, transfer minus random",
                    Estimate.ofPairedDifference(transfer, random),
                    new Rule.Between(-SAME_ORDER, SAME_ORDER))),
            "Transferred layers start as what the source made of them, and those that the target"
                + " can use at once have little way to go."));
  }

  private static List<Double> orders(List<List<Double>> runs) {
    return runs.stream().map(RankCorrelation::withPosition).toList();
  }

  private static List<String> layers(EvolutionTable table) {
    return table.rows(StudyView.TO_END).stream().map(EvolutionRow::layerA).distinct().toList();
  }

  private static ReportTable latenessTable(List<String> layers, Lateness lateness) {
    ReportTable table =
        ReportTable.of(
            "lateness",
            "Mean distance (1 - linear_cka) of a block from its final self during training.",
            "block",
            "transfer",
            "random");
    for (int i = 0; i < layers.size(); i++) {
      int layer = i;
      table =
          table.with(
              layers.get(i),
              LayerPairs.mean(lateness.transfer().stream().map(r -> r.get(layer)).toList()),
              LayerPairs.mean(lateness.random().stream().map(r -> r.get(layer)).toList()));
    }
    return table;
  }

  /** How often a layer is most like the layer of its own name in the final network. */
  private static ReportTable likest(EvolutionTable table) {
    record Query(String run, long step, String layer) {}
    Map<Query, EvolutionRow> best = new LinkedHashMap<>();
    for (EvolutionRow row : table.rows(StudyView.LAYERS)) {
      best.merge(
          new Query(row.runA(), row.stepA().orElseThrow(), row.layerA()),
          row,
          (a, b) -> a.figure().value() >= b.figure().value() ? a : b);
    }
    Map<Long, List<Double>> transfer = new TreeMap<>();
    Map<Long, List<Double>> random = new TreeMap<>();
    best.forEach(
        (query, row) ->
            (query.run().startsWith("transfer") ? transfer : random)
                .computeIfAbsent(query.step(), s -> new ArrayList<>())
                .add(row.layerA().equals(row.layerB()) ? 1.0 : 0.0));
    ReportTable result =
        ReportTable.of(
            "layers",
            "Share of blocks that are more like their own final self than like any other final"
                + " block.",
            "step",
            "transfer",
            "random");
    for (Map.Entry<Long, List<Double>> step : random.entrySet()) {
      List<Double> transferred = transfer.getOrDefault(step.getKey(), List.of());
      result =
          result.with(
              step.getKey(), LayerPairs.mean(transferred), LayerPairs.mean(step.getValue()));
    }
    return result;
  }

  /** All layers at each step against all layers at the end, for the first run of each kind. */
  private static Figure panes(EvolutionTable table, Lab lab, List<String> layers) {
    HeatPanes panes =
        HeatPanes.of(
                "linear_cka (higher is more alike)",
                Range.UNIT,
                new HeatPanes.Edge("block at the step", layers),
                new HeatPanes.Edge("block at the end", layers))
            .withTitle("Blocks during training against blocks at its end")
            .withDetail("upper row: transferred, lower row: started at random; seed 0 of each");
    for (TrainingRun run : List.of(lab.transfer().get(0), lab.random().get(0))) {
      for (Checkpoint checkpoint : run.checkpoints()) {
        panes = panes.withPane("step " + checkpoint.step(), matrix(table, run, checkpoint, layers));
      }
    }
    return panes.withBands(List.of("transfer", "random")).draw();
  }

  private static double[][] matrix(
      EvolutionTable table, TrainingRun run, Checkpoint checkpoint, List<String> layers) {
    double[][] values = new double[layers.size()][layers.size()];
    for (EvolutionRow row : table.rows(StudyView.LAYERS)) {
      if (row.runA().equals(run.name()) && row.stepA().orElseThrow() == checkpoint.step()) {
        values[layers.indexOf(row.layerA())][layers.indexOf(row.layerB())] = row.figure().value();
      }
    }
    return values;
  }
}
