package org.palimpsest.spark;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.spark.PalimpsestSpark.SparkCluster;

class SparkSettingsTest {

  private static final String MASTER = "spark.master";

  @AfterEach
  void forgetMaster() {
    System.clearProperty(MASTER);
  }

  private static void requireRefused(ThrowingCallable start, String... reasons) {
    assertThatThrownBy(start)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(reasons);
  }

  @ParameterizedTest
  @ValueSource(strings = {"spark.driver.memory", "spark.executor.memory"})
  void whatIsNoSizeIsNamed(String setting) {
    SparkSettings settings =
        SparkSettings.named("test").at("local[1]").with(List.of(setting + "=banana"));
    requireRefused(settings::start, setting, "'banana'", "4g");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "local[two]", "spark:/host:7077", "yarn", ""})
  void aMasterThatSparkDoesNotKnowIsNamed(String master) {
    requireRefused(SparkSettings.named("test").at(master)::start, "does not start at " + master);
  }

  @Test
  void aSettingThatSparkRefusesIsTold() {
    SparkSettings settings =
        SparkSettings.named("test").at("local[1]").with(List.of("spark.executor.memory=1m"));
    requireRefused(settings::start, "does not start at local[1]", "memory");
  }

  /** Spark's launcher, which reads them first, would answer with a trace. */
  @Test
  void soAreThoseThatTheLauncherReads() {
    SparkCluster cluster = new SparkCluster();
    requireRefused(() -> start(cluster, "nonsense", List.of()), "'nonsense'");
    requireRefused(() -> start(cluster, "local[2]", List.of("x")), "NAME=VALUE");
    requireRefused(
        () -> start(cluster, "local[2]", List.of("spark.driver.memory=banana")),
        "spark.driver.memory",
        "'banana'");
  }

  private static void start(SparkCluster cluster, String master, List<String> settings) {
    cluster.startAnew(master, settings, List.of(), new PrintWriter(Writer.nullWriter()));
  }

  @Test
  void whatIsNoSettingIsRefused() {
    requireRefused(() -> SparkSettings.named("test").with(List.of("=4g")), "NAME=VALUE", "'=4g'");
  }

  @Test
  void twoMastersAreOneTooMany() {
    System.setProperty(MASTER, "local[1]");
    requireRefused(() -> SparkSettings.named("test").at("local[2]"), "local[1]", "local[2]");
  }
}
