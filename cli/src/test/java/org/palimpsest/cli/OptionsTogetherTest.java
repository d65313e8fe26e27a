package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.palimpsest.cli.SampleFiles.MODEL_A;
import static org.palimpsest.cli.SampleFiles.MODEL_B;
import static org.palimpsest.cli.SampleFiles.PROBES;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options that need another one, or have none of their meanings, are told before anything runs. */
class OptionsTogetherTest {

  @TempDir private Path folder;
  private Map<String, Path> files;

  @BeforeEach
  void layOut() throws IOException {
    Path runs = Files.createDirectory(folder.resolve("runs"));
    Path bare = Files.createDirectory(folder.resolve("bare"));
    Files.copy(PROBES, runs.resolve("probes.npy"));
    for (Path study : new Path[] {runs, bare}) {
      Path run = Files.createDirectories(study.resolve("random/seed0"));
      Files.copy(MODEL_A, run.resolve("step_0000.pt"));
      Files.copy(MODEL_B, run.resolve("step_0010.pt"));
    }
    files =
        Map.of(
            "RUNS", runs,
            "BARE", bare,
            "OUT", folder.resolve("out"),
            "A", MODEL_A,
            "B", MODEL_B,
            "PROBES", PROBES,
            "DATA", SampleFiles.array(folder.resolve("layer.npy"), 1, 5, 3));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | track RUNS -o OUT --shared x | say something of --spark: give it too",
        "2 | track RUNS -o OUT --spark-conf a=b | say something of --spark: give it too",
        "2 | track RUNS -o OUT --spark local --spark-conf memory | takes NAME=VALUE",
        "2 | track RUNS -o OUT --spark local --spark-conf =4g | takes NAME=VALUE",
        "1 | track RUNS -o OUT --spark local | built without Spark",
        "2 | track RUNS -o OUT --weights none --start he-normal | --weights randomness",
        "2 | track RUNS -o OUT --weights randomnes | randomness",
        "2 | track BARE -o OUT | give --probes, or --measure none",
        "2 | track RUNS -o OUT --max-memory 5 | size such as 800M",
        "2 | track RUNS -o OUT --max-memory -5G | size such as 800M",
        "2 | compare A B --channels 1 | give --probes",
        "1 | compare DATA DATA --channels 1 | none are given after --probes",
        "1 | compare DATA DATA --patches grid | none are given after --probes",
        "1 | compare DATA DATA --orientation RAS | to be prepared, but none are given",
        "1 | compare A B --probes PROBES --spacing 1 --size 8x8 | have no use where --plan",
        "1 | assess RUNS -o OUT --probes PROBES --masks A | masks are taken from an .npy file",
        "1 | assess RUNS -o OUT --probes A | probes are taken from an .npy file",
        "2 | compare A B --probes PROBES --bootstrap 10 | --bootstrap",
        "2 | compare A | B",
      })
  void whatIsMissingOrMeansNothingIsTold(int code, String command, String part) {
    Object[] words =
        Arrays.stream(command.split(" "))
            .map(word -> (Object) files.getOrDefault(word, Path.of(word)))
            .toArray();
    Outcome outcome = Outcome.of(words);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err())
        .startsWith("palimpsest: ")
        .contains(part)
        .doesNotContain("Unexpected failure");
    assertThat(outcome.code()).isEqualTo(code);
    assertThat(folder.resolve("out")).doesNotExist();
  }
}
