package org.palimpsest.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.similarity.output.Predictions;

/** Scores of runs without a log, by masks of what the probes show. */
class ScoresByMasksTest {

  @TempDir private Path folder;

  private LaidRuns runs;
  private Path root;

  @BeforeEach
  void lay() throws IOException {
    runs = new LaidRuns(folder.resolve("runs"), 1);
    root = runs.root();
  }

  private Assessor assessor() {
    return runs.assessor();
  }

  private static Finding faster(Assessment assessment) {
    return assessment.findings().stream()
        .filter(finding -> finding.claim().key().equals("faster"))
        .findFirst()
        .orElseThrow();
  }

  /** What the table says of a run's mean score over its last steps. */
  private static String plateauOf(String run, Assessment assessment) {
    List<String> row =
        faster(assessment).tables().get(0).rows().stream()
            .filter(r -> r.get(0).equals(run))
            .findFirst()
            .orElseThrow();
    return row.get(row.size() - 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void scoresByMasksAreTheDiceThatOneComputesByHand(boolean withChannels) throws IOException {
    runs.addSteps(50, 75);
    INDArray masks = Nd4j.zeros(2, 1, 6, 6);
    for (int i = 0; i < 36; i += 2) {
      masks.putScalar(new int[] {i % 2, 0, i / 6, i % 6}, 1);
    }

    INDArray given = withChannels ? masks : masks.reshape(2, 6, 6);
    Assessment assessment = assessor().withMasks(Probes.of(given)).assess(folder.resolve("out"));

    double plateau = 0;
    for (int step : new int[] {50, 75, 100}) {
      plateau += diceByHand(runs.output("random/seed1", step), masks) / 3;
    }
    assertThat(plateauOf("random/seed1", assessment)).isEqualTo(Numbers.of(plateau));
  }

  /** Positions above 0 in the last layer against the mask, counted one by one. */
  private static double diceByHand(INDArray out, INDArray masks) {
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

  /** Three classes, given in three forms. */
  @ParameterizedTest
  @ValueSource(strings = {"numbers", "numbers without channels", "a channel for each class"})
  void ofSeveralClassesTheScoreIsTheMeanOverThem(String form) throws IOException {
    INDArray numbers = classes(3);
    INDArray masks =
        switch (form) {
          case "numbers" -> numbers;
          case "numbers without channels" -> numbers.reshape(2, 6, 6);
          default -> oneHot(numbers, 3);
        };
    LaidRuns ofThree = new LaidRuns(folder.resolve("classes"), 3);

    assertThat(ofThree.scores("transfer/seed2", masks, Predictions.Scale.LOGITS))
        .containsOnlyKeys(0L, 100L)
        .allSatisfy(
            (step, score) ->
                assertThat(score)
                    .isCloseTo(
                        diceByHand(ofThree.output("transfer/seed2", step), numbers, 3),
                        within(1e-12)));
  }

  /** (n, 1, h, w) of class numbers. */
  private static INDArray classes(int count) {
    INDArray numbers = Nd4j.zeros(2, 1, 6, 6);
    for (int i = 0; i < 72; i++) {
      numbers.putScalar(new int[] {i / 36, 0, i % 36 / 6, i % 6}, 5 * i % 11 % count);
    }
    return numbers;
  }

  private static INDArray oneHot(INDArray numbers, int classes) {
    INDArray all = Nd4j.zeros(2, classes, 6, 6);
    for (int i = 0; i < 72; i++) {
      int at = numbers.getInt(i / 36, 0, i % 36 / 6, i % 6);
      all.putScalar(new int[] {i / 36, at, i % 36 / 6, i % 6}, 1);
    }
    return all;
  }

  /** The most probable class of each position against its class, counted one by one. */
  private static double diceByHand(INDArray out, INDArray numbers, int classes) {
    long[] both = new long[classes];
    long[] sizes = new long[classes];
    for (int i = 0; i < 72; i++) {
      int most = 0;
      for (int c = 1; c < classes; c++) {
        double value = out.getDouble(i / 36, c, i % 36 / 6, i % 6);
        most = value > out.getDouble(i / 36, most, i % 36 / 6, i % 6) ? c : most;
      }
      int right = numbers.getInt(i / 36, 0, i % 36 / 6, i % 6);
      sizes[most]++;
      sizes[right]++;
      both[right] += most == right ? 1 : 0;
    }
    double sum = 0;
    int counted = 0;
    for (int c = 1; c < classes; c++) {
      sum += sizes[c] > 0 ? 2.0 * both[c] / sizes[c] : 0;
      counted += sizes[c] > 0 ? 1 : 0;
    }
    return sum / counted;
  }

  @Test
  void masksThatAreNotOfTheNetworksClassesAreRefused() throws IOException {
    LaidRuns ofThree = new LaidRuns(folder.resolve("classes"), 3);
    INDArray two = oneHot(classes(3), 3);
    two.putScalar(new int[] {1, 0, 2, 3}, 1);
    two.putScalar(new int[] {1, 1, 2, 3}, 1);

    refused(ofThree, classes(4), "0 to 2; one holds 3");
    refused(ofThree, two, "position 15 of mask 1 does not");
    refused(ofThree, Nd4j.zeros(2, 3, 6, 6), "position 0 of mask 0 does not");
    refused(ofThree, oneHot(classes(3), 3).mul(0.5), "position 0 of mask 0 does not");
    refused(ofThree, oneHot(classes(4), 4), "(n, 3, space) with a 1 in the channel");
  }

  private static void refused(LaidRuns runs, INDArray masks, String why) {
    assertThatThrownBy(() -> runs.notesOn(masks))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(why);
  }

  @Test
  void aClassOfTheNetworksThatNoMaskHasIsNamed() throws IOException {
    LaidRuns ofThree = new LaidRuns(folder.resolve("classes"), 3);

    assertThat(ofThree.notesOn(oneHot(classes(2), 3)))
        .singleElement()
        .asString()
        .contains("No position of the masks has the class 2, of the classes 0 to 2");
    assertThat(ofThree.notesOn(classes(3))).isEmpty();
  }

  /** Networks of logits, said to give probabilities. */
  @Test
  void logitsThatAreSaidToBeProbabilitiesAreRefused() throws IOException {
    LaidRuns ofThree = new LaidRuns(folder.resolve("classes"), 3);

    assertThatThrownBy(() -> ofThree.scores("source", classes(3), Predictions.Scale.PROBABILITIES))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("If these are logits, say 'logits'");
  }
}
