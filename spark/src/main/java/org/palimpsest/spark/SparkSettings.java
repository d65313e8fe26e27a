package org.palimpsest.spark;

import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.palimpsest.core.PalimpsestException;

/**
 * What is asked of Spark: by whoever started this process, by options, and else by this library.
 */
final class SparkSettings {

  /** A task is the unit: more tasks at once, not more threads for each. */
  static final Map<String, String> ONE_THREAD_EACH =
      Map.of(
          "OMP_NUM_THREADS", "1",
          "OPENBLAS_NUM_THREADS", "1",
          "MKL_NUM_THREADS", "1",
          "OMP_WAIT_POLICY", "PASSIVE");

  private static final String MASTER = "spark.master";
  private static final String EXECUTOR_MEMORY = "spark.executor.memory";
  private static final String DRIVER_MEMORY = "spark.driver.memory";
  private static final String MOST_FAILURES = "spark.task.maxFailures";
  private static final long MEGABYTE = 1L << 20;

  /**
   * A machine that lacks what a task needs fails faster than others work, so that it would be given
   * the same task again and again.
   */
  private static final Map<String, String> TO_ANOTHER_EXECUTOR =
      Map.of(
          "spark.excludeOnFailure.taskAndStage.enabled", "true",
          "spark.excludeOnFailure.task.maxTaskAttemptsPerNode", "3",
          "spark.scheduler.excludeOnFailure.unschedulableTaskSetTimeout", "10s");

  private final SparkConf settings;

  private SparkSettings(String name) {
    this.settings = new SparkConf().setAppName(name);
  }

  /** Those of this process, under a name for the application. */
  static SparkSettings named(String name) {
    return new SparkSettings(name);
  }

  /**
   * With a master.
   *
   * @throws PalimpsestException if who started this process named another
   */
  SparkSettings at(String master) {
    String before = settings.get(MASTER, master);
    if (!before.equals(master)) {
      throw new PalimpsestException(
          "Spark was started for the master %s, and --spark says %s. Name one of them."
              .formatted(before, master));
    }
    settings.setMaster(master);
    return this;
  }

  /**
   * With what options say.
   *
   * @param said each as {@code name=value}
   */
  SparkSettings with(List<String> said) {
    for (String setting : said) {
      String name = nameOf(setting);
      settings.set(name, setting.substring(name.length() + 1));
    }
    return this;
  }

  /**
   * What a setting is of.
   *
   * @throws PalimpsestException if it is not {@code name=value}
   */
  static String nameOf(String setting) {
    int equals = setting.indexOf('=');
    if (equals < 1) {
      throw new PalimpsestException(
          "A setting of Spark is NAME=VALUE, such as spark.executor.memory=4g, not '%s'."
              .formatted(setting));
    }
    return setting.substring(0, equals);
  }

  /** With a level from which on Spark logs, unless it is set. */
  SparkSettings loggingFrom(String level) {
    settings.setIfMissing("spark.log.level", level);
    return this;
  }

  /**
   * Starts Spark, with what this library wants of it where nothing else was said.
   *
   * @throws PalimpsestException if it does not start
   */
  JavaSparkContext start() {
    settings.setIfMissing("spark.ui.enabled", "false");
    ONE_THREAD_EACH.forEach(
        (name, value) -> settings.setIfMissing("spark.executorEnv." + name, value));
    boolean isOneProcess = settings.get(MASTER, "").matches("local(\\[.*)?");
    if (!isOneProcess && !settings.contains(MOST_FAILURES)) {
      TO_ANOTHER_EXECUTOR.forEach(settings::setIfMissing);
    }
    memory(settings, DRIVER_MEMORY);
    settings.setIfMissing(
        "spark.executor.extraJavaOptions",
        "-XX:ActiveProcessorCount=1 -Dorg.bytedeco.javacpp.maxbytes=%s"
            .formatted(memory(settings, EXECUTOR_MEMORY)));
    try {
      return new JavaSparkContext(settings);
    } catch (Exception failure) { // what Scala throws is not declared
      String reason = String.valueOf(failure.getMessage()).strip();
      throw new PalimpsestException(
          "Spark does not start at %s: %s%s Check the master and the settings of Spark."
              .formatted(
                  settings.get(MASTER, "no master"), reason, reason.endsWith(".") ? "" : "."),
          failure);
    }
  }

  /** The bytes that an executor may take; where the driver does the work, it. */
  static long memory(JavaSparkContext spark) {
    return memory(spark.getConf(), spark.isLocal() ? DRIVER_MEMORY : EXECUTOR_MEMORY);
  }

  /** What has no unit is meant in megabytes. */
  private static long memory(SparkConf settings, String name) {
    try {
      return settings.getSizeAsMb(name, "1g") * MEGABYTE;
    } catch (NumberFormatException unclear) {
      throw noSize(name, settings.get(name, ""));
    }
  }

  static PalimpsestException noSize(String name, String value) {
    return new PalimpsestException(
        "%s is '%s', which is no size. Say it as 1500m or 4g.".formatted(name, value));
  }
}
