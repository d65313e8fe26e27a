package org.palimpsest.examples;

import static org.palimpsest.examples.claims.KarimiClaims.FILTERS_CHANGE_LITTLE;
import static org.palimpsest.examples.claims.KarimiClaims.FILTERS_LOOK_RANDOM;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.core.evolution.EvolutionRows;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.StudyView;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.measure.Range;
import org.palimpsest.examples.cli.CommandRunner;
import org.palimpsest.examples.experiment.EndsOfRuns;
import org.palimpsest.examples.experiment.Lab;
import org.palimpsest.examples.experiment.LayerPairs;
import org.palimpsest.examples.experiment.Setting;
import org.palimpsest.examples.report.ExperimentReport;
import org.palimpsest.examples.report.ReportTable;
import org.palimpsest.examples.verdict.Estimate;
import org.palimpsest.examples.verdict.Finding;
import org.palimpsest.io.plot.Figure;
import org.palimpsest.io.plot.FilterMosaic;
import org.palimpsest.io.plot.ProfileChart;
import org.palimpsest.io.weights.WeightFiles;
import org.palimpsest.similarity.evolution.WeightComparisons;
import picocli.CommandLine.Command;

/** How far do filters move in training, and do they still look random after it? */
@Command(
    name = "FilterChange",
    description = {
      "Compares each layer's filters before and after training, with what chance gives, and tests"
          + " whether trained filters still look random."
    })
public final class FilterChange extends ExperimentMain {

  private static final double LEVEL = 0.05;
  private static final String COSINE = "weight_cosine";
  private static final String CHANGE = "weight_relative_change";
  private static final String MATCHED = "filter_matched_cosine";
  private static final String STRUCTURE = "filter_structure p_value";

  FilterChange(UnaryOperator<Setting> change) {
    super("filter-change", 5, change);
  }

  public static void main(String[] arguments) {
    CommandRunner.runAndExit(new FilterChange(UnaryOperator.identity()), arguments);
  }

  @Override
  ExperimentReport run(Lab lab) {
    List<TrainingRun> runs = lab.trainBoth();
    Study study =
        Study.of(EndsOfRuns.of(runs), lab.probes(), List.of())
            .withViews(EnumSet.of(StudyView.TO_START));
    EvolutionRows rows =
        lab.track(
                study,
                WeightComparisons.change(),
                WeightComparisons.filters(),
                WeightComparisons.randomness())
            .select(StudyView.TO_START);
    EvolutionRows random = rows.atEndOf(lab.random());
    EvolutionRows transfer = rows.atEndOf(lab.transfer());
    String layer = "enc1.conv2";
    return ExperimentReport.of(
            name(),
            "How far do filters move, and do they still look random?",
            lab.setting().describe())
        .withFindings(
            findings(
                cosines(transfer, lab.transfer()),
                cosines(random, lab.random()),
                withoutStructure(random, lab.random())))
        .withTable(layers(random, transfer))
        .withPicture(
            name(),
            "Cosine of filters before and after training, by layer; and what the best matching of"
                + " unrelated filters gives.",
            chart(random, transfer))
        .withPicture(
            "filters",
            "Filters of %s before and after training, of one network that started at random."
                .formatted(layer),
            mosaic(layer, lab.random().get(0)))
        .withNote("Layers of fewer than 20 weights are not tested for structure.")
        .withNote(
            "matched: the mean cosine under the best one-to-one matching; as many filters of random"
                + " directions stay below the figure beside it in 39 of 40 cases.");
  }

  /** The verdicts, from each run's mean cosine and its share of layers that look random. */
  static List<Finding> findings(
      List<Double> cosineTransfer, List<Double> cosineRandom, List<Double> lookRandom) {
    return List.of(
        Finding.on(FILTERS_CHANGE_LITTLE)
            .with("cosine before/after, started at random", Estimate.ofMean(cosineRandom))
            .with("cosine before/after, transferred", Estimate.ofMean(cosineTransfer)),
        Finding.on(FILTERS_LOOK_RANDOM)
            .with("share of layers without structure", Estimate.ofMean(lookRandom)));
  }

  private static List<Double> cosines(EvolutionRows rows, List<TrainingRun> runs) {
    return runs.stream().map(run -> rows.ofRun(run.name()).ofMeasure(COSINE).mean()).toList();
  }

  /** For each network, the share of tested layers in which no test rejects independent weights. */
  private static List<Double> withoutStructure(EvolutionRows rows, List<TrainingRun> runs) {
    return runs.stream().map(run -> withoutStructure(rows.ofRun(run.name()))).toList();
  }

  private static double withoutStructure(EvolutionRows rows) {
    List<Double> pValues = rows.ofMeasure(STRUCTURE).values();
    return LayerPairs.mean(pValues.stream().map(p -> p >= LEVEL ? 1.0 : 0.0).toList());
  }

  /** What matched filters of unrelated networks stay below in 39 of 40 cases. */
  private static List<Double> chance(EvolutionRows rows, String layer) {
    return rows.ofMeasure(MATCHED).ofLayer(layer).all().stream()
        .flatMap(row -> row.figure().high().stream().boxed())
        .toList();
  }

  private static ReportTable layers(EvolutionRows random, EvolutionRows transfer) {
    return ReportTable.byRow(
            "layers",
            "Filters before and after training, means over networks.",
            "layer",
            random.ofMeasure(COSINE).layers())
        .withColumn("cosine, random", l -> random.ofMeasure(COSINE).ofLayer(l).mean())
        .withColumn("cosine, transfer", l -> transfer.ofMeasure(COSINE).ofLayer(l).mean())
        .withColumn("change / norm, random", l -> random.ofMeasure(CHANGE).ofLayer(l).mean())
        .withColumn("change / norm, transfer", l -> transfer.ofMeasure(CHANGE).ofLayer(l).mean())
        .withColumn("matched, random", l -> random.ofMeasure(MATCHED).ofLayer(l).mean())
        .withColumn("by chance below", l -> LayerPairs.mean(chance(random, l)))
        .withColumn("networks without structure", l -> withoutStructure(random.ofLayer(l)));
  }

  private static Figure chart(EvolutionRows random, EvolutionRows transfer) {
    List<String> layers = random.ofMeasure(COSINE).layers();
    return ProfileChart.of(layers, "cosine", new Range(-0.2, 1))
        .withTitle("Filters before and after training")
        .withDetail("a dot per network")
        .withSeries("transfer", l -> transfer.ofMeasure(COSINE).ofLayer(l).values())
        .withSeries("random", l -> random.ofMeasure(COSINE).ofLayer(l).values())
        .withSeries("best match by chance, 97.5%", l -> chance(random, l))
        .draw(1000);
  }

  private static Figure mosaic(String layer, TrainingRun run) {
    return FilterMosaic.of("Filters of " + layer + " before and after training")
        .withDetail(run.name())
        .withFilters("step " + run.start().step(), kernels(layer, run.start()))
        .withFilters("step " + run.end().step(), kernels(layer, run.end()))
        .draw();
  }

  private static double[][][][] kernels(String layer, Checkpoint checkpoint) {
    INDArray weights =
        WeightFiles.read(Path.of(checkpoint.location()))
            .find(layer + ".weight")
            .orElseThrow()
            .values();
    return FilterMosaic.kernels(weights.dup('c').data().asDouble(), weights.shape());
  }
}
