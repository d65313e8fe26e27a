package org.palimpsest.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;

/** A failure is told by its cause. The texts of Spark are those of 4.1.3. */
class ExecutorFailureTest {

  private static final String STAGE =
      "Job aborted due to stage failure: Task 0 in stage 0.0 failed 4 times, most recent failure:"
          + " Lost task 0.3 in stage 0.0 (TID 5) (10.0.0.7 executor 1): ";
  private static final String TRACE =
      "\n\tat example.Gains.open(Gains.java:31)\n\nDriver stacktrace:";

  private static String told(String ofTask, Throwable cause) {
    return ExecutorFailure.of(new SparkException(STAGE + ofTask + TRACE, cause)).reason();
  }

  private static String told(String ofTask) {
    return ExecutorFailure.of(new SparkException(STAGE + ofTask + TRACE)).reason();
  }

  @Test
  void aClearReasonIsRepeated() {
    String clear = "a.pt holds no network. Name another.";
    assertThat(told("…", new RuntimeException(new PalimpsestException(clear)))).isEqualTo(clear);
    assertThat(told(PalimpsestException.class.getName() + ": " + clear)).isEqualTo(clear);
  }

  @Test
  void anyOtherIsToldByItsCause() {
    String unexpected =
        "Unexpected failure on an executor: java.lang.IllegalStateException: in score."
            + " Run it again with --debug for the trace.";
    IllegalStateException cause = new IllegalStateException("in score");
    assertThat(told("…", cause)).isEqualTo(unexpected);
    assertThat(told("…", new RuntimeException("wrapped", cause))).isEqualTo(unexpected);
    assertThat(told(cause.toString())).isEqualTo(unexpected);
  }

  private static final class OfAPlugin extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OfAPlugin() {
      super("no gain");
    }
  }

  /** A failure whose causes the driver cannot load would arrive as UnknownReason. */
  @Test
  void whatIsSentHoldsNoClassOfAPlugin() {
    PalimpsestException sent = ExecutorFailure.sendable(new OfAPlugin());
    assertThat(sent).hasNoCause().hasMessageContaining("OfAPlugin: no gain");
    assertThat(sent.getStackTrace()).isNotEmpty();
    assertThat(ExecutorFailure.sendable(new PalimpsestException("No gain.", new OfAPlugin())))
        .hasNoCause()
        .hasMessage("No gain.");
  }

  /** A full disk comes wrapped, and may concern all tasks; a fault of the program concerns one. */
  @Test
  void whatIsClearIsToldFromWhatIsNot() {
    PalimpsestException full = new PalimpsestException("No room.");
    assertThat(ExecutorFailure.of(new IllegalStateException(full)).isClear()).isTrue();
    assertThat(ExecutorFailure.of(new IllegalStateException("fault")).isClear()).isFalse();
    assertThat(ExecutorFailure.of(new IllegalStateException("fault")).isOfTask()).isTrue();
  }

  @Test
  void anExecutorThatEndedIsToldFromATaskThatFailed() {
    String lost =
        "ExecutorLostFailure (executor 1 exited caused by one of the running tasks) Reason: Command"
            + " exited with code 134";
    ExecutorFailure ended =
        ExecutorFailure.of(new SparkException(STAGE + lost + "\nDriver stacktrace:"));

    assertThat(ended.isOfExecutor()).isTrue();
    assertThat(ended.reason()).isEqualTo("Command exited with code 134");
    assertThat(ended.whole()).contains("executor", "code 134").doesNotContain("stage");
    assertThat(
            ExecutorFailure.of(new SparkException(STAGE + "java.io.IOException: x")).isOfExecutor())
        .isFalse();
  }

  /** Spark's words where it finds no executor that has not failed. */
  @Test
  void noExecutorLeftIsToldByTheLastFailure() {
    String text =
        "Job aborted due to stage failure: Aborting TaskSet 0.0 because task 0 (partition 0) cannot"
            + " run anywhere due to node and executor excludeOnFailure. Most recent failure: Lost"
            + " task 0.0 in stage 0.0 (TID 0) (127.0.0.1 executor 0): "
            + PalimpsestException.class.getName()
            + ": No room.";
    ExecutorFailure failure = ExecutorFailure.of(new SparkException(text));

    assertThat(failure.reason()).isEqualTo("No room.");
    assertThat(failure.isClear()).isTrue();
  }

  @Test
  void whatIsOfNoTaskIsItsFirstLine() {
    assertThat(ExecutorFailure.of(new SparkException("Job 0 cancelled\nby someone")).reason())
        .isEqualTo("Job 0 cancelled");
  }
}
