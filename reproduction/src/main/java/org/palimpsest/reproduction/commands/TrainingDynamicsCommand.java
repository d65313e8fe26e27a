package org.palimpsest.reproduction.commands;

import static org.palimpsest.reproduction.claims.RaghuClaims.LAYERS_CONVERGE_BOTTOM_UP;
import static org.palimpsest.reproduction.claims.RaghuClaims.SAME_ORDER_UNDER_TRANSFER;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.palimpsest.cli.Palimpsest;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.report.plot.Figure;
import org.palimpsest.report.plot.HeatPanes;
import org.palimpsest.reproduction.experiment.Lab;
import org.palimpsest.reproduction.experiment.PairSimilarities;
import org.palimpsest.reproduction.experiment.Setting;
import org.palimpsest.reproduction.pages.ExperimentReport;
import org.palimpsest.reproduction.pages.ReportTable;
import org.palimpsest.reproduction.verdict.ClaimFinding;
import org.palimpsest.reproduction.verdict.RankCorrelation;
import org.palimpsest.reproduction.verdict.StudentEstimate;
import org.palimpsest.similarity.Measures;
import picocli.CommandLine.Command;

/** In which order do layers become what they will be, from scratch and under transfer? */
@Command(
    name = "TrainingDynamics",
    description = {
      "Holds all layers of each checkpoint against all layers of the last, and asks which layers"
          + " are soonest like their final selves."
    })
public final class TrainingDynamicsCommand extends ExperimentMain {

  private static final String CKA = "linear_cka";

  /**
   * How late each layer is, by run and by layer in the order of depth.
   *
   * @param transfer of networks that started from the source
   * @param random of networks of the same seeds that started at random
   */
  record Lateness(List<List<Double>> transfer, List<List<Double>> random) {}

  TrainingDynamicsCommand(UnaryOperator<Setting> change) {
    super("training-dynamics", 5, change);
  }

  public static void main(String[] arguments) {
    Palimpsest.runAndExit(new TrainingDynamicsCommand(UnaryOperator.identity()), arguments);
  }

  @Override
  ExperimentReport run(Lab lab) {
    List<TrainingRun> runs = lab.trainBoth();
    Study study =
        Study.of(runs, lab.probes(), List.of(Measures.parse(CKA)))
            .withLayers(LayerSelector.of(lab.setting().network().blocks()))
            .withViews(EnumSet.of(Study.View.TO_END, Study.View.LAYERS));
    EvolutionTable table = lab.track(study);
    EvolutionTable.Rows toEnd = table.select(Study.View.TO_END);
    EvolutionTable.Rows allLayers = table.select(Study.View.LAYERS);
    List<String> layers = toEnd.layers();
    Lateness lateness =
        new Lateness(
            lateness(toEnd, lab.transfer(), layers), lateness(toEnd, lab.random(), layers));
    return ExperimentReport.of(
            name(), "In which order do layers converge?", lab.setting().describe())
        .withFindings(findings(lateness))
        .withTable(table(layers, lateness))
        .withTable(likest(allLayers, lab, layers))
        .withPicture(
            name(),
            "All blocks at each step against all blocks at the end.",
            panes(allLayers, lab, layers))
        .withNote("layers.csv: which final layer each layer is most like, at each step.");
  }

  /** Per run, per layer in order: how far from its final self it was on the way. */
  private static List<List<Double>> lateness(
      EvolutionTable.Rows toEnd, List<TrainingRun> runs, List<String> layers) {
    return runs.stream()
        .map(
            run -> {
              EvolutionTable.Rows onTheWay =
                  toEnd.ofRun(run.name()).where(row -> isBetweenEnds(row, run));
              return layers.stream().map(layer -> 1 - onTheWay.ofLayer(layer).mean()).toList();
            })
        .toList();
  }

  private static boolean isBetweenEnds(EvolutionTable.Row row, TrainingRun run) {
    long step = row.stepA().orElseThrow();
    return step > run.start().step() && step < run.end().step();
  }

  /** The verdicts, from each run's lateness of layers in the order of depth. */
  static List<ClaimFinding> findings(Lateness lateness) {
    List<Double> random = orders(lateness.random());
    List<Double> transfer = orders(lateness.transfer());
    return List.of(
        ClaimFinding.on(LAYERS_CONVERGE_BOTTOM_UP)
            .with("correlation of lateness with depth, random", StudentEstimate.ofMean(random)),
        ClaimFinding.on(SAME_ORDER_UNDER_TRANSFER)
            .with(
                "correlation, transfer minus random",
                StudentEstimate.ofPairedDifference(transfer, random)));
  }

  private static List<Double> orders(List<List<Double>> runs) {
    return runs.stream().map(RankCorrelation::withPosition).toList();
  }

  private static ReportTable table(List<String> layers, Lateness lateness) {
    return ReportTable.byRow(
            "lateness",
            "Mean distance (1 - linear_cka) of a block from its final self during training.",
            "block",
            layers)
        .withColumn("transfer", layer -> mean(lateness.transfer(), layers.indexOf(layer)))
        .withColumn("random", layer -> mean(lateness.random(), layers.indexOf(layer)));
  }

  private static double mean(List<List<Double>> runs, int layer) {
    return PairSimilarities.mean(runs.stream().map(run -> run.get(layer)).toList());
  }

  private static ReportTable likest(EvolutionTable.Rows rows, Lab lab, List<String> layers) {
    ReportTable table =
        ReportTable.of(
            "layers",
            "Share of blocks that are more like their own final self than like any other final"
                + " block.",
            "step",
            "transfer",
            "random");
    for (long step : rows.steps()) {
      EvolutionTable.Rows then = rows.atStep(step);
      table =
          table.with(
              step, likest(then, lab.transfer(), layers), likest(then, lab.random(), layers));
    }
    return table;
  }

  private static double likest(
      EvolutionTable.Rows rows, List<TrainingRun> runs, List<String> layers) {
    return PairSimilarities.mean(
        runs.stream()
            .map(run -> shareOfOwn(rows.ofRun(run.name()).byLayers(layers, layers)))
            .toList());
  }

  /** The share of rows in which no figure is greater than that on the diagonal. */
  private static double shareOfOwn(double[][] likeness) {
    return IntStream.range(0, likeness.length)
        .mapToDouble(i -> likeness[i][i] >= Arrays.stream(likeness[i]).max().orElseThrow() ? 1 : 0)
        .average()
        .orElse(Double.NaN);
  }

  /** All layers at each step against all layers at the end, for the first run of each kind. */
  private static Figure panes(EvolutionTable.Rows rows, Lab lab, List<String> layers) {
    HeatPanes panes =
        HeatPanes.of(
                "linear_cka (higher is more alike)",
                Range.UNIT,
                new HeatPanes.Edge("block at the step", layers),
                new HeatPanes.Edge("block at the end", layers))
            .withTitle("Blocks during training against blocks at its end")
            .withDetail("upper row: transferred, lower row: started at random; seed 0 of each");
    for (TrainingRun run : List.of(lab.transfer().get(0), lab.random().get(0))) {
      EvolutionTable.Rows ofRun = rows.ofRun(run.name());
      for (Checkpoint checkpoint : run.checkpoints()) {
        long step = checkpoint.step();
        panes = panes.withPane("step " + step, ofRun.atStep(step).byLayers(layers, layers));
      }
    }
    return panes.withBands(List.of("transfer", "random")).draw();
  }
}
