package org.palimpsest.io.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.runs.RunsFolder.RunFacts;

class RunRoleTest {

  @TempDir private Path folder;

  private RunFacts facts(String run) {
    RunsFolder runs = RunsFolder.open(folder);
    return runs.facts(
        runs.runs().stream().filter(one -> one.name().equals(run)).findFirst().orElseThrow());
  }

  private void lay(String run, String json) throws IOException {
    Path place = Files.createDirectories(folder.resolve(run));
    Files.writeString(place.resolve("step_0100.pth"), "x");
    if (!json.isEmpty()) {
      Files.writeString(place.resolve("run.json"), json.replace('\'', '"'));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "random, true, false, false, false, ''",
    "transfer, false, true, false, false, ''",
    "frozen_encoder, false, false, true, false, ''",
    "frozen_decoder, false, false, false, false, ''",
    "floor, false, false, false, true, ''",
    "transfer_hard_few, false, true, false, false, hard few",
    "random_easy_many, true, false, false, false, easy many",
    "somethingelse, false, false, false, false, ''"
  })
  void foldersSayWhatTheirRunsAre(
      String name, boolean random, boolean transfer, boolean frozen, boolean floor, String cell)
      throws IOException {
    lay(name + "/seed0", "");

    RunRole role = facts(name + "/seed0").role();

    assertThat(role.isRandom()).isEqualTo(random);
    assertThat(role.isTransferred()).isEqualTo(transfer);
    assertThat(role.isFrozenRandomEncoder()).isEqualTo(frozen);
    assertThat(role.floor()).isEqualTo(floor);
    assertThat((role.difficulty().orElse("") + " " + role.images().orElse("")).strip())
        .isEqualTo(cell);
  }

  @Test
  void aFileBesideTheCheckpointsSaysMoreThanTheFolder() throws IOException {
    lay(
        "transfer/seed0",
        "{'source': 'sources/a', 'task': 'vessels', 'images': 12, 'difficulty': 'hard', 'pair': '0'}");
    lay("random/seed0", "{'start': 'random:A'}");
    lay("random/seed1", "{'longer': true}");

    RunRole role = facts("transfer/seed0").role();
    RunRole longer = facts("random/seed1").role();

    assertThat(role.isTransferred()).isTrue();
    assertThat(role.source()).contains("sources/a");
    assertThat(role.images()).contains("12");
    assertThat(role.pair()).contains("0");
    assertThat(facts("random/seed0").role().sharedStart()).contains("A");
    assertThat(longer.isRandom()).isFalse();
    assertThat(longer.isRandomTrainedLonger()).isTrue();
  }

  @Test
  void scoresOfStepsWithoutACheckpointAreKept() throws IOException {
    lay("random/seed0", "");
    Files.writeString(
        folder.resolve("random/seed0/log.json"),
        "[{\"step\": 10, \"dsc\": 0.25}, {\"step\": 100, \"dsc\": 0.5}]");

    assertThat(facts("random/seed0").scores()).isEqualTo(Map.of(10L, 0.25, 100L, 0.5));
  }

  @Test
  void runsOfAStudyFileSayItInTheirFields() throws IOException {
    Path study =
        Files.writeString(
            folder.resolve("study.json"),
            "{'runs': [{'name': 'a', 'start': 'random', 'floor': true, 'checkpoints': [{'step': 3, 'file': 'a.pt', 'score': 0.5}]}]}"
                .replace('\'', '"'));

    RunsFolder runs = RunsFolder.open(study);

    assertThat(runs.facts(runs.runs().get(0)).role().floor()).isTrue();
    assertThat(runs.facts(runs.runs().get(0)).scores()).isEqualTo(Map.of(3L, 0.5));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'difficulty': 'medium'}",
        "{'frozen': 'all'}",
        "{'images': 'some'}",
        "{'images': 0}",
        "{'floor': 'yes'}",
        "{'start': 3}",
        "{'strat': 'random'}",
        "[]",
        "{'start': 'random'"
      })
  void whatItCannotMeanIsRefused(String json) throws IOException {
    lay("random/seed0", json);

    assertThatThrownBy(() -> RunsFolder.open(folder))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("run.json");
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    RunRole role =
        new RunRole(
            Optional.of("source"),
            Optional.of("sources/a"),
            Optional.of("encoder"),
            Optional.of("vessels"),
            Optional.of("hard"),
            Optional.of("few"),
            true,
            false,
            Optional.of("3"));
    lay("sources/a", "");
    lay("any/seed0", role.toJson());
    lay("none/seed0", RunRole.unknown().toJson());

    assertThat(facts("any/seed0").role()).isEqualTo(role);
    assertThat(facts("none/seed0").role()).isEqualTo(RunRole.unknown());
  }

  @ParameterizedTest
  @ValueSource(strings = {"run.json", "log.json"})
  @DisabledOnOs(OS.WINDOWS)
  @Timeout(60)
  void aNamedPipeBesideCheckpointsIsNotWaitedFor(String name) throws Exception {
    lay("random", "");
    Path pipe = folder.resolve("random").resolve(name);
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertThatThrownBy(() -> RunsFolder.open(folder))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(name + " is not a regular file");
  }
}
