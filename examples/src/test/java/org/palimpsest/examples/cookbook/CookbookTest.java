package org.palimpsest.examples.cookbook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.cli.Palimpsest;

/** Every recipe runs, and the cookbook shows it as it is. */
class CookbookTest {

  private static final Path FILES = Path.of("../cli/src/test/resources/org/palimpsest/cli");
  private static final String A = FILES.resolve("a.pt").toString();
  private static final String B = FILES.resolve("b.pt").toString();
  private static final String PROBES = FILES.resolve("probes.npy").toString();
  private static final Path SOURCES = Path.of("src/main/java/org/palimpsest/examples/cookbook");

  @TempDir private Path folder;

  private interface Main {
    void run(String... arguments);
  }

  private static List<String> printed(Main main, String... arguments) {
    PrintStream usual = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
      main.run(arguments);
    } finally {
      System.setOut(usual);
    }
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private String dump(String model, String name) {
    Path dump = folder.resolve(name);
    PrintStream silent = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    int code =
        Palimpsest.run(
            new String[] {"capture", model, "--probes", PROBES, "-o", dump.toString()},
            silent,
            silent);
    assertThat(code).isZero();
    return dump.toString();
  }

  private String runs() throws IOException {
    Path runs = folder.resolve("runs");
    for (int seed = 0; seed < 2; seed++) {
      Path run = Files.createDirectories(runs.resolve("random/seed" + seed));
      Files.copy(Path.of(A), run.resolve("step_0000.pt"));
      Files.copy(Path.of(B), run.resolve("step_0100.pt"));
    }
    Files.copy(Path.of(PROBES), runs.resolve("probes.npy"));
    return runs.toString();
  }

  @Test
  void dumpsAreCompared() {
    List<String> lines = printed(CompareDumps::main, dump(A, "a.npz"), dump(B, "b.npz"));
    assertThat(lines)
        .hasSizeGreaterThan(3)
        .allMatch(line -> line.matches("\\S+  \\S+  [01]\\.\\d{3}"));
  }

  @Test
  void heatMapsAreDrawn() {
    Path picture = folder.resolve("map.png");
    DrawHeatMap.main(new String[] {A, B, PROBES, picture.toString()});
    assertThat(picture).isNotEmptyFile();
  }

  @Test
  void scoresHaveIntervalsOrReasons() {
    List<String> lines = printed(ScoreWithInterval::main, A, B, PROBES);
    assertThat(lines)
        .isNotEmpty()
        .allMatch(line -> line.contains("  from ") || line.contains("  no interval: "));
  }

  @Test
  void comparisonsAreStreamed() {
    assertThat(printed(StreamedComparison::main, A, B, PROBES))
        .hasSizeGreaterThan(6)
        .allMatch(line -> line.matches("\\S+  \\S+  \\S+  [01]\\.\\d{3}"));
  }

  @Test
  void measuresAreMadeOfFunctions() {
    // Means (2, 1) and (3, 1): 7 / √(5 · 10).
    assertThat(printed(OwnMeasure::main)).containsExactly("0.9899");
  }

  @Test
  void networksAreMadeOfClasses() {
    assertThat(printed(OwnImporter::main)).singleElement().asString().startsWith("hidden 0.");
  }

  @Test
  void runsAreTracked() throws IOException {
    assertThat(printed(TrackRuns::main, runs()))
        .anyMatch(line -> line.startsWith("random/seed1  step 100  "));
  }

  @Test
  void runsAreReportedOn() throws IOException {
    Path page = folder.resolve("study/report.html");
    assertThat(printed(ReportOnRuns::main, runs(), folder.resolve("study").toString()))
        .containsExactly("Written: " + page);
    assertThat(page).isNotEmptyFile();
  }

  @Test
  void weightsAreCompared() {
    assertThat(printed(CompareWeights::main, A, B))
        .isNotEmpty()
        .allMatch(line -> line.matches("\\S+  moved by \\S+ of its norm, turned by \\S+ degrees"));
  }

  @Test
  void layersAreFoundAgain() {
    assertThat(printed(IdentifyLayers::main, A, A, PROBES))
        .singleElement()
        .asString()
        .startsWith("found ");
  }

  static Stream<Path> recipes() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return files.filter(file -> !file.endsWith("package-info.java")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void theCookbookShowsThem(Path recipe) throws IOException {
    String source = Files.readString(recipe);
    String shown = source.substring(source.indexOf("import "));
    assertThat(Files.readString(Path.of("../docs/cookbook.md")))
        .contains("```java\n" + shown + "```\n");
  }
}
