package org.palimpsest.spark;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.cli.StudyCluster;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.AtExit;

/**
 * Spark, for {@code track --spark}. Its own libraries are not in this jar: they come from
 * SPARK_HOME, whose {@code spark-submit} starts the command anew, as Java 17 must be started for
 * them.
 */
public final class SparkCluster implements StudyCluster {

  private static final String SOME_CLASS = "/org/apache/spark/api/java/JavaSparkContext.class";
  private static final String HOME = "SPARK_HOME";
  private static final Set<String> SIZES = Set.of("spark.driver.memory", "spark.executor.memory");
  private static final Map<String, String> FOR_SHORT =
      Map.of("spark.driver.memory", "2g", "spark.log.level", "WARN", "spark.ui.enabled", "false");

  /** Made by {@link java.util.ServiceLoader}. */
  public SparkCluster() {}

  @Override
  public List<Object> commands() {
    return List.of(new MomentsCommand());
  }

  @Override
  public boolean isHere() {
    return SparkCluster.class.getResource(SOME_CLASS) != null;
  }

  /**
   * What Spark's launcher would answer with a trace.
   *
   * @throws PalimpsestException if there can be no such master, or a size is none
   */
  private static void requireReadable(String master, List<String> settings) {
    if (!master.matches("local(-cluster)?(\\[.*\\])?|(spark|k8s)://.+|yarn")) {
      throw new PalimpsestException(
          "Spark knows no master '%s'. Say local[2], spark://HOST:7077, k8s://HOST or yarn."
              .formatted(master));
    }
    for (String setting : settings) {
      String name = SparkSettings.nameOf(setting);
      String value = setting.substring(name.length() + 1);
      if (SIZES.contains(name) && !value.matches("\\d+[kKmMgGtT]")) {
        throw SparkSettings.noSize(name, value);
      }
    }
  }

  @Override
  public int startAnew(
      String master, List<String> settings, List<String> arguments, PrintWriter out) {
    requireReadable(master, settings);
    List<String> command = new ArrayList<>();
    command.add(submit().toString());
    command.addAll(List.of("--master", master, "--class", PalimpsestSpark.class.getName()));
    FOR_SHORT.forEach((name, value) -> command.addAll(List.of("--conf", name + "=" + value)));
    settings.forEach(setting -> command.addAll(List.of("--conf", setting)));
    command.add(program().toString());
    command.addAll(arguments);
    ProcessBuilder process =
        new ProcessBuilder(command).inheritIO().redirectOutput(ProcessBuilder.Redirect.PIPE);
    SparkSettings.ONE_THREAD_EACH.forEach(process.environment()::putIfAbsent);
    try {
      Process submitted = process.start();
      try (AtExit orphan = AtExit.undo(submitted::destroy);
          Reader result = submitted.inputReader(StandardCharsets.UTF_8)) {
        result.transferTo(out);
        return submitted.waitFor();
      }
    } catch (IOException failure) {
      throw new PalimpsestException(
          "%s cannot be started: %s".formatted(command.get(0), failure.getMessage()), failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new PalimpsestException("The study was interrupted.", interrupted);
    }
  }

  private static Path submit() {
    String home = System.getenv(HOME);
    String name = File.separatorChar == '\\' ? "spark-submit.cmd" : "spark-submit";
    if (home == null || !Files.isRegularFile(Path.of(home, "bin", name))) {
      throw new PalimpsestException(
          "Spark 4 is needed: set SPARK_HOME to its folder (now: %s), in which bin/%s is. 'spark/cluster home DIR' makes one of Maven's artifacts."
              .formatted(home == null || home.isBlank() ? "not set" : home, name));
    }
    return Path.of(home, "bin", name);
  }

  /** The jar that this class is in. */
  private static Path program() {
    try {
      Path program =
          Path.of(SparkCluster.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isRegularFile(program)) {
        return program;
      }
      throw new PalimpsestException(
          "%s is no jar that Spark could send to executors. Use palimpsest-spark.jar."
              .formatted(program));
    } catch (URISyntaxException failure) {
      throw new PalimpsestException("Where this program lies is unknown.", failure);
    }
  }

  @Override
  public Session begin(Work work) {
    return StudySession.begin(work);
  }
}
