package org.palimpsest.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.cli.Palimpsest;
import org.palimpsest.spark.SampleRuns.Outcome;

/** A study that executors work on gives what one process gives, byte by byte. */
class StudyOnSparkTest {

  private static final int DONE_BUT_SOME_BROKEN = 3;

  @TempDir private Path temporary;
  private Path runs;
  private Path here;
  private Path onSpark;

  @BeforeEach
  void layOutRuns() throws IOException {
    runs = SampleRuns.in(temporary.resolve("runs"));
    here = temporary.resolve("here");
    onSpark = temporary.resolve("spark");
  }

  private int trackHere(String... more) {
    List<String> arguments = arguments(here, more);
    return Palimpsest.run(arguments.toArray(new String[0]), System.out, System.err);
  }

  private Outcome trackOnSpark(String... more) {
    List<String> arguments = arguments(onSpark, more);
    arguments.addAll(List.of("--spark", "local[2]"));
    return Outcome.of(arguments.toArray());
  }

  private List<String> arguments(Path into, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("track", runs.toString(), "-o", into.toString(), "--in-process"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private void requireSame(String... files) throws IOException {
    for (String file : files) {
      assertThat(onSpark.resolve(file)).hasSameBinaryContentAs(here.resolve(file));
    }
  }

  @Test
  void tableJournalAndPageAreThoseOfOneProcess() throws IOException {
    String[] asked = {"--measure", "linear_cka", "--measure", "svcca:0.9"};
    assertThat(trackHere(asked)).isEqualTo(DONE_BUT_SOME_BROKEN);

    Outcome outcome = trackOnSpark(asked);

    assertThat(outcome.code()).as(outcome.err()).isEqualTo(DONE_BUT_SOME_BROKEN);
    assertThat(outcome.err()).contains("step_0020.pt", "Spark 4");
    requireSame("evolution.csv", "evolution.json", "figures.jsonl", "study.json", "report.html");
    assertThat(onSpark).isDirectoryNotContaining("glob:**/.palimpsest-*");
  }

  @Test
  void aStudyThatWasInterruptedGoesOn() throws IOException {
    String[] asked = {"--interval", "--weights", "none", "--views", "to_start,finals,layers"};
    assertThat(trackHere(asked)).isEqualTo(DONE_BUT_SOME_BROKEN);
    assertThat(trackOnSpark(asked).code()).isEqualTo(DONE_BUT_SOME_BROKEN);
    Path journal = onSpark.resolve("figures.jsonl");
    List<String> lines = Files.readAllLines(journal);
    String half = String.join("\n", lines.subList(0, lines.size() / 2)) + "\n{\"crc32\":\"12";
    Files.writeString(journal, half);
    Files.delete(onSpark.resolve("evolution.csv"));

    Outcome outcome = trackOnSpark(asked);

    assertThat(outcome.code()).as(outcome.err()).isEqualTo(DONE_BUT_SOME_BROKEN);
    assertThat(Files.readAllLines(journal)).hasSameSizeAs(lines);
    requireSame("evolution.csv", "report.html");
  }
}
