package org.palimpsest.examples;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.examples.cli.CommandRunner;
import org.palimpsest.examples.experiment.TransferExperiment;
import org.palimpsest.examples.phantom.PhantomFamily;
import org.palimpsest.examples.phantom.PhantomTask;
import org.palimpsest.examples.training.TrainingPlan;
import org.palimpsest.examples.training.UNetDesign;

class FeatureReuseTest {

  private static final List<Integer> GRID = List.of(16, 16);

  private record Outcome(int code, String out, String err) {}

  @TempDir private Path folder;

  @Test
  void trainsComparesAndDrawsAndFindsItsNetworksTheSecondTime() throws IOException {
    Outcome first = run(tiny(3), "-o", folder.toString());
    assertThat(first.err()).contains("5 networks");
    assertThat(first.code()).isZero();
    assertThat(first.out()).contains("transfer / random", "Dice", "transfer/seed1");
    assertThat(names(folder))
        .containsExactlyInAnyOrder(
            "feature-reuse.png",
            "feature-reuse.svg",
            "feature-reuse.csv",
            "dice.csv",
            "provenance.json",
            "runs");
    assertThat(names(folder.resolve("runs")))
        .containsExactlyInAnyOrder("source", "random", "transfer", "probes.npy");
    assertThat(names(folder.resolve("runs/random"))).containsExactlyInAnyOrder("seed0", "seed1");

    FileTime trained = Files.getLastModifiedTime(folder.resolve("runs/source/step_0003.pt"));
    Outcome second = run(tiny(3), "-o", folder.toString());
    assertThat(second.err()).isEmpty();
    assertThat(second.out()).isEqualTo(first.out());
    assertThat(Files.getLastModifiedTime(folder.resolve("runs/source/step_0003.pt")))
        .isEqualTo(trained);

    Outcome other = run(tiny(4), "-o", folder.toString());
    assertThat(other.err()).contains("4 networks");
    assertThat(names(folder.resolve("runs/random/seed0"))).contains("step_0004.pt");
    assertThat(names(folder.resolve("runs/random/seed0"))).doesNotContain("step_0003.pt");
    assertThat(names(folder.resolve("runs/random"))).containsExactlyInAnyOrder("seed0", "seed1");
  }

  @Test
  void comparesAFolderOfCheckpointsByTheLayersAndMeasuresAskedFor() throws IOException {
    assertThat(run(tiny(2), "-o", folder.resolve("own").toString()).code()).isZero();
    Outcome outcome =
        run(
            tiny(2),
            "--runs",
            folder.resolve("own/runs").toString(),
            "--layers",
            "enc*",
            "--layers",
            "dec1.conv?",
            "--measure",
            "linear_cka",
            "--measure",
            "rbf_cka",
            "-o",
            folder.resolve("other").toString());
    assertThat(outcome.code()).as(outcome.err()).isZero();
    List<String> rows = Files.readAllLines(folder.resolve("other/feature-reuse.csv"));
    assertThat(rows.get(0))
        .isEqualTo("comparison,run_a,step_a,run_b,step_b,layer,measure,value,view");
    assertThat(rows).hasSize(1 + (2 + 2 + 1 + 1 + 4) * 5 * 2);
    assertThat(names(folder.resolve("other")))
        .anyMatch(name -> name.matches("feature-reuse-linear_cka.*\\.png"))
        .anyMatch(name -> name.matches("feature-reuse-rbf_cka.*\\.svg"));
  }

  @Test
  void aLoneFailureIsOneLineAndLeavesNothing() throws IOException {
    Outcome missing =
        run(tiny(2), "--runs", folder.resolve("none").toString(), "-o", folder + "/out");
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err().lines()).singleElement().asString().contains("no such folder");
    assertThat(names(folder)).isEmpty();
    Outcome measure = run(tiny(2), "--measure", "linear_kca", "-o", folder + "/out");
    assertThat(measure.code()).isEqualTo(2);
    assertThat(measure.err().lines()).singleElement().asString().contains("linear_cka");
    assertThat(names(folder)).isEmpty();
  }

  private static TransferExperiment tiny(int targetSteps) {
    return new TransferExperiment(
        UNetDesign.small().withWidth(2),
        new PhantomTask(PhantomFamily.ORGANS, 0.2, GRID, 1),
        new PhantomTask(PhantomFamily.VESSELS, 0.2, GRID, 2),
        4,
        2,
        2,
        3,
        new TrainingPlan(3, 2, 2e-3f, List.of()),
        new TrainingPlan(targetSteps, 2, 2e-3f, List.of(1)),
        2);
  }

  private static Outcome run(TransferExperiment experiment, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        CommandRunner.run(
            new FeatureReuse(experiment),
            arguments,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> String.valueOf(entry.getFileName())).toList();
    }
  }
}
