package org.palimpsest.reproduction.trained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.reproduction.images.SegmentationTask;
import org.palimpsest.reproduction.phantom.PhantomFamily;
import org.palimpsest.reproduction.phantom.PhantomTask;
import org.palimpsest.reproduction.training.TrainingPlan;
import org.palimpsest.reproduction.training.UNetDesign;

/** What is written of a run is read again, by the store and as a folder of runs. */
class RunStoreTest {

  private static final RunRecipe RECIPE = recipe(3, 1);
  private static final TrainedRun TRAINED =
      new TrainedRun(
          Map.of(0, bytes("start"), 1, bytes("one"), 3, bytes("end")),
          new TreeMap<>(Map.of(0L, 0.1, 1L, 0.25, 2L, 0.3, 3L, 1 / 3.0)),
          new TreeMap<>(Map.of(0L, 1.5, 3L, 0.7)),
          12.345);

  @TempDir private Path root;

  private static RunRecipe recipe(int steps, long seed) {
    return new RunRecipe(
        UNetDesign.small().withWidth(2),
        new Start.Random(1),
        List.of(),
        new PhantomTask(PhantomFamily.ORGANS, 0.2, List.of(16, 16), 1),
        2,
        2,
        new TrainingPlan(steps, 2, 2e-3f, List.of(1)),
        seed);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aRunThatWasPutIsHeldByItsOwnRecipeAlone() {
    RunStore store = new RunStore(root);
    assertThat(store.holds("random/seed0", RECIPE)).isFalse();
    store.put("random/seed0", RECIPE, TRAINED, Map.of("run.json", "{}"));

    assertThat(store.holds("random/seed0", RECIPE)).isTrue();
    assertThat(store.holds("random/seed0", recipe(3, 2))).isFalse();
    assertThat(store.holds("random/seed1", RECIPE)).isFalse();
    assertThat(store.seconds("random/seed0")).hasValue(12.3);
    assertThat(store.seconds("random/seed1")).isEmpty();
    assertThat(LossLog.read(store.losses("random/seed0"))).isEqualTo(TRAINED.losses());
    assertThat(LossLog.read(store.losses("random/seed1"))).isEmpty();
    assertThat(store.file("random/seed0", 3)).hasBinaryContent(bytes("end"));
    assertThat(store.folder("random/seed0").resolve("run.json")).hasContent("{}");
    assertThat(store.folder("random/seed0").resolve("recipe.json"))
        .content()
        .isEqualToIgnoringNewLines(RECIPE.toJson());
  }

  @Test
  void itIsReadAsAFolderOfRunsWithItsScores() {
    new RunStore(root).put("random/seed0", RECIPE, TRAINED, Map.of());
    TrainingRun run = RunsFolder.open(root).runs().get(0);
    assertThat(run.name()).isEqualTo("random/seed0");
    assertThat(run.steps()).containsExactly(0L, 1L, 3L);
    assertThat(run.checkpoints().get(1).score()).hasValue(0.25);
    assertThat(run.end().score()).hasValue(1 / 3.0);
    assertThat(RunsFolder.open(root).facts(run).scores()).isEqualTo(TRAINED.dice());
  }

  @Test
  void aRunTakesThePlaceOfAnOlderOneWithoutLeftovers() throws IOException {
    RunStore store = new RunStore(root);
    store.put("random/seed0", RECIPE, TRAINED, Map.of("old.txt", "old"));
    RunRecipe shorter = recipe(1, 1);
    store.put(
        "random/seed0",
        shorter,
        new TrainedRun(Map.of(0, bytes("a"), 1, bytes("b")), Map.of(1L, 0.5), Map.of(), 1),
        Map.of());

    assertThat(store.holds("random/seed0", shorter)).isTrue();
    assertThat(store.holds("random/seed0", RECIPE)).isFalse();
    assertThat(names(store.folder("random/seed0")))
        .containsExactlyInAnyOrder(
            "step_0000.pt",
            "step_0001.pt",
            "log.json",
            "losses.json",
            "seconds.txt",
            "recipe.json",
            "recipe.sha256");
    assertThat(names(root.resolve("random"))).containsExactly("seed0");
  }

  @Test
  void aCopyIsTheRunItself() throws IOException {
    RunStore store = new RunStore(root.resolve("a"));
    store.put("x", RECIPE, TRAINED, Map.of());
    RunStore other = new RunStore(root.resolve("b"));
    other.copy("random/seed0", store.folder("x"));
    assertThat(other.holds("random/seed0", RECIPE)).isTrue();
    assertThat(names(other.folder("random/seed0"))).isEqualTo(names(store.folder("x")));
  }

  /** What fails leaves neither half a run nor the folder in which it was to grow. */
  @Test
  void whatCannotBeWrittenLeavesWhatWasThere() throws IOException {
    RunStore store = new RunStore(root);
    store.put("random/seed0", RECIPE, TRAINED, Map.of());
    assertThatThrownBy(() -> store.copy("random/seed0", root.resolve("missing")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("seed0 cannot be written");
    assertThatThrownBy(
            () -> store.put("random/seed0", RECIPE, TRAINED, Map.of("no/such/folder", "it")))
        .isInstanceOf(PalimpsestException.class);
    TrainedRun noNumber = new TrainedRun(TRAINED.archives(), Map.of(0L, Double.NaN), Map.of(), 1);
    assertThatThrownBy(() -> store.put("random/seed0", recipe(3, 9), noNumber, Map.of()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("NaN");
    assertThat(store.holds("random/seed0", RECIPE)).isTrue();
    assertThat(names(root.resolve("random"))).containsExactly("seed0");
  }

  @Test
  void damagedNotesAreRefusedByName() throws IOException {
    RunStore store = new RunStore(root);
    store.put("x", RECIPE, TRAINED, Map.of());
    Files.writeString(store.folder("x").resolve("seconds.txt"), "soon");
    assertThatThrownBy(() -> store.seconds("x"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("seconds.txt cannot be read");
    for (String damaged : List.of("", "{", "[1]", "{\"a\": 1}", "{\"1\": \"x\"}")) {
      Files.writeString(store.losses("x"), damaged);
      assertThatThrownBy(() -> LossLog.read(store.losses("x")))
          .as(damaged)
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("losses.json cannot be read");
    }
    Files.writeString(store.folder("x").resolve("recipe.sha256"), "0".repeat(64));
    assertThat(store.holds("x", RECIPE)).isFalse();
  }

  @Property(tries = 60)
  void lossesAreReadToTheLastDigit(
      @ForAll @Size(max = 5)
          Map<@LongRange(min = 0) Long, @DoubleRange(min = -1e300, max = 1e300) Double> losses)
      throws IOException {
    Path file = Files.createTempFile("losses", ".json");
    try {
      Files.writeString(file, LossLog.write(losses));
      assertThat(LossLog.read(file)).isEqualTo(losses);
    } finally {
      Files.delete(file);
    }
  }

  /** Each of these makes another network, or tells other scores of it. */
  @Test
  void everythingThatDecidesARunChangesItsHash() {
    PhantomTask task = new PhantomTask(PhantomFamily.ORGANS, 0.2, List.of(16, 16), 1);
    UNetDesign network = UNetDesign.small().withWidth(2);
    TrainingPlan plan = RECIPE.plan();
    List<RunRecipe> others =
        List.of(
            RECIPE,
            recipe(3, 2),
            recipe(4, 1),
            with(network.withWidth(3), task, 2, 2, plan),
            with(network.withDepth(2), task, 2, 2, plan),
            with(network.withNormalisation(UNetDesign.Normalisation.INSTANCE), task, 2, 2, plan),
            with(network.withResidualBlocks(), task, 2, 2, plan),
            with(network, task, 3, 2, plan),
            with(network, task, 2, 3, plan),
            with(network, task, 2, 2, plan.withCosineDecay()),
            with(network, task, 2, 2, plan.scoredAt(List.of(2))),
            with(network, task, 2, 2, new TrainingPlan(3, 3, 2e-3f, List.of(1))),
            with(network, task, 2, 2, new TrainingPlan(3, 2, 1e-3f, List.of(1))),
            with(network, task, 2, 2, new TrainingPlan(3, 2, 2e-3f, List.of(2))),
            with(network, task.withTraining(2), 2, 2, plan),
            with(network, of(PhantomFamily.VESSELS, 0.2, 16, 1), 2, 2, plan),
            with(network, of(PhantomFamily.ORGANS, 0.3, 16, 1), 2, 2, plan),
            with(network, of(PhantomFamily.ORGANS, 0.2, 32, 1), 2, 2, plan),
            with(network, of(PhantomFamily.ORGANS, 0.2, 16, 2).withTraining(1), 2, 2, plan));
    assertThat(others).extracting(RunRecipe::hash).doesNotHaveDuplicates();
    assertThat(with(network, of(PhantomFamily.ORGANS, 0.2, 16, 1), 2, 2, plan).hash())
        .isEqualTo(RECIPE.hash());
  }

  private static PhantomTask of(PhantomFamily family, double difficulty, int side, long seed) {
    return new PhantomTask(family, difficulty, List.of(side, side), seed);
  }

  private static RunRecipe with(
      UNetDesign network, SegmentationTask task, int images, int heldOut, TrainingPlan plan) {
    return new RunRecipe(network, new Start.Random(1), List.of(), task, images, heldOut, plan, 1);
  }

  @Test
  void aNetworkThatCannotHalveItsImagesIsRefused() {
    assertThatThrownBy(
            () ->
                with(
                    UNetDesign.small().withDepth(4),
                    of(PhantomFamily.ORGANS, 0, 20, 1),
                    2,
                    2,
                    RECIPE.plan()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("depth 4 halves its images 3 times")
        .hasMessageContaining("20×20");
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> String.valueOf(entry.getFileName())).sorted().toList();
    }
  }
}
