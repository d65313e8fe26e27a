package org.palimpsest.spark;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.representation.FeatureMapMode;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.report.table.TableFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares networks over shards of many probes. */
@Command(
    name = "moments",
    description = {
      "Compares models over probes that are too many for one machine: executors of Spark show all"
          + " models a shard of the probes and keep the co-moments of their layers, which are then"
          + " merged. Linear measures alone: linear_cka, debiased_linear_cka, cca_mean, svcca,"
          + " pwcca, procrustes_*, shape, linear_regression_*, gulp.",
      "",
      "Models and probes must lie under the same paths on all machines."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class MomentsCommand implements Callable<Integer> {

  @Spec private CommandSpec command;

  @Parameters(arity = "2..*", paramLabel = "MODEL", description = "Two models or more.")
  private List<Path> models;

  @Option(
      names = "--probes",
      paramLabel = "FILE.npy",
      required = true,
      description = "What all models are shown, samples first.")
  private Path probes;

  @Option(
      names = "--shards",
      paramLabel = "N",
      defaultValue = "16",
      description = "Into how many parts the probes are divided. (default: ${DEFAULT-VALUE})")
  private int shards;

  @Option(
      names = "--measure",
      paramLabel = "NAME",
      defaultValue = "linear_cka",
      description = "May be given several times. (default: ${DEFAULT-VALUE})")
  private List<String> measures;

  @Option(
      names = "--layers",
      paramLabel = "GLOB,…",
      split = ",",
      description = "Only the layers of this path. (default: all)")
  private List<String> layers = List.of();

  @Option(
      names = "--feature-maps",
      paramLabel = "positions|pool|flatten",
      defaultValue = "positions",
      description = "How feature maps become samples. (default: ${DEFAULT-VALUE})")
  private FeatureMapMode maps;

  @Option(
      names = "--in-process",
      description = "Run models in the executor itself: not for models that you do not trust.")
  private boolean inProcess;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description =
          "Where scores.csv and scores.json go; of more than two models, in a folder for each pair,"
              + " such as 1-3.")
  private Path folder;

  @Override
  public Integer call() {
    ShardedComparison comparison =
        ShardedComparison.by(measures).withLayers(layers).withFeatureMaps(FeatureMaps.of(maps));
    SparkConf settings = StudySession.withUsual(new SparkConf().setAppName("palimpsest moments"));
    List<ComparisonResult> results;
    try (JavaSparkContext spark = new JavaSparkContext(settings)) {
      results =
          (inProcess ? comparison.inProcess() : comparison).compare(spark, models, probes, shards);
    }
    int pair = 0;
    for (int i = 0; i < models.size(); i++) {
      for (int j = i + 1; j < models.size(); j++) {
        write(results.get(pair++), models.size() == 2 ? folder : folder.resolve(pairName(i, j)));
      }
    }
    return 0;
  }

  private static String pairName(int i, int j) {
    return (i + 1) + "-" + (j + 1);
  }

  private void write(ComparisonResult result, Path into) {
    TableFormat.CSV.write(result, into.resolve("scores.csv"));
    TableFormat.JSON.write(result, into.resolve("scores.json"));
    command.commandLine().getOut().println(into.resolve("scores.csv"));
  }
}
