package org.palimpsest.reproduction.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.palimpsest.reproduction.commands.Miniature.names;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureReuseCommandTest {

  @TempDir private Path folder;

  @Test
  void trainsComparesAndDrawsAndFindsItsNetworksTheSecondTime() throws IOException {
    Path out = folder.resolve("out");
    Miniature.Outcome first = run(3, out);
    assertThat(first.err()).contains("5 networks");
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out())
        .contains("transfer / random", "Dice", "transfer/seed1", "palimpsest assess");
    assertThat(names(out))
        .containsExactlyInAnyOrder(
            "feature-reuse.png",
            "feature-reuse.svg",
            "feature-reuse.csv",
            "dice.csv",
            "provenance.json",
            "reuse.csv",
            "report.md",
            "report.html",
            "runs",
            "study");
    assertThat(names(out.resolve("runs")))
        .containsExactlyInAnyOrder("source", "random", "transfer", "probes.npy");
    assertThat(names(out.resolve("runs/random"))).containsExactlyInAnyOrder("seed0", "seed1");

    FileTime trained = Files.getLastModifiedTime(out.resolve("runs/source/step_0003.pt"));
    Miniature.Outcome second = run(3, out);
    assertThat(second.err()).isEmpty();
    assertThat(second.out()).isEqualTo(first.out());
    assertThat(Files.getLastModifiedTime(out.resolve("runs/source/step_0003.pt")))
        .isEqualTo(trained);

    Miniature.Outcome other = run(4, out);
    assertThat(other.err()).contains("4 networks");
    assertThat(names(out.resolve("runs/random/seed0"))).contains("step_0004.pt");
    assertThat(names(out.resolve("runs/random/seed0"))).doesNotContain("step_0003.pt");
    assertThat(names(out.resolve("runs/random"))).containsExactlyInAnyOrder("seed0", "seed1");
  }

  @Test
  void comparesAFolderOfCheckpointsByTheLayersAndMeasuresAskedFor() throws IOException {
    assertThat(run(2, folder.resolve("own")).code()).isZero();
    Miniature.Outcome outcome =
        run(
            2,
            folder.resolve("other"),
            "--runs",
            folder.resolve("own/runs").toString(),
            "--layers",
            "enc*",
            "--layers",
            "dec1.conv?",
            "--measure",
            "linear_cka",
            "--measure",
            "rbf_cka");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    List<String> rows = Files.readAllLines(folder.resolve("other/feature-reuse.csv"));
    assertThat(rows.get(0))
        .isEqualTo("comparison,run_a,step_a,run_b,step_b,layer,measure,value,view");
    assertThat(rows).hasSize(1 + (2 + 2 + 1 + 1 + 4) * 5 * 2);
    assertThat(rows)
        .anyMatch(row -> row.startsWith("transfer: source to end,source,3,transfer/seed0,2,enc1,"))
        .anyMatch(
            row -> row.startsWith("random: start to end,random/seed1,0,random/seed1,2,enc1,"));
    assertThat(names(folder.resolve("other")))
        .anyMatch(name -> name.matches("feature-reuse-linear_cka.*\\.png"))
        .anyMatch(name -> name.matches("feature-reuse-rbf_cka.*\\.svg"));
  }

  @Test
  void whatIsNotSymmetricNamesTheNetworksInTheOrderInWhichTheyWereCompared() throws IOException {
    Path out = folder.resolve("out");
    assertThat(run(2, out, "--measure", "linear_regression_y_from_x").code()).isZero();

    assertThat(Files.readAllLines(out.resolve("feature-reuse.csv")))
        .anyMatch(row -> row.startsWith("transfer: source to end,transfer/seed0,2,source,3,enc1,"));
    assertThat(names(out)).doesNotContain("verdicts.csv");
  }

  @Test
  void aLoneFailureIsOneLineAndLeavesNothing() throws IOException {
    Path out = folder.resolve("out");
    Miniature.Outcome missing = run(2, out, "--runs", folder.resolve("none").toString());
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err().lines()).singleElement().asString().contains("no such folder");
    assertThat(names(folder)).isEmpty();
    Miniature.Outcome measure = run(2, out, "--measure", "linear_kca");
    assertThat(measure.code()).isEqualTo(2);
    assertThat(measure.err().lines()).singleElement().asString().contains("linear_cka");
    assertThat(names(folder)).isEmpty();
  }

  @Test
  void aFolderThatIsReadIsNoOutput() throws IOException {
    Path read = Files.createDirectory(folder.resolve("read"));
    for (String option : List.of("--runs", "--images", "--source-images")) {
      Miniature.Outcome outcome = run(1, read, option, read.toString());
      assertThat(outcome.code()).isEqualTo(2);
      assertThat(outcome.err()).contains("is read by this command", "nothing was written");
      assertThat(read).isEmptyDirectory();
    }
  }

  private Miniature.Outcome run(int targetSteps, Path output, String... more) {
    FeatureReuseCommand main =
        new FeatureReuseCommand(ignored -> Miniature.setting(targetSteps, 2));
    return Miniature.run(main, folder.resolve("networks"), output, more);
  }
}
