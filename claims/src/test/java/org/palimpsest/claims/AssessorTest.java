package org.palimpsest.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

class AssessorTest {

  private static final int CHANNELS = 3;
  private static final String[] BLOCKS = {"enc1", "enc2", "dec2", "dec1", "out"};

  @TempDir private Path folder;

  private final SplittableRandom random = new SplittableRandom(3);
  private Path root;
  private Probes probes;

  @BeforeEach
  void lay() throws IOException {
    root = Files.createDirectories(folder.resolve("runs"));
    List<String> steps = new ArrayList<>();
    for (String block : BLOCKS) {
      steps.add("{\"module\": \"%s\", \"type\": \"Conv2d\", \"padding\": 1}".formatted(block));
    }
    Files.writeString(
        root.resolve("architecture.json"),
        "{\"input\": {\"channels\": %d, \"axes\": 2}, \"steps\": [%s]}"
            .formatted(CHANNELS, String.join(",", steps)));
    double[][] source = weights(null, 0);
    state("source", 0, weights(null, 0));
    state("source", 100, source);
    for (int seed = 0; seed < 3; seed++) {
      double[][] start = weights(null, 0);
      state("random/seed" + seed, 0, start);
      state("random/seed" + seed, 100, weights(start, 0.1));
      state("transfer/seed" + seed, 0, source);
      state("transfer/seed" + seed, 100, weights(source, 0.1));
    }
    probes = Probes.of(Nd4j.createFromArray(normal(2 * CHANNELS * 36)).reshape(2, CHANNELS, 6, 6));
  }

  private double[] normal(int count) {
    double[] values = new double[count];
    Arrays.setAll(values, i -> random.nextGaussian());
    return values;
  }

  private double[][] weights(double @Nullable [][] near, double apart) {
    double[][] all = new double[BLOCKS.length][];
    for (int block = 0; block < BLOCKS.length; block++) {
      all[block] = normal((block == BLOCKS.length - 1 ? 1 : CHANNELS) * CHANNELS * 9);
      for (int i = 0; near != null && i < all[block].length; i++) {
        all[block][i] = near[block][i] + apart * all[block][i];
      }
    }
    return all;
  }

  private void state(String run, int step, double[][] weights) throws IOException {
    List<String> entries = new ArrayList<>();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (int block = 0; block < BLOCKS.length; block++) {
      ByteBuffer values =
          ByteBuffer.allocate(Float.BYTES * weights[block].length).order(ByteOrder.LITTLE_ENDIAN);
      for (double weight : weights[block]) {
        values.putFloat((float) weight);
      }
      entries.add(
          "\"%s.weight\":{\"dtype\":\"F32\",\"shape\":[%d,%d,3,3],\"data_offsets\":[%d,%d]}"
              .formatted(
                  BLOCKS[block],
                  weights[block].length / CHANNELS / 9,
                  CHANNELS,
                  data.size(),
                  data.size() + values.capacity()));
      data.write(values.array());
    }
    byte[] header = ("{" + String.join(",", entries) + "}").getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
    file.write(header);
    file.write(data.toByteArray());
    Path place = Files.createDirectories(root.resolve(run));
    Files.write(place.resolve("step_%04d.safetensors".formatted(step)), file.toByteArray());
  }

  private Assessor assessor() {
    return Assessor.of(RunsFolder.open(root)).withProbes(probes);
  }

  private static Finding of(Assessment assessment, String key) {
    return assessment.findings().stream()
        .filter(finding -> finding.claim().key().equals(key))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatNetworksShowIsJudgedAndWritten() {
    Assessment assessment = assessor().assess(folder.resolve("out"));

    Finding filters = of(assessment, "filters-change");
    assertThat(filters.verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(filters.deciding().get(0).value().orElseThrow())
        .isCloseTo(Math.toDegrees(Math.atan(0.1)), within(1.0));
    assertThat(of(assessment, "reuse-not-only-early").deciding()).isNotEmpty();
    assertThat(of(assessment, "other-representations").missing())
        .singleElement()
        .asString()
        .contains("three or more sources");
    assertThat(of(assessment, "other-representations").evidence().get(0).value().orElseThrow())
        .isGreaterThan(0.3);
    assertThat(of(assessment, "faster").missing()).isNotEmpty();
    assertThat(assessment.isComplete()).isTrue();
    Path picture = folder.resolve("out/pictures/filters-change.svg");
    assertThat(assessment.write(folder.resolve("out"))).contains(picture).allMatch(Files::exists);
    new Assessment(List.of(), List.of(), Map.of(), List.of(), List.of())
        .write(folder.resolve("out"));
    assertThat(picture).doesNotExist();
  }

  @Test
  void anAssessmentThatIsRepeatedRunsNothingAgain() {
    Assessment first = assessor().assess(folder.resolve("out"));
    List<String> tasks = new ArrayList<>();
    Progress heard =
        (task, steps) -> {
          tasks.add(task);
          return Progress.silent().begin(task, steps);
        };

    Assessment second = assessor().withProgress(heard, line -> {}).assess(folder.resolve("out"));

    assertThat(second).isEqualTo(first);
    assertThat(tasks).doesNotContain("Run networks");
  }

  @Test
  void runsWithoutALogAreScoredByMasks() {
    INDArray masks = Nd4j.zeros(2, 1, 6, 6);
    masks.putScalar(new int[] {0, 0, 1, 1}, 1);

    Assessment assessment = assessor().withMasks(Probes.of(masks)).assess(folder.resolve("out"));

    assertThat(of(assessment, "faster").missing()).isNotEmpty();
    assertThat(assessment.problems()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void scoresByMasksAreTheDiceThatOneComputesByHand(boolean withChannels) throws IOException {
    for (int seed = 0; seed < 3; seed++) {
      for (String arm : List.of("random", "transfer")) {
        state(arm + "/seed" + seed, 50, weights(null, 0));
        state(arm + "/seed" + seed, 75, weights(null, 0));
      }
    }
    INDArray masks = Nd4j.zeros(2, 1, 6, 6);
    for (int i = 0; i < 36; i += 2) {
      masks.putScalar(new int[] {i % 2, 0, i / 6, i % 6}, 1);
    }

    INDArray given = withChannels ? masks : masks.reshape(2, 6, 6);
    Assessment assessment = assessor().withMasks(Probes.of(given)).assess(folder.resolve("out"));

    Finding.Table table = of(assessment, "faster").tables().get(0);
    List<String> row =
        table.rows().stream()
            .filter(r -> r.get(0).equals("random/seed1"))
            .findFirst()
            .orElseThrow();
    double plateau = 0;
    for (int step : new int[] {50, 75, 100}) {
      plateau += diceByHand("random/seed1", step, masks) / 3;
    }
    assertThat(row.get(row.size() - 1)).isEqualTo(Numbers.of(plateau));
  }

  /** Positions above 0 in the last layer against the mask, counted one by one. */
  private double diceByHand(String run, int step, INDArray masks) {
    String file = root.resolve(run).resolve("step_%04d.safetensors".formatted(step)).toString();
    CheckpointFiles files = new CheckpointFiles().of(RunsFolder.open(root));
    try (ActivationSource network =
        files.open(new Checkpoint(step, file, OptionalDouble.empty()))) {
      INDArray out = network.capture(probes, LayerSelector.of("out")).get("out").values();
      int both = 0;
      int sizes = 0;
      for (long i = 0; i < out.length(); i++) {
        boolean found = out.ravel().getDouble(i) > 0;
        boolean right = masks.ravel().getDouble(i) > 0;
        both += found && right ? 1 : 0;
        sizes += (found ? 1 : 0) + (right ? 1 : 0);
      }
      return 2.0 * both / sizes;
    }
  }

  @Test
  void masksThatDoNotFitAreRefusedBeforeAnyNetworkIsCompared() {
    List<String> tasks = new ArrayList<>();
    Progress heard =
        (task, steps) -> {
          tasks.add(task);
          return Progress.silent().begin(task, steps);
        };
    Assessor smaller =
        assessor().withMasks(Probes.of(Nd4j.zeros(2, 1, 5, 6))).withProgress(heard, tasks::add);

    assertThatThrownBy(() -> smaller.assess(folder.resolve("b")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("[2, 1, 5, 6]")
        .hasMessageContaining("[2, 1, 6, 6]");
    assertThat(tasks).isEmpty();
  }

  @Test
  void masksOfBackgroundAloneAreRefusedBeforeAnyNetworkIsCompared() {
    List<String> tasks = new ArrayList<>();
    Assessor empty =
        assessor()
            .withMasks(Probes.of(Nd4j.zeros(2, 1, 6, 6)))
            .withProgress(Progress.silent(), tasks::add);

    assertThatThrownBy(() -> empty.assess(folder.resolve("a")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("[2, 1, 6, 6]")
        .hasMessageContaining("nothing but the background");
    assertThat(tasks).isEmpty();
  }

  @Test
  void aClassThatNoMaskHasIsTold() {
    Assessment whole =
        assessor().withMasks(Probes.of(Nd4j.ones(2, 1, 6, 6))).assess(folder.resolve("whole"));

    assertThat(String.join(" ", whole.notes()))
        .contains("No position of the masks has the class 0, of the classes 0 to 1");
  }

  @Test
  void masksThatAreNoClassNumbersAreRefused() {
    INDArray half = Nd4j.ones(2, 1, 6, 6);
    half.putScalar(new int[] {1, 0, 2, 2}, 0.5);
    INDArray undefined = Nd4j.ones(2, 1, 6, 6);
    undefined.putScalar(new int[] {1, 0, 2, 2}, Double.NaN);

    assertThatThrownBy(() -> assessor().withMasks(Probes.of(half)).assess(folder.resolve("a")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("one holds 0.5");
    assertThatThrownBy(() -> assessor().withMasks(Probes.of(undefined)).assess(folder.resolve("b")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("NaN");
    assertThatThrownBy(
            () ->
                assessor().withMasks(Probes.of(Nd4j.ones(2, 3, 6, 6))).assess(folder.resolve("c")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("the last layer 'output' gives the shape [2, 1, 6, 6]")
        .hasMessageContaining("masks are (n[, 1], space) of 0 and 1, with")
        .hasMessageNotContaining("or (n");
  }

  @Test
  void itIsSaidWhichRunsWereScoredByMasksAndWhichByLogs() throws IOException {
    Files.writeString(root.resolve("random/seed0/log.json"), "[{\"step\": 100, \"dsc\": 0.9}]");

    Assessment assessment =
        assessor().withMasks(Probes.of(Nd4j.ones(2, 1, 6, 6))).assess(folder.resolve("out"));

    assertThat(assessment.facts())
        .containsEntry("Scored by logs", "random/seed0")
        .hasEntrySatisfying(
            "Scored by masks of the probes", names -> assertThat(names).contains("random/seed1"));
    assertThat(String.join(" ", assessment.notes())).contains("Scores are of two kinds");
  }

  @Test
  void masksThatAreNotUsedAreTold() throws IOException {
    for (String run :
        List.of(
            "source",
            "random/seed0",
            "random/seed1",
            "random/seed2",
            "transfer/seed0",
            "transfer/seed1",
            "transfer/seed2")) {
      Files.writeString(root.resolve(run).resolve("log.json"), "[{\"step\": 100, \"dsc\": 0.5}]");
    }

    Assessment assessment =
        assessor().withMasks(Probes.of(Nd4j.zeros(2, 1, 6, 6))).assess(folder.resolve("out"));

    assertThat(String.join(" ", assessment.notes())).contains("masks are not used");
  }

  @Test
  void masksThatDoNotFitAreRefused() {
    Assessor fewer = assessor().withMasks(Probes.of(Nd4j.zeros(1, 1, 6, 6)));
    Assessor smaller = assessor().withMasks(Probes.of(Nd4j.zeros(2, 1, 5, 6)));
    Assessor alone =
        Assessor.of(RunsFolder.open(root)).withMasks(Probes.of(Nd4j.zeros(2, 1, 6, 6)));

    assertThatThrownBy(() -> fewer.assess(folder.resolve("a")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("1 masks")
        .hasMessageContaining("2 probes");
    assertThatThrownBy(() -> smaller.assess(folder.resolve("b")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("[2, 1, 5, 6]");
    assertThatThrownBy(() -> alone.assess(folder.resolve("c")))
        .isInstanceOf(PalimpsestException.class);
  }

  @Test
  void anIdentityIsNoBlock() throws IOException {
    String architecture = Files.readString(root.resolve("architecture.json"));
    Files.writeString(
        root.resolve("architecture.json"),
        architecture.replace(
            "{\"module\": \"dec2\"",
            "{\"module\": \"middle\", \"type\": \"Identity\"}, {\"module\": \"dec2\""));

    Assessment assessment = assessor().assess(folder.resolve("out"));

    assertThat(assessment.facts()).containsEntry("Blocks", String.join(", ", BLOCKS));
    assertThat(String.join(" ", assessment.notes())).contains("middle is left out", "enc2");
  }

  @Test
  void aSourceThatIsNotThereIsNamed() throws IOException {
    Files.writeString(root.resolve("transfer/seed0/run.json"), "{\"source\": \"brains\"}");

    assertThatThrownBy(() -> assessor().assess(folder.resolve("out")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("transfer/seed0")
        .hasMessageContaining("brains");
  }

  @Test
  void withoutProbesWeightsAndScoresAreJudged() {
    Assessment assessment = Assessor.of(RunsFolder.open(root)).assess(folder.resolve("out"));

    assertThat(of(assessment, "filters-change").verdict()).isEqualTo(Verdict.HOLDS);
    assertThat(of(assessment, "other-representations").missing()).isNotEmpty();
  }
}
