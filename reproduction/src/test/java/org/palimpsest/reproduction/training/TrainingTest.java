package org.palimpsest.reproduction.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.training.tracker.Tracker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.reproduction.images.LabelledImage;
import org.palimpsest.reproduction.images.SegmentationTask.Split;
import org.palimpsest.reproduction.phantom.PhantomFamily;
import org.palimpsest.reproduction.phantom.PhantomTask;

class TrainingTest {

  private static final UNet NETWORK = UNet.of(UNetDesign.small().withWidth(4));
  private static final PhantomTask TASK =
      new PhantomTask(PhantomFamily.ORGANS, 0.2, List.of(32, 32), 1);
  private static final List<LabelledImage> IMAGES = TASK.draw(Split.TRAINING, 6);
  private static final List<LabelledImage> HELD_OUT = TASK.draw(Split.HELD_OUT, 4);
  private static final Predicate<String> NONE_FROZEN = path -> false;

  @Test
  void aFewStepsLowerTheLoss() {
    NetworkState start = InitialState.he(1).of(NETWORK);
    try (LiveNetwork network =
        LiveNetwork.open(NETWORK, NETWORK.archive(start), Tracker.fixed(2e-2f), NONE_FROZEN)) {
      float first = network.step(IMAGES);
      for (int step = 0; step < 25; step++) {
        network.step(IMAGES);
      }
      double saved = network.loss(IMAGES);
      float last = network.step(IMAGES);
      assertThat(last).isLessThan(0.85f * first);
      assertThat(saved).isBetween(0.5 * last, 2.0 * last);
    }
  }

  @Test
  void theSeedDecidesAll() {
    NetworkState once = train(4, NONE_FROZEN);
    NetworkState again = train(4, NONE_FROZEN);
    once.tensors()
        .forEach((path, values) -> assertThat(again.tensors()).containsEntry(path, values));
    assertThat(train(5, NONE_FROZEN).tensors().get("out.weight"))
        .isNotEqualTo(once.tensors().get("out.weight"));
  }

  @Test
  void networksTrainedAtOnceDoNotDisturbEachOther() {
    NetworkState alone = train(4, NONE_FROZEN);
    CompletableFuture<NetworkState> first =
        CompletableFuture.supplyAsync(() -> train(4, NONE_FROZEN));
    CompletableFuture<NetworkState> second =
        CompletableFuture.supplyAsync(() -> train(6, NONE_FROZEN));
    second.join();
    NetworkState together = first.join();
    alone
        .tensors()
        .forEach((path, values) -> assertThat(together.tensors()).containsEntry(path, values));
  }

  @Test
  void theGarbageCollectorDoesNotDisturbTraining() throws InterruptedException {
    NetworkState undisturbed = train(4, NONE_FROZEN);
    AtomicBoolean done = new AtomicBoolean();
    Thread collector =
        new Thread(
            () -> {
              while (!done.get()) {
                System.gc();
                LockSupport.parkNanos(5_000_000);
              }
            });
    collector.start();
    NetworkState disturbed = train(4, NONE_FROZEN);
    done.set(true);
    collector.join();
    undisturbed
        .tensors()
        .forEach((path, values) -> assertThat(disturbed.tensors()).containsEntry(path, values));
  }

  @Test
  void everyTensorIsTrainedExceptTheFrozenAndStatisticsFollowTheData() {
    NetworkState start = InitialState.he(1).of(NETWORK);
    NetworkState end = train(4, path -> path.startsWith("enc"));
    for (String path : NETWORK.slots().keySet()) {
      boolean statistic = path.contains("running");
      if (path.startsWith("enc") && !statistic) {
        assertThat(end.tensors().get(path)).as(path).isEqualTo(start.tensors().get(path));
      } else {
        assertThat(end.tensors().get(path)).as(path).isNotEqualTo(start.tensors().get(path));
      }
    }
  }

  @Test
  void savesAtThePlannedStepsAndTheStartIsUntouched() {
    List<Integer> steps = new ArrayList<>();
    NetworkState start = InitialState.he(1).of(NETWORK);
    List<NetworkState> states = new ArrayList<>();
    training(4, NONE_FROZEN)
        .run(
            start,
            Progress.silent().begin("train", 6),
            (step, state, dice) -> {
              steps.add(step);
              states.add(state);
              assertThat(dice).isBetween(0.0, 1.0);
            });
    assertThat(steps).containsExactly(0, 2, 4, 6);
    start
        .tensors()
        .forEach((path, values) -> assertThat(states.get(0).tensors()).containsEntry(path, values));
  }

  @Test
  void aCosineEndsWithAStepThatChangesNothing() {
    TrainingPlan constant = new TrainingPlan(4, 4, 2e-3f, List.of(3));
    assertThat(lastTwo(constant)).doesNotHaveDuplicates();
    assertThat(lastTwo(constant.withCosineDecay()))
        .containsOnly(lastTwo(constant.withCosineDecay()).get(0));
  }

  /** A weight before and after the last step. */
  private static List<Float> lastTwo(TrainingPlan plan) {
    List<Float> weights = new ArrayList<>();
    new Training(NETWORK, plan, NONE_FROZEN, IMAGES, HELD_OUT, 1)
        .run(
            InitialState.he(1).of(NETWORK),
            Progress.silent().begin("train", 4),
            (step, state, dice) -> weights.add(state.tensors().get("dec1.conv1.weight")[0]));
    return weights.subList(1, 3);
  }

  private static NetworkState train(long seed, Predicate<String> frozen) {
    return training(seed, frozen)
        .run(
            InitialState.he(1).of(NETWORK),
            Progress.silent().begin("train", 6),
            (step, state, dice) -> {});
  }

  private static Training training(long seed, Predicate<String> frozen) {
    TrainingPlan plan = new TrainingPlan(6, 4, 2e-3f, List.of(2, 4));
    return new Training(NETWORK, plan, frozen, IMAGES, HELD_OUT, seed);
  }
}
