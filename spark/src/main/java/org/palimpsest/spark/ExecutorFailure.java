package org.palimpsest.spark;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.palimpsest.core.PalimpsestException;

/**
 * What went wrong on an executor, without what Spark says of stages and tasks.
 *
 * @param reason what to tell
 * @param kind whose fault it is
 */
record ExecutorFailure(String reason, Kind kind) {

  private static final String OURS = PalimpsestException.class.getName() + ": ";

  /** Of a failure whose class the driver does not know, Spark brings the text alone. */
  private static final Pattern OF_TASK =
      Pattern.compile(
          "most recent failure:\\s+Lost task .*? \\(TID \\d+\\) \\([^)]*\\): (.*)",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern OF_EXECUTOR =
      Pattern.compile("ExecutorLostFailure \\([^)]*\\)(?: Reason: )?(.*)");

  private enum Kind {
    /** A {@link PalimpsestException}: it is told what to do. */
    CLEAR,

    /** The executor ended. */
    EXECUTOR,

    /** Any other. */
    UNEXPECTED
  }

  /** Of what Spark threw. */
  static ExecutorFailure of(Exception failure) {
    Throwable innermost = failure;
    for (Throwable one = failure; one != null; one = one.getCause()) {
      if (one instanceof PalimpsestException clear) {
        return new ExecutorFailure(String.valueOf(clear.getMessage()), Kind.CLEAR);
      }
      innermost = one;
    }
    return innermost instanceof SparkException
        ? told(String.valueOf(innermost.getMessage()))
        : unexpected(innermost.toString());
  }

  /**
   * The failure in a form that reaches the driver, which does not know the classes of plug-ins: its
   * reason and trace, without its causes.
   */
  static PalimpsestException sendable(RuntimeException failure) {
    PalimpsestException sent = new PalimpsestException(of(failure).reason());
    sent.setStackTrace(failure.getStackTrace());
    return sent;
  }

  private static ExecutorFailure told(String text) {
    Matcher ofTask = OF_TASK.matcher(text);
    if (!ofTask.find()) {
      return new ExecutorFailure(text.lines().findFirst().orElse(text), Kind.UNEXPECTED);
    }
    String reason = ofTask.group(1);
    Matcher ofExecutor = OF_EXECUTOR.matcher(reason);
    if (ofExecutor.lookingAt()) {
      return new ExecutorFailure(ofExecutor.group(1).strip(), Kind.EXECUTOR);
    }
    return reason.startsWith(OURS)
        ? new ExecutorFailure(reason.substring(OURS.length()), Kind.CLEAR)
        : unexpected(reason);
  }

  private static ExecutorFailure unexpected(String reason) {
    return new ExecutorFailure(
        "Unexpected failure on an executor: %s. Run it again with --debug for the trace."
            .formatted(reason),
        Kind.UNEXPECTED);
  }

  /**
   * @throws PalimpsestException if Spark runs no more, so that nothing else can be done either
   */
  static void requireRunning(JavaSparkContext spark, Exception failure) {
    if (spark.sc().isStopped()) {
      throw new PalimpsestException(
          "Spark at %s stopped, or never began: its master is not there, or has ended this application. What was found out is kept: give the command again when the cluster is there."
              .formatted(spark.sc().conf().get("spark.master", "its master")),
          failure);
    }
  }

  /** Whether it is told what to do. */
  boolean isClear() {
    return kind == Kind.CLEAR;
  }

  /** Whether the executor ended, be it by this task or by one beside it. */
  boolean isOfExecutor() {
    return kind == Kind.EXECUTOR;
  }

  /** Whether it is the task's own, so that it fails wherever it is done. */
  boolean isOfTask() {
    return kind == Kind.UNEXPECTED;
  }

  /** The failure as if it had happened here. */
  PalimpsestException asHere(Exception cause) {
    return new PalimpsestException(whole(), cause);
  }

  /** The reason as a sentence. */
  String whole() {
    return isOfExecutor()
        ? "Each executor that was to do it ended (%s).".formatted(reason)
        : reason;
  }
}
