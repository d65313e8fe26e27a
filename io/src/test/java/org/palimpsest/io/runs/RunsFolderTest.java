package org.palimpsest.io.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.internal.file.ScoreLog;
import org.palimpsest.io.network.NetworkOptions;

class RunsFolderTest {

  @TempDir private Path root;

  @Test
  void findsRunsCheckpointsAndScores() throws IOException {
    touch("source/step_0000.pt", "source/step_0800.pt", "probes.npy");
    touch("transfer/seed0/step_0400.pt", "transfer/seed0/step_0025.pt", "transfer/seed0/step_0.pt");
    touch("transfer/seed0/step_0400.ckpt", "random/seed11/step_10000.pt", "random/seed2/step_1.pt");
    touch(".unfinished/seed0/step_0000.pt", "notes/readme.txt");
    Files.writeString(
        root.resolve("transfer/seed0/log.json"),
        "[{\"step\": 0, \"dsc\": 1e-05}, {\"step\": 400, \"dsc\": 0.75}]");

    RunsFolder folder = RunsFolder.open(root);

    assertThat(folder.requireProbes()).isEqualTo(root.resolve("probes.npy"));
    assertThat(folder.requireSource().end().step()).isEqualTo(800);
    assertThat(folder.runs())
        .extracting(TrainingRun::name)
        .containsExactly("random/seed11", "random/seed2", "transfer/seed0");
    TrainingRun transfer = folder.startedFrom("transfer").get(0);
    assertThat(transfer.seed()).isEqualTo(OptionalLong.of(0));
    assertThat(transfer.checkpoints()).extracting(Checkpoint::step).containsExactly(0L, 25L, 400L);
    assertThat(transfer.start().score()).hasValue(1e-5);
    assertThat(transfer.checkpoints().get(1).score()).isEmpty();
    assertThat(transfer.end().score()).hasValue(0.75);
    assertThat(Path.of(transfer.end().location())).exists();
  }

  @Test
  void readsTheScoresThatItWrites() throws IOException {
    touch("random/seed0/step_0003.pt");
    Files.writeString(
        root.resolve("random/seed0/log.json"), ScoreLog.write(Map.of(3L, 0.123456789)));
    assertThat(RunsFolder.open(root).runs().get(0).end().score()).hasValue(0.123456789);
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    assertFails("no such folder", () -> RunsFolder.open(root.resolve("none")));
    assertFails("holds no training run", () -> RunsFolder.open(root));
    touch("random/seed0/step_0000.pt");
    RunsFolder folder = RunsFolder.open(root);
    assertFails("no folder 'source'", folder::requireSource);
    assertFails("probes.npy", folder::requireProbes);
  }

  @Test
  void aRunWithoutCheckpointsIsNamed() throws IOException {
    touch("random/seed1/step_0000.txt");
    assertFails("seed1 holds no checkpoint", () -> RunsFolder.open(root));
    touch("random/seed0/step_0000.pt");
    RunsFolder found = RunsFolder.open(root);
    assertThat(found.runs()).extracting(TrainingRun::name).containsExactly("random/seed0");
    assertThat(found.unread()).singleElement().asString().contains("seed1 holds no checkpoint");
  }

  @Test
  void whatIsNamedLikeACheckpointAndIsNoFileIsNotPassedOver() throws IOException {
    touch("random/seed0/step_0000.pt");
    Path run = root.resolve("random/seed0");
    Files.createSymbolicLink(run.resolve("step_0010.pt"), run.resolve("none"));
    Files.createDirectory(run.resolve("step_0020.pt"));
    assertThat(RunsFolder.open(root).runs().get(0).checkpoints())
        .extracting(Checkpoint::step)
        .containsExactly(0L, 10L, 20L);
  }

  @Test
  void networksOfOtherToolsAreCheckpointsToo() throws IOException {
    touch("onnx/step_0.onnx", "dl4j/step_0.zip", "keras/step_0.h5", "keras/step_0.ckpt");

    assertThat(RunsFolder.open(root).runs()).flatExtracting(TrainingRun::checkpoints).hasSize(3);
  }

  @Test
  void weightsOfKerasAreCheckpointsOfTheNetworkBesideThem() throws IOException {
    touch("keras/seed0/step_0.weights.h5", "keras/seed0/step_20.weights.h5", "architecture.json");
    RunsFolder runs = RunsFolder.open(root);
    List<Checkpoint> checkpoints = runs.runs().get(0).checkpoints();
    assertThat(checkpoints).extracting(Checkpoint::step).containsExactly(0L, 20L);
    assertThat(runs.options().of(checkpoints.get(1)).architecture())
        .contains(root.resolve("architecture.json"));
  }

  @Test
  void aRunOfSeveralKindsIsRefused() throws IOException {
    touch("random/seed0/step_0.pt", "random/seed0/step_10.onnx");

    assertFails("several kinds, such as step_0.pt and step_10.onnx", () -> RunsFolder.open(root));
  }

  @Test
  void twoCheckpointsOfOneStepAreRefused() throws IOException {
    touch("random/seed0/step_1.pt", "random/seed0/step_01.pt");
    assertFails("two checkpoints of step 1", () -> RunsFolder.open(root));
  }

  @Test
  void aBrokenLogIsNamed() throws IOException {
    touch("random/seed0/step_0000.pt");
    for (String log : List.of("[{\"step\": 0", "{}", "[{\"step\": \"a\", \"dsc\": 1}]", "")) {
      Files.writeString(root.resolve("random/seed0/log.json"), log);
      assertFails("log.json", () -> RunsFolder.open(root));
    }
  }

  private static void assertFails(String message, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  private void touch(String... files) throws IOException {
    for (String file : files) {
      Path path = root.resolve(file);
      Files.createDirectories(path.getParent());
      Files.write(path, new byte[] {1});
    }
  }

  @Test
  void stateDictsAreCheckpointsWhereNothingElseIs() throws IOException {
    touch("a/step_0.pth", "a/step_5.pth", "b/step_0.ckpt", "c/step_0.safetensors");
    touch("d/step_0.pt", "d/step_0.pth");

    assertThat(RunsFolder.open(root).runs())
        .flatExtracting(TrainingRun::checkpoints)
        .extracting(checkpoint -> Path.of(((Checkpoint) checkpoint).location()).getFileName())
        .map(Path.class::cast)
        .map(Path::toString)
        .containsExactly(
            "step_0.pth", "step_5.pth", "step_0.ckpt", "step_0.safetensors", "step_0.pt");
  }

  @Test
  void theNearestArchitectureBesideOrAboveACheckpointDescribesIt() throws IOException {
    touch("random/seed0/step_0.pth", "random/seed1/step_0.pth", "architecture.json");
    touch("random/seed1/architecture.json");

    RunsFolder runs = RunsFolder.open(root);

    assertThat(architecture(runs, 0)).hasValue(root.resolve("architecture.json"));
    assertThat(architecture(runs, 1)).hasValue(root.resolve("random/seed1/architecture.json"));
    Path asked = root.resolve("other.json");
    RunsFolder told = RunsFolder.open(root, NetworkOptions.none().withArchitecture(asked));
    assertThat(architecture(told, 1)).hasValue(asked);
    assertThat(RunsFolder.open(root.resolve("random")).options().of(runs.runs().get(0).end()))
        .as("above the folder that was given")
        .isEqualTo(NetworkOptions.none());
  }

  private static Optional<Path> architecture(RunsFolder runs, int run) {
    return runs.options().of(runs.runs().get(run).end()).architecture();
  }

  @Test
  void whatIsSaidOfCheckpointsTellsStudiesApart() throws IOException {
    touch("random/seed0/step_0.pth", "net.json");
    NetworkOptions none = NetworkOptions.none();
    Path net = root.resolve("net.json");
    Map<String, String> plain = RunsFolder.open(root).options().identity();
    Map<String, String> described =
        RunsFolder.open(root, none.withArchitecture(net)).options().identity();
    Files.writeString(net, "changed");

    assertThat(plain.values()).allMatch(String::isEmpty);
    assertThat(described).isNotEqualTo(plain);
    assertThat(RunsFolder.open(root, none.withArchitecture(net)).options().identity())
        .isNotEqualTo(described);
    assertThat(RunsFolder.open(root, none.withKey("ema")).options().identity()).isNotEqualTo(plain);
  }

  @Test
  void aFoldOfWhatHasNoFoldsIsRefused() throws IOException {
    touch("random/seed0/step_0.pth");

    assertFails(
        "no results folder of nnU-Net",
        () -> RunsFolder.open(root, NetworkOptions.none().withFold("0")));
  }
}
