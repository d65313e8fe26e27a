package org.palimpsest.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.core.evolution.EvolutionRow;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.StudyView;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.measure.Range;
import org.palimpsest.examples.cli.CommandRunner;
import org.palimpsest.examples.experiment.FilterFigures;
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
import org.palimpsest.examples.verdict.Rule;
import org.palimpsest.io.plot.Figure;
import org.palimpsest.io.plot.FilterMosaic;
import org.palimpsest.io.plot.ProfileChart;
import org.palimpsest.io.weights.WeightFiles;
import org.palimpsest.similarity.filters.FilterRandomness;
import org.palimpsest.similarity.filters.LayerRandomness;
import org.palimpsest.similarity.filters.RandomnessQuestion;
import picocli.CommandLine.Command;

/** How far do filters move in training, and do they still look random after it? */
@Command(
    name = "FilterChange",
    description = {
      "Compares each layer's filters before and after training, with what chance gives, and tests"
          + " whether trained filters still look random."
    })
public final class FilterChange extends ExperimentMain {

  static final double LITTLE = 0.9;
  static final double MOST = 0.5;
  private static final double LEVEL = 0.05;

  private static final Claim CHANGE_LITTLE =
      new Claim(
          "Filters change little during training",
          Claim.KARIMI,
          "the cosine of a filter before and after training, in the mean over filters and layers,"
              + " is above 0.9, in networks that start at random and in transferred ones, with"
              + " Student's interval over seeds.");
  private static final Claim LOOK_RANDOM =
      new Claim(
          "Trained filters still look random",
          Claim.KARIMI,
          "in networks that started at random, no test of structure (smooth kernels, few"
              + " directions) rejects independent weights at 5%, corrected for tests and layers, in"
              + " more than half of the layers, with Student's interval over seeds.");
  private static final String MOVED =
      "Narrow layers have few filters, and each of them has to move farther for the network to"
          + " learn; Adam at a rate of 0.002 moves small weights far in a few hundred steps.";
  private static final String STRUCTURE =
      "The tests see what eyes do not: with hundreds of weights in a layer a slight smoothness is"
          + " enough. The table tells how much structure there is.";

  FilterChange(UnaryOperator<Setting> change) {
    super("filter-change", 5, change);
  }

  public static void main(String[] arguments) {
    CommandRunner.runAndExit(new FilterChange(UnaryOperator.identity()), arguments);
  }

  @Override
  ExperimentReport run(Lab lab) {
    lab.trainBoth();
    List<TrainingRun> runs = new ArrayList<>(lab.transfer());
    runs.addAll(lab.random());
    Study study = Study.of(runs, lab.probes(), List.of()).withViews(EnumSet.of(StudyView.TO_START));
    EvolutionTable table = lab.track(study, new FilterFigures());
    Map<String, List<Double>> lookRandom = new LinkedHashMap<>();
    List<Double> shares = new ArrayList<>();
    for (TrainingRun run : lab.random()) {
      shares.add(testRandomness(run, lookRandom));
    }
    return new ExperimentReport(
        name(),
        "How far do filters move, and do they still look random?",
        lab.setting().describe(),
        findings(
            perRun(table, lab.transfer(), FilterFigures.COSINE),
            perRun(table, lab.random(), FilterFigures.COSINE),
            shares),
        List.of(layers(table, lab, lookRandom)),
        List.of(
            new ReportPicture(
                name(),
                "Cosine of filters before and after training, by layer; and what the best matching"
                    + " of unrelated filters gives.",
                chart(table, lab).draw(1000)),
            new ReportPicture(
                "filters",
                "Filters of enc1.conv2 before and after training, of one network that started at"
                    + " random.",
                mosaic(lab.random().get(0)))),
        List.of(
            "Layers of fewer than 20 weights are not tested for structure.",
            "matched and chance: the mean cosine under the best one-to-one matching, and that of as"
                + " many filters of random directions."));
  }

  /** The verdicts, from each run's mean cosine and its share of layers that look random. */
  static List<Finding> findings(
      List<Double> cosineTransfer, List<Double> cosineRandom, List<Double> lookRandom) {
    return List.of(
        new Finding(
            CHANGE_LITTLE,
            List.of(
                new Evidence(
                    "cosine before/after, started at random",
                    Estimate.ofMean(cosineRandom),
                    new Rule.Above(LITTLE)),
                new Evidence(
                    "cosine before/after, transferred",
                    Estimate.ofMean(cosineTransfer),
                    new Rule.Above(LITTLE))),
            MOVED),
        new Finding(
            LOOK_RANDOM,
            List.of(
                new Evidence(
                    "share of layers without structure",
                    Estimate.ofMean(lookRandom),
                    new Rule.Above(MOST))),
            STRUCTURE));
  }

  /** The share of tested layers of the trained network that no test of structure rejects. */
  private static double testRandomness(TrainingRun run, Map<String, List<Double>> byLayer) {
    List<Double> passed = new ArrayList<>();
    Path file = Path.of(run.end().location());
    for (LayerRandomness layer :
        FilterRandomness.withDefaults().test(WeightFiles.read(file)).layers()) {
      OptionalDouble p = layer.p(RandomnessQuestion.STRUCTURE);
      if (p.isPresent()) {
        double pass = p.getAsDouble() >= LEVEL ? 1 : 0;
        passed.add(pass);
        byLayer.computeIfAbsent(layer.layer(), l -> new ArrayList<>()).add(pass);
      }
    }
    return LayerPairs.mean(passed);
  }

  private static List<Double> perRun(EvolutionTable table, List<TrainingRun> runs, String measure) {
    return runs.stream()
        .map(run -> LayerPairs.mean(atEnd(table, List.of(run), measure, "")))
        .toList();
  }

  /** The figures of the last checkpoints, of one layer or, without a name, of all. */
  private static List<Double> atEnd(
      EvolutionTable table, List<TrainingRun> runs, String measure, String layer) {
    List<Double> values = new ArrayList<>();
    for (TrainingRun run : runs) {
      for (EvolutionRow row : table.rows(StudyView.TO_START)) {
        if (row.runA().equals(run.name())
            && row.stepA().orElseThrow() == run.end().step()
            && row.measure().equals(measure)
            && (layer.isEmpty() || row.layerA().equals(layer))) {
          values.add(row.figure().value());
        }
      }
    }
    return values;
  }

  private static List<String> layers(EvolutionTable table) {
    return table.rows(StudyView.TO_START).stream().map(EvolutionRow::layerA).distinct().toList();
  }

  private static ReportTable layers(
      EvolutionTable table, Lab lab, Map<String, List<Double>> lookRandom) {
    ReportTable result =
        ReportTable.of(
            "layers",
            "Filters before and after training, means over networks.",
            "layer",
            "cosine, random",
            "cosine, transfer",
            "change / norm, random",
            "change / norm, transfer",
            "matched, random",
            "chance",
            "networks without structure");
    for (String layer : layers(table)) {
      result =
          result.with(
              layer,
              LayerPairs.mean(atEnd(table, lab.random(), FilterFigures.COSINE, layer)),
              LayerPairs.mean(atEnd(table, lab.transfer(), FilterFigures.COSINE, layer)),
              LayerPairs.mean(atEnd(table, lab.random(), FilterFigures.CHANGE, layer)),
              LayerPairs.mean(atEnd(table, lab.transfer(), FilterFigures.CHANGE, layer)),
              LayerPairs.mean(atEnd(table, lab.random(), FilterFigures.MATCHED, layer)),
              LayerPairs.mean(atEnd(table, lab.random(), FilterFigures.CHANCE, layer)),
              LayerPairs.mean(lookRandom.getOrDefault(layer, List.of())));
    }
    return result;
  }

  private static Figure mosaic(TrainingRun run) {
    return FilterMosaic.of("Filters of enc1.conv2 before and after training")
        .withDetail(run.name())
        .withFilters("step " + run.start().step(), kernels(run.start()))
        .withFilters("step " + run.end().step(), kernels(run.end()))
        .draw();
  }

  private static double[][][][] kernels(Checkpoint checkpoint) {
    INDArray weights =
        WeightFiles.read(Path.of(checkpoint.location()))
            .find("enc1.conv2.weight")
            .orElseThrow()
            .values();
    return FilterMosaic.kernels(weights.dup('c').data().asDouble(), weights.shape());
  }

  private static ProfileChart chart(EvolutionTable table, Lab lab) {
    List<String> layers = layers(table);
    return ProfileChart.of(layers, "cosine", new Range(-0.2, 1))
        .withTitle("Filters before and after training")
        .withDetail("a dot per network")
        .withSeries("transfer", perLayer(table, lab.transfer(), FilterFigures.COSINE, layers))
        .withSeries("random", perLayer(table, lab.random(), FilterFigures.COSINE, layers))
        .withSeries(
            "matched by chance", perLayer(table, lab.random(), FilterFigures.CHANCE, layers));
  }

  private static List<List<Double>> perLayer(
      EvolutionTable table, List<TrainingRun> runs, String measure, List<String> layers) {
    return layers.stream().map(layer -> atEnd(table, runs, measure, layer)).toList();
  }
}
