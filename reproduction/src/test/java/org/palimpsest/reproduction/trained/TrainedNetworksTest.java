package org.palimpsest.reproduction.trained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.runs.RunRole;
import org.palimpsest.reproduction.phantom.PhantomFamily;
import org.palimpsest.reproduction.phantom.PhantomTask;
import org.palimpsest.reproduction.training.InitialState;
import org.palimpsest.reproduction.training.NetworkState;
import org.palimpsest.reproduction.training.SavedNetwork;
import org.palimpsest.reproduction.training.TrainingPlan;
import org.palimpsest.reproduction.training.UNet;
import org.palimpsest.reproduction.training.UNetDesign;

class TrainedNetworksTest {

  private static final UNetDesign DESIGN = UNetDesign.small().withWidth(2);
  private static final RunRecipe SOURCE =
      new RunRecipe(
          DESIGN,
          new Start.Random(1),
          List.of(),
          new PhantomTask(PhantomFamily.ORGANS, 0.2, List.of(16, 16), 1),
          2,
          2,
          new TrainingPlan(3, 2, 2e-3f, List.of(1), List.of(2), TrainingPlan.Decay.NONE),
          0);

  @TempDir private Path folder;

  @Test
  void whateverDecidesANetworkChangesTheHashOfItsRecipe() {
    List<RunRecipe> recipes =
        List.of(
            SOURCE,
            SOURCE.withStart(new Start.Random(2)),
            SOURCE.withStart(Start.transferred(SOURCE)),
            SOURCE.withStart(new Start.Transferred(SOURCE, DESIGN.encoder(), 1)),
            SOURCE.withStart(new Start.Transferred(SOURCE, DESIGN.decoder(), 1)),
            SOURCE.withStart(new Start.Transferred(SOURCE, List.of("enc1"), 1)),
            SOURCE.withStart(new Start.Moments(SOURCE, 1)),
            SOURCE.withFrozen(DESIGN.encoder()),
            SOURCE.withFrozen(DESIGN.decoder()));

    assertThat(recipes).extracting(RunRecipe::hash).doesNotHaveDuplicates();
    assertThat(SOURCE.withFrozen(List.of()).hash()).isEqualTo(SOURCE.hash());
  }

  @Test
  void aBlockThatIsNotThereCannotBeFrozen() {
    assertThatThrownBy(() -> SOURCE.withFrozen(List.of("enc9")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("enc9")
        .hasMessageContaining("dec2");
  }

  @Test
  void trainsASourceBeforeThoseThatStartFromItAndEachOnce() {
    TrainedNetworks networks = TrainedNetworks.in(folder);
    RunRecipe transfer = SOURCE.withStart(Start.transferred(SOURCE));

    assertThat(networks.missing(List.of(transfer, SOURCE))).containsExactly(SOURCE, transfer);
    networks.complete(List.of(transfer, SOURCE), Progress.silent());

    assertThat(networks.missing(List.of(transfer, SOURCE))).isEmpty();
    Map<String, float[]> start = state(networks, transfer, 0);
    assertThat(start).containsAllEntriesOf(Map.of()).hasSameSizeAs(state(networks, SOURCE, 3));
    state(networks, SOURCE, 3)
        .forEach((path, values) -> assertThat(start.get(path)).as(path).isEqualTo(values));
  }

  @Test
  void partsOfANetworkAreTransferredAndPartsAreFrozen() {
    TrainedNetworks networks = TrainedNetworks.in(folder);
    RunRecipe recipe =
        SOURCE
            .withStart(new Start.Transferred(SOURCE, DESIGN.encoder(), 7))
            .withFrozen(DESIGN.encoder());
    networks.complete(List.of(recipe), Progress.silent());

    Map<String, float[]> source = state(networks, SOURCE, 3);
    Map<String, float[]> end = state(networks, recipe, 3);
    Map<String, float[]> fresh = InitialState.he(7).of(UNet.of(DESIGN)).tensors();
    assertThat(end.get("enc2.conv1.weight")).isEqualTo(source.get("enc2.conv1.weight"));
    assertThat(end.get("enc2.norm1.running_mean"))
        .isNotEqualTo(source.get("enc2.norm1.running_mean"));
    assertThat(state(networks, recipe, 0).get("up1.weight")).isEqualTo(fresh.get("up1.weight"));
    assertThat(end.get("up1.weight")).isNotEqualTo(fresh.get("up1.weight"));
  }

  @Test
  void diceIsKnownAtMoreStepsThanAreSaved() {
    TrainedNetworks networks = TrainedNetworks.in(folder);
    networks.complete(List.of(SOURCE), Progress.silent());

    assertThat(networks.dice(SOURCE).keySet()).containsExactly(0L, 1L, 2L, 3L);
    assertThat(networks.run("random", SOURCE).checkpoints())
        .extracting(Checkpoint::step)
        .containsExactly(0L, 1L, 3L);
    assertThat(networks.run("random", SOURCE).end().score().getAsDouble())
        .isEqualTo(networks.dice(SOURCE).get(3L));
  }

  @Test
  void afterAFailureNoOtherNetworkIsBegun() throws IOException {
    RunRecipe other = SOURCE.withStart(new Start.Random(2));
    RunRole role = RunRole.unknown();
    Files.writeString(folder.resolve("blocked"), "a file where a folder is needed");
    TrainedNetworks networks =
        TrainedNetworks.named(
                folder,
                Map.of(SOURCE, new NamedRun("blocked/seed0", role), other, new NamedRun("b", role)))
            .withThreads(1);

    assertThatThrownBy(() -> networks.complete(List.of(SOURCE, other), Progress.silent()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("blocked");

    assertThat(networks.missing(List.of(SOURCE, other))).containsExactly(SOURCE, other);
  }

  /** Without its scores it would be a network of which nobody knows how well it did. */
  @Test
  void aRunOfWhichAFileIsLostIsTrainedAgain() throws IOException {
    TrainedNetworks networks = TrainedNetworks.in(folder);
    networks.complete(List.of(SOURCE), Progress.silent());
    Path run = Path.of(networks.run("any", SOURCE).end().location()).resolveSibling("");
    for (String lost : List.of("log.json", "recipe.sha256", "step_0001.pt")) {
      Files.delete(run.resolve(lost));
      assertThat(networks.missing(List.of(SOURCE))).as(lost).containsExactly(SOURCE);
      networks.complete(List.of(SOURCE), Progress.silent());
      assertThat(run.resolve(lost)).exists();
    }
    assertThat(networks.dice(SOURCE).keySet()).containsExactly(0L, 1L, 2L, 3L);
  }

  private static Map<String, float[]> state(TrainedNetworks networks, RunRecipe recipe, long step) {
    String file =
        networks.run("any", recipe).checkpoints().stream()
            .filter(checkpoint -> checkpoint.step() == step)
            .findFirst()
            .orElseThrow()
            .location();
    NetworkState state = SavedNetwork.read(UNet.of(DESIGN), Path.of(file));
    return state.tensors();
  }
}
