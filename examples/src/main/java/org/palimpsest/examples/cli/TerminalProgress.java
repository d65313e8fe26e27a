package org.palimpsest.examples.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.text.VisibleText;

/** A progress bar on standard error, for those who sit at it. */
public final class TerminalProgress implements Progress {

  private static final int INTERVAL_MILLIS = 200;
  private static final int PATIENCE_SECONDS = 2;

  private final PrintStream err;

  private TerminalProgress(PrintStream err) {
    this.err = err;
  }

  /** Bars if the process's standard error is a terminal, otherwise a line now and then. */
  public static Progress ifWatched() {
    return isTerminal()
        ? new TerminalProgress(System.err)
        : new LineProgress(System.err, LineProgress.INTERVAL);
  }

  @Override
  public Task begin(String task, long steps) {
    ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName(VisibleText.of(task))
            .setInitialMax(steps)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(INTERVAL_MILLIS)
            .setConsumer(new ConsoleProgressBarConsumer(err))
            .clearDisplayOnFinish()
            .build();
    return new BarTask(bar);
  }

  /** Java 17 knows only of standard input and output together, so the shell's own test is asked. */
  private static boolean isTerminal() {
    try {
      Process test =
          new ProcessBuilder("test", "-t", "2")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      return test.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && test.exitValue() == 0;
    } catch (IOException noSuchCommand) {
      return System.console() != null;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private record BarTask(ProgressBar bar) implements Task {

    @Override
    public void advance(long steps) {
      bar.stepBy(steps);
    }

    @Override
    public void close() {
      bar.close();
    }
  }
}
