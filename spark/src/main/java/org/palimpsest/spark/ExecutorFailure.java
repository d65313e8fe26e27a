package org.palimpsest.spark;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkException;
import org.palimpsest.core.PalimpsestException;

/** What went wrong on an executor, without what Spark says of stages and tasks. */
final class ExecutorFailure {

  private static final String OURS = PalimpsestException.class.getName() + ": ";

  /** Of a failure whose class the driver does not know, Spark brings the text alone. */
  private static final Pattern OF_TASK =
      Pattern.compile("most recent failure: Lost task .*? \\(TID \\d+\\) \\([^)]*\\): (.*)");

  private ExecutorFailure() {}

  /** The failure as if it had happened here. */
  static PalimpsestException of(Exception failure) {
    return new PalimpsestException(reason(failure), failure);
  }

  /**
   * The failure in a form that reaches the driver, which does not know the classes of plug-ins: its
   * reason and trace, without its causes.
   */
  static PalimpsestException sendable(RuntimeException failure) {
    PalimpsestException sent = new PalimpsestException(reason(failure));
    sent.setStackTrace(failure.getStackTrace());
    return sent;
  }

  private static String reason(Exception failure) {
    Throwable innermost = failure;
    for (Throwable one = failure; one != null; one = one.getCause()) {
      if (one instanceof PalimpsestException clear) {
        return String.valueOf(clear.getMessage());
      }
      innermost = one;
    }
    return innermost instanceof SparkException ? told(innermost) : unexpected(innermost.toString());
  }

  private static String told(Throwable failure) {
    String text = String.valueOf(failure.getMessage());
    Matcher ofTask = OF_TASK.matcher(text);
    if (!ofTask.find()) {
      return text.lines().findFirst().orElse(text);
    }
    String reason = ofTask.group(1);
    return reason.startsWith(OURS) ? reason.substring(OURS.length()) : unexpected(reason);
  }

  private static String unexpected(String reason) {
    return "Unexpected failure on an executor: %s. Run it again with --debug for the trace."
        .formatted(reason);
  }
}
