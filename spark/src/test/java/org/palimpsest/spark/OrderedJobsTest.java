package org.palimpsest.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.spark.SparkWorkers.OrderedJobs;

class OrderedJobsTest {

  private static final int TASKS = 40;
  private static final int MOST_UNDER_WAY = 8;

  private static JavaSparkContext spark;

  @BeforeAll
  static void begin() {
    spark = SparkSettings.named("test").at("local[2,3]").start();
  }

  @AfterAll
  static void end() {
    spark.stop();
  }

  private final List<String> told = new ArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();
  private int askedAtFirstResult = -1;

  private void run(org.apache.spark.api.java.function.Function<Integer, Integer> work) {
    new OrderedJobs<Integer, Integer, Integer>(spark, task -> task, work)
        .run(
            IntStream.range(0, TASKS).boxed().peek(any -> asked.incrementAndGet()).iterator(),
            new OrderedJobs.Results<>() {
              @Override
              public void done(Integer task, Integer result) {
                askedAtFirstResult = askedAtFirstResult < 0 ? asked.get() : askedAtFirstResult;
                told.add(task + ":" + result);
              }

              @Override
              public void lost(Integer task, ExecutorFailure failure) {
                told.add(task + ":" + failure.reason());
              }
            });
  }

  @Test
  void resultsComeInTheOrderOfTasksAndTasksAreAskedForAsThereIsRoom() {
    run(task -> task * 2);

    assertThat(told).isEqualTo(IntStream.range(0, TASKS).mapToObj(i -> i + ":" + 2 * i).toList());
    assertThat(askedAtFirstResult).isLessThanOrEqualTo(MOST_UNDER_WAY + 1);
  }

  @Test
  void aTaskThatFailsTimeAndAgainTakesNoOtherWithIt() {
    run(
        task -> {
          if (task == 7) {
            throw new IllegalStateException("seven");
          }
          return task;
        });

    assertThat(told).hasSize(TASKS).contains("6:6", "8:8");
    assertThat(told.get(7)).startsWith("7:Unexpected failure on an executor:").contains("seven");
  }

  @Test
  void whatIsNoTasksFaultEndsAllWithItsOwnWords() {
    assertThatThrownBy(
            () ->
                run(
                    task -> {
                      if (task == 3) {
                        throw new PalimpsestException("No room in the folder.");
                      }
                      return task;
                    }))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageStartingWith("No room in the folder.")
        .hasMessageContaining("is kept");
    assertThat(told).containsExactly("0:0", "1:1", "2:2");
  }

  @Test
  void aSparkThatStoppedIsToldAsThat() {
    spark.stop();
    try {
      assertThatThrownBy(() -> run(task -> task))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageStartingWith("Spark at local[2,3] stopped");
    } finally {
      begin();
    }
  }
}
