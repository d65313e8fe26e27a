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

  /** Where the system has no UTF-8, Java cannot spell other letters. */
  private static final String FOLDER =
      "UTF-8".equals(System.getProperty("sun.jnu.encoding")) ? "100% für alle" : "100% of all";

  @TempDir private Path temporary;
  private Path runs;
  private Path here;
  private Path onSpark;

  @BeforeEach
  void layOutRuns() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve(FOLDER));
    runs = SampleRuns.in(folder.resolve("runs"));
    here = folder.resolve("here");
    onSpark = folder.resolve("spark");
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
    assertThat(outcome.err()).contains("Shared folder: file:" + onSpark);
    assertThat(onSpark).isDirectoryNotContaining("glob:**/.palimpsest-*");
    assertThat(temporary).isDirectoryNotContaining(entry -> !entry.endsWith(FOLDER));
  }

  /** A folder that is given relative means the same on all machines. */
  @Test
  void aStudyThatWasInterruptedGoesOn() throws IOException {
    String[] asked = {"--interval", "--weights", "none", "--views", "to_start,finals,layers"};
    assertThat(trackHere(asked)).isEqualTo(DONE_BUT_SOME_BROKEN);
    List<String> relative = new ArrayList<>(List.of(asked));
    relative.addAll(List.of("--shared", "target/shared by all"));
    Outcome first = trackOnSpark(relative.toArray(new String[0]));
    assertThat(first.code()).as(first.err()).isEqualTo(DONE_BUT_SOME_BROKEN);
    assertThat(first.err())
        .contains("Shared folder: file:" + Path.of("target/shared by all").toAbsolutePath());
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
