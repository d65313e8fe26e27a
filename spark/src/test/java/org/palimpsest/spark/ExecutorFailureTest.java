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
    return ExecutorFailure.of(new SparkException(STAGE + ofTask + TRACE, cause)).getMessage();
  }

  private static String told(String ofTask) {
    return ExecutorFailure.of(new SparkException(STAGE + ofTask + TRACE)).getMessage();
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

  @Test
  void anExecutorThatIsLostSaysHow() {
    assertThat(told("ExecutorLostFailure (executor 1 exited) Reason: exit code 137"))
        .startsWith("Unexpected failure on an executor: ExecutorLostFailure (executor 1 exited)")
        .contains("exit code 137")
        .doesNotContain("stage");
  }

  @Test
  void whatIsOfNoTaskIsItsFirstLine() {
    assertThat(ExecutorFailure.of(new SparkException("Job 0 cancelled\nby someone")))
        .hasMessage("Job 0 cancelled");
  }
}
