package org.palimpsest.spark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.palimpsest.cli.internal.CommonOptions;
import org.palimpsest.cli.internal.CommonOptions.WritesFiles;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.report.table.TableFormat;
import org.palimpsest.spark.PalimpsestSpark.SparkCluster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
      "Models, probes and plug-ins must lie under the same paths on all machines."
    })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class MomentsCommand implements Callable<Integer>, WritesFiles {

  private static final String CSV = "scores.csv";
  private static final String JSON = "scores.json";

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
      description =
          "A measure, with parameters after a colon: svcca:0.9. May be given several times."
              + " (default: ${DEFAULT-VALUE})")
  private List<String> measures;

  @Option(
      names = "--layers",
      paramLabel = "GLOB,…",
      split = ",",
      description = "Only the layers of this path. (default: all)")
  private List<String> layers = List.of();

  @Option(
      names = "--feature-map",
      paramLabel = "positions|pool|flatten",
      defaultValue = "positions",
      description = "How feature maps become samples. (default: ${DEFAULT-VALUE})")
  private FeatureMaps.Mode maps;

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

  @Option(
      names = "--spark",
      paramLabel = "MASTER",
      description =
          "Where the executors are: local[2] for two tasks at once on this machine,"
              + " spark://HOST:7077 for a cluster. (default: what spark-submit says, or local[*])")
  private @Nullable String master;

  @Option(
      names = "--spark-conf",
      paramLabel = "NAME=VALUE",
      description =
          "A setting of Spark, such as spark.executor.memory=4g. May be given several times.")
  private List<String> settings = List.of();

  @Mixin private CommonOptions common;

  @Override
  public List<Path> outputs() {
    return folders().stream()
        .flatMap(into -> Stream.of(into.resolve(CSV), into.resolve(JSON)))
        .toList();
  }

  /** One for each pair, in the order in which they are compared. */
  private List<Path> folders() {
    if (models.size() == 2) {
      return List.of(folder);
    }
    List<Path> folders = new ArrayList<>();
    for (int i = 1; i <= models.size(); i++) {
      for (int j = i + 1; j <= models.size(); j++) {
        folders.add(folder.resolve(i + "-" + j));
      }
    }
    return folders;
  }

  @Override
  public Integer call() {
    String where = master == null ? System.getProperty("spark.master", "local[*]") : master;
    SparkCluster cluster = new SparkCluster();
    if (!cluster.isHere()) {
      return cluster.startAnew(
          where,
          settings,
          command.root().commandLine().getParseResult().originalArgs(),
          command.commandLine().getOut());
    }
    ShardedComparison comparison = comparison();
    requireFiles();
    List<ComparisonResult> results = new OnSpark(this, where).compare(comparison);
    List<Path> folders = folders();
    for (int pair = 0; pair < results.size(); pair++) {
      write(results.get(pair), folders.get(pair));
    }
    return 0;
  }

  /** What needs Spark's libraries, which may not be there when the command line is read. */
  private record OnSpark(MomentsCommand asked, String master) {

    List<ComparisonResult> compare(ShardedComparison comparison) {
      SparkSettings settings =
          SparkSettings.named("palimpsest moments").at(master).with(asked.settings);
      asked.common.logging().ifPresent(level -> settings.loggingFrom(level.getName()));
      try (JavaSparkContext spark = settings.start()) {
        return comparison.compare(spark, asked.models, asked.probes, asked.shards);
      }
    }
  }

  private ShardedComparison comparison() {
    if (shards < 1) {
      throw new ParameterException(
          command.commandLine(), "--shards must be at least 1, not %s.".formatted(shards));
    }
    ShardedComparison comparison = named().withLayers(layers).withFeatureMaps(FeatureMaps.of(maps));
    return inProcess ? comparison.inProcess() : comparison;
  }

  private ShardedComparison named() {
    try {
      return ShardedComparison.by(measures);
    } catch (PalimpsestException unusable) {
      throw new ParameterException(
          command.commandLine(), String.valueOf(unusable.getMessage()), unusable);
    }
  }

  /** What would fail after long work is told before Spark starts. */
  private void requireFiles() {
    InputFiles.require(probes);
    models.stream().filter(model -> !Files.isDirectory(model)).forEach(InputFiles::require);
    folders().forEach(into -> AtomicFile.create(into.resolve(CSV)).close());
  }

  private void write(ComparisonResult result, Path into) {
    TableFormat.CSV.write(result, into.resolve(CSV));
    TableFormat.JSON.write(result, into.resolve(JSON));
    command.commandLine().getOut().println(into.resolve(CSV));
  }
}
