package org.palimpsest.cli.internal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.internal.text.VisibleText;

/**
 * A progress bar on standard error, for those who sit at it.
 *
 * <p>A bar is drawn anew five times a second at most, in characters that every terminal has, and
 * disappears when its work is done, so that results stand alone in the end. Names of tasks that
 * hold control characters are shown with these made visible. Work that is expected to take minutes
 * says so in a line before its bar.
 */
public final class TerminalProgress implements Progress {

  private static final int INTERVAL_MILLIS = 200;
  private static final int PATIENCE_SECONDS = 2;
  private static final int LEAST_COLUMNS = 40;

  private final PrintStream err;

  private TerminalProgress(PrintStream err) {
    this.err = err;
  }

  /**
   * Bars if the process's standard error is a terminal in which they have room, otherwise a line
   * now and then.
   *
   * <p>The line comes every 30 seconds, so that a log shows that long work is alive and short work
   * leaves no trace; what is likely to take two minutes or more is told as soon as each core has
   * done a step. A terminal with fewer than 40 columns has no room. Asks the shell once, which
   * takes some milliseconds.
   */
  public static Progress ifWatched() {
    return isTerminalWithRoom()
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

  @Override
  public Task begin(String task, long steps, Duration expected) {
    tellIfLong(err, task, expected);
    return begin(task, steps);
  }

  private static void tellIfLong(PrintStream err, String task, Duration expected) {
    if (expected.toMinutes() > 0) {
      err.printf(
          Locale.ROOT, "%s: will take about %d min%n", VisibleText.of(task), expected.toMinutes());
    }
  }

  /**
   * Java 17 knows only of standard input and output together, and nothing of their size, so the
   * shell is asked.
   */
  private static boolean isTerminalWithRoom() {
    try {
      Process test =
          new ProcessBuilder("sh", "-c", "test -t 2 && { stty size <&2 2>&- || true; }")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      boolean terminal = test.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && test.exitValue() == 0;
      return terminal
          && hasRoom(new String(test.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
    } catch (IOException noSuchCommand) {
      return System.console() != null;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Whether there are columns enough, by rows and columns; what is not known is. */
  static boolean hasRoom(String size) {
    String[] words = size.strip().split(" ");
    int columns =
        words.length == 2 && words[1].matches("\\d{1,6}") ? Integer.parseInt(words[1]) : 0;
    return columns == 0 || columns >= LEAST_COLUMNS;
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

  /**
   * How far work has come.
   *
   * @param done steps
   * @param at when the last of them was done, in nanoseconds
   */
  record Pace(long done, long at) {

    private static final long MINUTE = 60;
    private static final long SECOND = 1_000_000_000;

    /**
     * In words. What is left is told by how long a step took so far; once the present one takes
     * longer than all that should have been left, nobody knows.
     */
    String line(long steps, long start, long now) {
      long left = secondsLeft(steps, start, now);
      return "%s of %s after %s s%s"
          .formatted(
              done,
              steps,
              (now - start) / SECOND,
              left < MINUTE ? "" : ", about %s min left".formatted(left / MINUTE));
    }

    private long secondsLeft(long steps, long start, long now) {
      long each = done == 0 ? 0 : (at - start) / done;
      return (each * (steps - done) - (now - at)) / SECOND;
    }
  }

  /**
   * A line on how far work has come, now and then: what takes long shows in a log that it is alive,
   * what is soon done says nothing. What will take minutes says so as soon as each core has done a
   * step.
   */
  static final class LineProgress implements Progress {

    static final Duration INTERVAL = Duration.ofSeconds(30);

    private final PrintStream err;
    private final Duration interval;

    LineProgress(PrintStream err, Duration interval) {
      this.err = err;
      this.interval = interval;
    }

    @Override
    public Task begin(String task, long steps) {
      ScheduledExecutorService clock =
          Executors.newSingleThreadScheduledExecutor(
              work -> {
                Thread thread = new Thread(work, "progress");
                thread.setDaemon(true);
                return thread;
              });
      CountedTask counted = new CountedTask(task, steps, clock, System.nanoTime());
      clock.scheduleWithFixedDelay(
          () -> err.println(counted.line(System.nanoTime())),
          interval.toMillis(),
          interval.toMillis(),
          TimeUnit.MILLISECONDS);
      return counted;
    }

    @Override
    public Task begin(String task, long steps, Duration expected) {
      tellIfLong(err, task, expected);
      return begin(task, steps);
    }

    private final class CountedTask implements Task {

      private final String name;
      private final long all;
      private final ScheduledExecutorService clock;
      private final long start;
      private final int cores = Runtime.getRuntime().availableProcessors();
      private volatile Pace pace;

      CountedTask(String name, long all, ScheduledExecutorService clock, long start) {
        this.name = name;
        this.all = all;
        this.clock = clock;
        this.start = start;
        this.pace = new Pace(0, start);
      }

      @Override
      public synchronized void advance(long steps) {
        long now = System.nanoTime();
        Pace reached = new Pace(pace.done() + steps, now);
        pace = reached;
        boolean isFirst = reached.done() - steps < cores && reached.done() >= cores;
        if (isFirst && reached.secondsLeft(all, start, now) >= 2 * Pace.MINUTE) {
          err.println(line(now));
        }
      }

      private String line(long now) {
        return name + ": " + pace.line(all, start, now);
      }

      @Override
      public void close() {
        clock.shutdownNow();
      }
    }
  }
}
