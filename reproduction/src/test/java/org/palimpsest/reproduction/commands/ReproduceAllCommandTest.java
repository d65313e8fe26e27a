package org.palimpsest.reproduction.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.claims.Claim;
import org.palimpsest.cli.Palimpsest;
import org.palimpsest.reproduction.ReproductionPlan;

class ReproduceAllCommandTest {

  @TempDir private static Path folder;

  private record Outcome(int code, String out, String err) {}

  @BeforeAll
  static void train() {
    Outcome none = run("--stop-after", "0", "--train-only");
    assertThat(none.code()).as(none.err()).isZero();
    assertThat(none.err()).contains("the same command goes on");
    assertThat(run("--train-only").code()).isZero();
  }

  private static Outcome run(String... more) {
    List<String> arguments =
        Stream.concat(Stream.of("-o", folder.toString()), Stream.of(more)).toList();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Palimpsest.run(
            new ReproduceAllCommand(plan -> ReproductionPlan.miniature()),
            arguments.toArray(new String[0]),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void runsThatSayWhatTheyAreAreTrainedOnceAndWhatIsMissingIsTrainedAgain() throws IOException {
    Path random = folder.resolve("width2/random/seed0");
    assertThat(Files.readString(random.resolve("run.json")))
        .contains("\"start\" : \"random\"", "\"pair\" : \"0\"", "\"difficulty\" : \"hard\"");
    assertThat(Files.readString(folder.resolve("width2/floor/seed1/run.json")))
        .contains("\"floor\" : true");
    Path longer = folder.resolve("width2/random-longer/seed0");
    assertThat(Files.readString(longer.resolve("run.json"))).contains("\"longer\" : true");
    assertThat(longer.resolve("step_0048.pt")).exists();

    FileTime first = Files.getLastModifiedTime(random.resolve("log.json"));
    Path lost = folder.resolve("width2/transfer-membranes-1/seed1/recipe.sha256");
    Files.delete(lost);
    Outcome again = run("--train-only");
    assertThat(again.err()).contains("1 of ");
    assertThat(lost).exists();
    assertThat(Files.getLastModifiedTime(random.resolve("log.json"))).isEqualTo(first);
  }

  @Test
  void whatIsTrainedIsJudgedAndThePageSaysItInAFewLines() throws IOException {
    Outcome outcome = run();

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("reproduction.md", "assess.html");
    String page = Files.readString(folder.resolve("results/reproduction.md"));
    for (Claim claim : Claim.all()) {
      assertThat(page).contains("- " + claim.number() + " " + claim.statement() + ": **");
      assertThat(page).contains("| " + claim.number() + " " + claim.statement() + " |");
    }
    assertThat(page)
        .contains("ReproduceAll -o", "(random-longer: 3 networks, 48 steps)")
        .contains("| width 2, rate 0.001 | 3 |", "| width 3, rate 0.004 | 3 |")
        .doesNotContain("NaN");
    assertThat(folder.resolve("results/grid/filters-of-the-encoder.svg")).exists();
    assertThat(folder.resolve("results/width2/assess.md")).exists();
    assertThat(folder.resolve("results/width2/pictures/filters-change.svg")).exists();
  }

  @Test
  void sizesThatDoNotGoTogetherAreRefused() {
    assertThat(run("--stop-after", "-1").err()).contains("--stop-after takes 0 minutes or more");
    assertThat(run("--threads", "0").err())
        .startsWith("ReproduceAll: Networks are trained by 1 thread or more, unlike 0");
    assertThat(run("--quick", "--full").code()).isEqualTo(2);
    assertThat(run("--images", "a").err()).contains("--source-images");
    assertThat(run("--images", "a", "--source-images", "b").err()).contains("belong to --full");
  }
}
