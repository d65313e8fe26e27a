package org.palimpsest.claims;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

class AssessorTest {

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
  void anIdentityIsNoBlock() throws IOException {
    String architecture = Files.readString(root.resolve("architecture.json"));
    Files.writeString(
        root.resolve("architecture.json"),
        architecture.replace(
            "{\"module\": \"dec2\"",
            "{\"module\": \"middle\", \"type\": \"Identity\"}, {\"module\": \"dec2\""));

    Assessment assessment = assessor().assess(folder.resolve("out"));

    assertThat(assessment.facts()).containsEntry("Blocks", String.join(", ", LaidRuns.BLOCKS));
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
