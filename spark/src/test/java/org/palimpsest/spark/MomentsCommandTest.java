package org.palimpsest.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.spark.SampleRuns.Outcome;

/** {@code moments} has the manners of the other commands. */
class MomentsCommandTest {

  private static final String MASTER = "spark.master";
  private static final int FAILED = 1;
  private static final int WRONG_USE = 2;

  @TempDir private Path folder;

  /** Whatever starts Spark fails, unless a test says otherwise. */
  @BeforeEach
  void leaveSparkNowhere() {
    System.setProperty(MASTER, "nowhere");
  }

  @AfterEach
  void forgetMaster() {
    System.clearProperty(MASTER);
  }

  private static Outcome moments(Path a, Path b, Path probes, Path into, String... more) {
    List<Object> arguments =
        new ArrayList<>(List.of("moments", a, b, "--probes", probes, "-o", into, "--in-process"));
    arguments.addAll(Arrays.asList(more));
    return Outcome.of(arguments.toArray());
  }

  private Outcome moments(String... more) {
    return moments(
        SampleRuns.MODEL_A, SampleRuns.MODEL_B, SampleRuns.PROBES, folder.resolve("out"), more);
  }

  private void requireRefused(Outcome outcome, int code, String reason) {
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(code);
    assertThat(outcome.err().strip().lines()).hasSize(1);
    assertThat(outcome.err()).startsWith("palimpsest: ").contains(reason);
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void whatItReadsIsNotReplaced() throws IOException {
    Path model = Files.copy(SampleRuns.MODEL_A, folder.resolve("scores.json"));
    Path probes = Files.copy(SampleRuns.PROBES, folder.resolve("scores.csv"));

    requireRefused(
        moments(model, SampleRuns.MODEL_B, SampleRuns.PROBES, folder),
        WRONG_USE,
        "scores.json is read by this command");
    requireRefused(
        moments(SampleRuns.MODEL_A, SampleRuns.MODEL_B, probes, folder),
        WRONG_USE,
        "scores.csv is read by this command");
    assertThat(model).hasSameBinaryContentAs(SampleRuns.MODEL_A);
    assertThat(probes).hasSameBinaryContentAs(SampleRuns.PROBES);
  }

  @Test
  void norInTheFolderOfAPair() throws IOException {
    Path pair = Files.createDirectories(folder.resolve("2-3"));
    Path model = Files.copy(SampleRuns.MODEL_A, pair.resolve("scores.csv"));

    requireRefused(
        Outcome.of(
            "moments",
            SampleRuns.MODEL_A,
            SampleRuns.MODEL_B,
            model,
            "--probes",
            SampleRuns.PROBES,
            "-o",
            folder),
        WRONG_USE,
        "scores.csv is read by this command");
    assertThat(model).hasSameBinaryContentAs(SampleRuns.MODEL_A);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--measure=nonsense", "--measure=rbf_cka", "--shards=0", "--plugins=nowhere"})
  void wrongUseIsToldBeforeSparkStarts(String option) {
    String value = option.substring(option.indexOf('=') + 1);
    requireRefused(moments(option), WRONG_USE, value);
  }

  @Test
  void filesThatAreNotThereAreToldBeforeSparkStarts() {
    Path absent = folder.resolve("absent");
    Path out = folder.resolve("out");
    requireRefused(
        moments(absent, SampleRuns.MODEL_B, SampleRuns.PROBES, out), FAILED, "does not exist");
    requireRefused(
        moments(SampleRuns.MODEL_A, SampleRuns.MODEL_B, absent, out), FAILED, "does not exist");
  }

  @Test
  void itHasTheOptionsOfEveryCommand() {
    Outcome help = Outcome.of("moments", "--help");

    assertThat(help.code()).as(help.err()).isZero();
    assertThat(help.out()).contains("palimpsest moments", "--plugins", "--debug", "--verbose");
    assertThat(Outcome.of("moments", "--version").out()).startsWith("palimpsest");
    assertThat(Outcome.of("--help").out()).contains("moments", "compare", "track");
    assertThat(moments("--shards=0", "--debug").err()).contains("ParameterException", "\tat ");
  }

  @Test
  void scoresAreInTheOrderAndUnderTheWordsOfCompare() throws IOException {
    System.setProperty(MASTER, "local[2]");
    String[] asked = {
      "--measure",
      "linear_cka",
      "--measure",
      "svcca:0.90",
      "--measure",
      "debiased_linear_cka",
      "--measure",
      "cca_mean",
      "--measure",
      "linear_cka"
    };
    List<Object> compare =
        new ArrayList<>(
            List.of(
                "compare", SampleRuns.MODEL_A, SampleRuns.MODEL_B, "--probes", SampleRuns.PROBES));
    compare.addAll(Arrays.asList(asked));
    compare.addAll(List.of("-o", folder.resolve("compare"), "--in-process"));
    assertThat(Outcome.of(compare.toArray()).code()).isZero();

    Outcome outcome = moments(asked);

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(keys(folder.resolve("out"))).isEqualTo(keys(folder.resolve("compare")));
  }

  /** Layers and measure of each row. */
  private static List<List<String>> keys(Path into) throws IOException {
    return Files.readAllLines(into.resolve("scores.csv")).stream()
        .map(line -> List.of(line.split(",")).subList(0, 3))
        .toList();
  }

  @Test
  void whatFailsOnAnExecutorIsOneLine() throws IOException {
    System.setProperty(MASTER, "local[2]");
    byte[] whole = Files.readAllBytes(SampleRuns.MODEL_A);
    Path half = Files.write(folder.resolve("half.pt"), Arrays.copyOf(whole, whole.length / 2));

    Outcome outcome = moments(half, SampleRuns.MODEL_B, SampleRuns.PROBES, folder.resolve("out"));

    requireRefused(outcome, FAILED, "half.pt");
    assertThat(outcome.err()).doesNotContain("stage", "Task");
  }

  /**
   * The command line reads it by reflection where Spark is not, to tell of it and start it anew.
   */
  @Test
  void theCommandIsReadWithoutSpark() {
    List<Class<?>> shown = new ArrayList<>();
    for (Method method : MomentsCommand.class.getDeclaredMethods()) {
      shown.add(method.getReturnType());
      shown.addAll(List.of(method.getParameterTypes()));
    }
    for (Field field : MomentsCommand.class.getDeclaredFields()) {
      shown.add(field.getType());
    }
    assertThat(shown)
        .extracting(Class::getName)
        .noneMatch(name -> name.startsWith("org.apache.spark"));
  }
}
