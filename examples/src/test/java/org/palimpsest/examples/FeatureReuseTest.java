package org.palimpsest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.palimpsest.examples.Miniature.names;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.examples.experiment.LayerPairs;
import org.palimpsest.examples.verdict.Finding;
import org.palimpsest.similarity.statistics.Verdict;

class FeatureReuseTest {

  private static final List<String> TRANSFERRED = List.of("t0", "t1", "t2");
  private static final List<String> RANDOM = List.of("r0", "r1", "r2");

  @TempDir private Path folder;

  @Test
  void trainsComparesAndDrawsAndFindsItsNetworksTheSecondTime() throws IOException {
    Path out = folder.resolve("out");
    Miniature.Outcome first = run(3, out);
    assertThat(first.err()).contains("5 networks");
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out()).contains("transfer / random", "Dice", "transfer/seed1", "holds if");
    assertThat(names(out))
        .containsExactlyInAnyOrder(
            "feature-reuse.png",
            "feature-reuse.svg",
            "feature-reuse.csv",
            "dice.csv",
            "provenance.json",
            "reuse.csv",
            "verdicts.csv",
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
  void reuseIsWhatIsAboveChanceAndTheVerdictFollowsWhereItIs() {
    assertThat(verdicts(0.9, 0.8, 0.2)).containsExactly(Verdict.HOLDS, Verdict.DOES_NOT_HOLD);
    assertThat(verdicts(0.5, 0.9, 0.2)).containsExactly(Verdict.HOLDS, Verdict.HOLDS);
    assertThat(verdicts(0.9, 0.21, 0.2))
        .containsExactly(Verdict.DOES_NOT_HOLD, Verdict.DOES_NOT_HOLD);
    assertThat(FeatureReuse.findings(similarities(0.9, 0.8, 0.2), List.of("t0"), List.of("r0")))
        .extracting(Finding::verdict)
        .containsOnly(Verdict.CANNOT_BE_TOLD);
  }

  private static List<Verdict> verdicts(double early, double deep, double chance) {
    return FeatureReuse.findings(similarities(early, deep, chance), TRANSFERRED, RANDOM).stream()
        .map(Finding::verdict)
        .toList();
  }

  @Test
  void whatRandomNetworksHaveByChanceIsAsUncertainAsTheyDiffer() {
    List<Finding> findings =
        FeatureReuse.findings(
            similarities(0.5, 0.5, Map.of("r0", 0.2, "r1", 0.45, "r2", 0.55)), TRANSFERRED, RANDOM);

    // On average 0.1 above chance, but one random network is above all that were transferred.
    assertThat(findings.get(0).verdict()).isEqualTo(Verdict.CANNOT_BE_TOLD);
  }

  @Test
  void networksThatTieAreNotCertain() {
    List<Finding> findings =
        FeatureReuse.findings(
            similarities(0.5, 0.5, Map.of("r0", 0.2, "r1", 0.2, "r2", 0.2)), TRANSFERRED, RANDOM);

    assertThat(findings).extracting(Finding::verdict).containsOnly(Verdict.CANNOT_BE_TOLD);
  }

  private static LayerPairs similarities(double early, double deep, double chance) {
    return similarities(
        early, deep, Map.of("r0", chance - 0.005, "r1", chance, "r2", chance + 0.005));
  }

  /** Early layers are alike in all networks of a kind, deeper layers nearly. */
  private static LayerPairs similarities(double early, double deep, Map<String, Double> chance) {
    List<MadeUp.Pair> pairs =
        Stream.concat(TRANSFERRED.stream(), RANDOM.stream())
            .map(run -> new MadeUp.Pair(run, "source"))
            .toList();
    Map<String, Double> deeper = Map.of("t0", deep - 0.01, "t1", deep, "t2", deep + 0.01);
    return LayerPairs.of(
        MadeUp.rows(
            List.of("enc1", "enc2", "dec1", "out"),
            pairs,
            (layer, pair) -> {
              boolean isEarly = layer.equals("enc1");
              return chance.containsKey(pair.first())
                  ? chance.get(pair.first()) * (isEarly ? 0.9 : 1)
                  : isEarly ? early : deeper.get(pair.first());
            }),
        "linear_cka");
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
    FeatureReuse main = new FeatureReuse(ignored -> Miniature.setting(targetSteps, 2));
    return Miniature.run(main, folder.resolve("networks"), output, more);
  }
}
