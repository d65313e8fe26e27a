package org.palimpsest.io.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.io.graph.GraphOptions;

class StudyFileTest {

  @TempDir private Path folder;

  private RunsFolder read(String json) throws IOException {
    return StudyFile.read(Files.writeString(folder.resolve("study.json"), json.replace('\'', '"')));
  }

  @Test
  void listedAndMatchingCheckpointsAreFound() throws IOException {
    Files.createDirectories(folder.resolve("r0"));
    for (String name : new String[] {"epoch_5.ckpt", "epoch_40.ckpt", "epoch_x.ckpt", "log.txt"}) {
      Files.writeString(folder.resolve("r0").resolve(name), "x");
    }
    Files.writeString(folder.resolve("log.json"), "[{\"step\": 5, \"dsc\": 0.25}]");

    RunsFolder runs =
        read(
            "{'probes': 'p.npy', 'source': {'checkpoints': [{'step': 9, 'file': 's.pt'}]}, 'runs':"
                + " [{'name': 'a', 'initialisation': 'random', 'seed': 3, 'files':"
                + " 'r0/epoch_{step}.ckpt', 'log': 'log.json'}, {'name': 'b', 'checkpoints':"
                + " [{'step': 7, 'file': '/else/b.pt', 'score': 1}]}]}");

    assertThat(runs.probes()).contains(folder.resolve("p.npy"));
    assertThat(runs.requireSource().name()).isEqualTo("source");
    TrainingRun a = runs.runs().get(0);
    assertThat(a.initialisation()).isEqualTo("random");
    assertThat(a.seed()).isEqualTo(OptionalLong.of(3));
    assertThat(a.checkpoints())
        .containsExactly(
            new Checkpoint(
                5, folder.resolve("r0/epoch_5.ckpt").toString(), OptionalDouble.of(0.25)),
            new Checkpoint(
                40, folder.resolve("r0/epoch_40.ckpt").toString(), OptionalDouble.empty()));
    TrainingRun b = runs.runs().get(1);
    assertThat(b.initialisation()).isEqualTo("b");
    assertThat(b.end()).isEqualTo(new Checkpoint(7, "/else/b.pt", OptionalDouble.of(1)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'runs': []}                                            | names no run",
        "[1]                                                     | JSON object",
        "{'runs': [                                              | is not JSON",
        "{'run': []}                                             | 'run'",
        "{'runs': [3]}                                           | run 1 should be a JSON object",
        "{'runs': [{'name': 'a'}]}                               | either",
        "{'runs': [{'files': 'x_{step}.pt'}]}                    | needs a \"name\"",
        "{'runs': [{'name': 'a', 'files': 'x.pt'}]}              | without {step}",
        "{'runs': [{'name': 'a', 'files': 'no/x_{step}.pt'}]}    | no folder",
        "{'runs': [{'name': 'a', 'files': 'x_{step}.pt'}]}       | finds no file",
        "{'runs': [{'name': 'a', 'checkpoints': [{'step': 1}]}]} | without \"step\" and \"file\"",
        "{'runs': [{'name': 'a', 'sead': 1, 'files': 'x'}]}      | Nearest: seed",
        "{'runs': [{'name': 'a', 'checkpoints': []}]}            | has no checkpoint"
      })
  void whatIsWrongIsSaid(String json, String part) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(part.replace('\'', '\''));
  }

  @Test
  void architecturesAndKeysAreSaidOfAllRunsOrOfOne() throws IOException {
    Files.createDirectories(folder.resolve("own"));
    Files.writeString(folder.resolve("own/architecture.json"), "{}");

    RunsFolder runs =
        read(
            "{'architecture': 'net.json', 'key': 'ema', 'runs': [{'name': 'a', 'checkpoints':"
                + " [{'step': 7, 'file': 'a.pth'}]}, {'name': 'b', 'architecture': 'b.json', 'key':"
                + " 'student.weights', 'checkpoints': [{'step': 7, 'file': 'b.pth'}]}]}");
    RunsFolder beside =
        read("{'runs': [{'name': 'a', 'checkpoints': [{'step': 7, 'file': 'own/a.pth'}]}]}");

    assertThat(said(runs, 0))
        .isEqualTo(GraphOptions.none().withArchitecture(folder.resolve("net.json")).withKey("ema"));
    assertThat(said(runs, 1))
        .isEqualTo(
            GraphOptions.none()
                .withArchitecture(folder.resolve("b.json"))
                .withKey("student.weights"));
    assertThat(said(beside, 0))
        .isEqualTo(GraphOptions.none().withArchitecture(folder.resolve("own/architecture.json")));
    assertThatThrownBy(
            () ->
                read(
                    "{'key': 3, 'runs': [{'name': 'a', 'checkpoints': [{'step': 7, 'file':"
                        + " 'a.pth'}]}]}"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("run 1 should say \"key\" as a text");
  }

  private static GraphOptions said(RunsFolder runs, int run) {
    return runs.options().of(runs.runs().get(run).end());
  }
}
