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
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.io.network.NetworkOptions;

class StudyFileTest {

  @TempDir private Path folder;

  private RunsFolder read(String json) throws IOException {
    return RunsFolder.open(
        Files.writeString(folder.resolve("study.json"), json.replace('\'', '"')));
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
        "{'runs': [                                              | ends too early, in line 1",
        "{'run': []}                                             | 'run'",
        "{'runs': [3]}                                           | run 1 should be a JSON object",
        "{'runs': [{'name': 'a'}]}                               | either",
        "{'runs': [{'files': 'x_{step}.pt'}]}                    | needs a \"name\"",
        "{'runs': [{'name': 'a', 'files': 'x.pt'}]}              | without {step}",
        "{'runs': [{'name': 'a', 'files': 'no/x_{step}.pt'}]}    | no folder",
        "{'runs': [{'name': 'a', 'files': 'x_{step}.pt'}]}       | finds no file",
        "{'runs': [{'name': 'a', 'checkpoints': [{'step': 1}]}]} | without \"step\" and \"file\"",
        "{'runs': [{'name': 'a', 'checkpoints': [{'step': 0.5, 'file': 'b'}]}]} | \"step\" is not a whole number",
        "{'runs': [{'name': 'a', 'checkpoints': [{'step': 9223372036854775808, 'file': 'b'}]}]} | from 0 to",
        "{'runs': [{'name': 'a', 'checkpoints': [{'step': -5, 'file': 'b'}]}]} | from 0 to",
        "{'runs': [{'name': 'a', 'sead': 1, 'files': 'x'}]}      | Nearest: seed",
        "{'runs': [{'name': 'a', 'checkpoints': []}]}            | has no checkpoint",
        "{'runs': {'name': 'a'}}                                 | a list as \"runs\"",
        "{'probes': 5, 'runs': []}                               | a text as \"probes\"",
        "{'runs': [{'name': 5, 'checkpoints': []}]}              | say \"name\" as a text",
        "{'runs': [{'name': 'a', 'checkpoints': {}}]}            | should list its \"checkpoints\"",
        "{'runs': [{'name': 'a', 'files': 5}]}                   | say \"files\" as a text",
        "{'runs': [{'name': 'a', 'seed': '1', 'checkpoints': [{'step': 1, 'file': 'a'}]}]} | \"seed\"",
        "{'runs': [{'name': 'a', 'seed': 1.5, 'checkpoints': [{'step': 1, 'file': 'a'}]}]} | \"seed\"",
        "{'runs': [{'name': 'a', 'seed': 1180591620717411303424, 'checkpoints': [{'step': 1, 'file': 'a'}]}]} | 64 bits",
        "{'runs': [{'name': 'a', 'log': null, 'checkpoints': []}]} | say \"log\" as a text",
        "{'runs': [{'name': 'a', 'log': 'no.json', 'checkpoints': []}]} | no.json does not exist",
        "{'probes': ' ', 'runs': []}                             | a text as \"probes\"",
        "{'runs': [{'name': ' ', 'checkpoints': []}]}            | say \"name\" as a text",
        "{'runs': [{'name': 'a', 'checkpoints': [{'step': 1, 'file': ''}]}]} | say \"file\" as a text",
        "{'probes': 'a\\u0000', 'runs': [{'name': 'a', 'checkpoints': [{'step': 1, 'file': 'b'}]}]} | names the file 'a\\u0000', as none can be called",
        "{'runs': [{'name': 'a', 'checkpoints': [{'step': 1, 'file': 'a\\u0000'}]}]} | names the file 'a\\u0000', as none",
        "{'runs': [{'name': 'a', 'files': 'a\\u0000{step}'}]}     | names the file 'a\\u0000{step}', as none",
        "{'runs': [{'name': 'a', 'log': 'a\\u0000', 'checkpoints': []}]} | names the file 'a\\u0000', as none",
        "{'runs': [{'name': 'a', 'files': 'x_{step}.pt', 'checkpoints': []}]} | either",
        "{'runs': [{'name': 'a', 'initialisation': 3, 'checkpoints': [{'step': 1, 'file': 'b'}]}]} | say \"initialisation\" as a text",
        "{'runs': [{'name': 'a', 'checkpoints': [{'step': 1, 'file': 'b', 'score': '1'}]}]} | \"score\" is not a finite number",
        "{'runs': [{'name': 'a', 'checkpoints': [{'step': 1, 'file': 'b', 'score': null}]}]} | \"score\" is not a finite number",
        "{'runs': [{'name': 'a', 'checkpoints': [{'step': 1, 'file': 'b', 'score': 1e999}]}]} | \"score\" is not a finite number",
        "{'runs': [{'name': 'a', 'checkpoints': [{'step': 1, 'file': 'b', 'scor': 1}]}]} | 'scor', which means nothing. Nearest: score",
        "{'runs': [{'name': 'a', 'checkpoints': [3]}]} | run 1 should be a JSON object, unlike: 3",
        "{'runs': [{'name': 'a', 'checkpoints': [{'step': 1, 'file': 'b'}, {'step': 1, 'file': 'c'}]}]} | step 1",
        "{'runs': [{'name': 'a', 'checkpoints': [{'step': 1, 'file': 'b'}]}, {'name': 'a', 'checkpoints': [{'step': 1, 'file': 'c'}]}]} | are called 'a'",
        "{'source': {'checkpoints': [{'step': 1, 'file': 'b'}]}, 'runs': [{'name': 'source', 'checkpoints': [{'step': 1, 'file': 'c'}]}]} | are called 'source'",
        "{'runs': [{'name': 'a', 'name': 'b', 'checkpoints': []}]} | it says 'name' twice",
        "{'runs': []} {'runs': []}                               | something follows its end",
        "{'source': 3, 'runs': []}                               | the source should be a JSON object",
        "{'source': {'checkpoints': []}, 'runs': []}             | has no checkpoint",
        "{'source': {'files': 'no/x_{step}'}, 'runs': []}        | the source has its files in",
        "{'runs': [{'name': 'a', 'floor': 'yes', 'checkpoints': [{'step': 1, 'file': 'b'}]}]} | \"floor\" as",
        "{'runs': [{'name': 'a', 'images': -1, 'checkpoints': [{'step': 1, 'file': 'b'}]}]} | \"images\" as",
        "{'runs': [{'name': 'a', 'frozen': 'half', 'checkpoints': [{'step': 1, 'file': 'b'}]}]} | \"frozen\" as",
        "{'architecture': 'a\\u0000', 'runs': [{'name': 'a', 'checkpoints': [{'step': 1, 'file': 'b'}]}]} | names the file 'a\\u0000', as none"
      })
  void whatIsWrongIsSaid(String json, String part) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(part.replace('\'', '\''));
  }

  @Test
  void whatEditorsOfWindowsWriteIsRead() throws IOException {
    String study = "{'runs': [{'name': 'a', 'checkpoints': [{'step': 1, 'file': 'a.pt'}]}]}";
    assertThat(read("\uFEFF" + study.replace("}", "}\r\n")).runs()).isEqualTo(read(study).runs());
  }

  @Test
  void aLogHasTheScoresOfListedCheckpointsToo() throws IOException {
    Files.writeString(
        folder.resolve("log.json"), "[{\"step\": 5, \"dsc\": 0.25}, {\"step\": 7, \"dsc\": 0.5}]");
    String run =
        "{'runs': [{'name': 'a', 'log': 'log.json', 'checkpoints': [{'step': 5, 'file': 'a.pt'},"
            + " {'step': 7, 'file': 'b.pt', 'score': SCORE}]}]}";
    assertThat(read(run.replace("SCORE", "0.5")).runs().get(0).checkpoints())
        .extracting(Checkpoint::score)
        .containsExactly(OptionalDouble.of(0.25), OptionalDouble.of(0.5));
    assertThatThrownBy(() -> read(run.replace("SCORE", "0.6")))
        .hasMessageContaining("\"score\" is 0.5 in its log");
    Files.writeString(
        folder.resolve("log.json"), "[{\"step\": 5, \"dsc\": 0.25}, {\"step\": 5, \"dsc\": 0.5}]");
    assertThatThrownBy(() -> read(run.replace("SCORE", "0.5")))
        .hasMessageContaining("two scores of step 5");
    Files.writeString(folder.resolve("log.json"), "[{");
    assertThatThrownBy(() -> read(run.replace("SCORE", "0.5")))
        .hasMessageContaining("log.json is not sound JSON: it ends too early", "should be like");
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
        .isEqualTo(
            NetworkOptions.none().withArchitecture(folder.resolve("net.json")).withKey("ema"));
    assertThat(said(runs, 1))
        .isEqualTo(
            NetworkOptions.none()
                .withArchitecture(folder.resolve("b.json"))
                .withKey("student.weights"));
    assertThat(said(beside, 0))
        .isEqualTo(NetworkOptions.none().withArchitecture(folder.resolve("own/architecture.json")));
    assertThatThrownBy(
            () ->
                read(
                    "{'key': 3, 'runs': [{'name': 'a', 'checkpoints': [{'step': 7, 'file':"
                        + " 'a.pth'}]}]}"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("run 1 should say \"key\" as a text");
  }

  private static NetworkOptions said(RunsFolder runs, int run) {
    return runs.options().of(runs.runs().get(run).end());
  }
}
