package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.palimpsest.cli.internal.StudyCluster;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.evolution.StudyWorkers;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Where the work of a study is done. */
final class ClusterOptions {

  static final String SPARK = "--spark";

  @Option(
      names = SPARK,
      paramLabel = "MASTER",
      description =
          "Have networks run and pairs compared by Spark: local[2] for two tasks at once on this"
              + " machine, spark://HOST:7077 for a cluster (docs/scale.md). Needs the jar of the"
              + " module spark, and SPARK_HOME.")
  private @Nullable String master;

  @Option(
      names = "--spark-conf",
      paramLabel = "NAME=VALUE",
      description =
          "With --spark: a setting of Spark, such as spark.executor.memory=4g. May be given several"
              + " times.")
  private List<String> settings = List.of();

  @Option(
      names = "--shared",
      paramLabel = "URI",
      description =
          "With --spark: a folder that all machines see, for prepared layers; any that Hadoop's"
              + " file systems know. (default: one in the folder of -o)")
  private @Nullable String shared;

  /** Those who do the work, if it is not to be done here. */
  static final class Elsewhere implements AutoCloseable {

    private final Optional<StudyCluster.Session> session;

    private Elsewhere(Optional<StudyCluster.Session> session) {
      this.session = session;
    }

    Optional<Function<Study, StudyWorkers>> workers() {
      return session.map(cluster -> cluster::workers);
    }

    void finish() {
      session.ifPresent(StudyCluster.Session::finish);
    }

    @Override
    public void close() {
      session.ifPresent(StudyCluster.Session::close);
    }
  }

  /** Runs the command in another process where this one lacks what the cluster needs. */
  Optional<Integer> startedAnew(CommandSpec command) {
    String where = master;
    if (where == null) {
      requireNothingSaid(command);
      return Optional.empty();
    }
    requireValues(command);
    StudyCluster cluster = cluster();
    return cluster.isHere()
        ? Optional.empty()
        : Optional.of(
            cluster.startAnew(where, settings, arguments(command), command.commandLine().getOut()));
  }

  private void requireNothingSaid(CommandSpec command) {
    if (!settings.isEmpty() || shared != null) {
      throw new ParameterException(
          command.commandLine(),
          "--spark-conf and --shared say something of --spark: give it too.");
    }
  }

  private void requireValues(CommandSpec command) {
    if (shared != null && shared.isBlank()) {
      throw new ParameterException(command.commandLine(), "--shared names a folder.");
    }
    for (String setting : settings) {
      if (setting.indexOf('=') < 1) {
        throw new ParameterException(
            command.commandLine(),
            "--spark-conf takes NAME=VALUE, such as spark.executor.memory=4g, not '%s'."
                .formatted(setting));
      }
    }
  }

  private static List<String> arguments(CommandSpec command) {
    return command.root().commandLine().getParseResult().originalArgs();
  }

  private static StudyCluster cluster() {
    return ServiceLoader.load(StudyCluster.class)
        .findFirst()
        .orElseThrow(
            () ->
                new PalimpsestException(
                    "This program was built without Spark. Build the module spark (mvn -Pspark"
                        + " -Dmaven.test.skip=true package) and use"
                        + " spark/target/palimpsest-spark.jar in its place; docs/scale.md tells"
                        + " more."));
  }

  /** Those who do the work of a study. */
  Elsewhere of(AskedStudy asked, Path folder, ModelOptions models, PrintWriter err) {
    String where = master;
    if (where == null) {
      return new Elsewhere(Optional.empty());
    }
    if (models.limitMemory()) {
      throw new PalimpsestException(
          "--max-memory bounds this process alone: with --spark give --spark-conf"
              + " spark.executor.memory=….");
    }
    StudyCluster.Work work =
        new StudyCluster.Work(
            where,
            settings,
            Optional.ofNullable(shared),
            folder,
            asked.study(),
            asked.intervals(),
            asked.weights().stream().map(WeightComparison::name).toList(),
            asked.runs().options()::of,
            models.runsInProcess(),
            note -> err.println("note: " + note));
    return new Elsewhere(Optional.of(cluster().begin(work)));
  }
}
