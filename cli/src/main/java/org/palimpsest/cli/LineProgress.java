package org.palimpsest.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.palimpsest.core.progress.Progress;

/**
 * A line on how far work has come, now and then: what takes long shows in a log that it is alive,
 * what is soon done says nothing.
 */
final class LineProgress implements Progress {

  static final Duration INTERVAL = Duration.ofSeconds(30);

  private static final long MINUTE = 60;

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
    AtomicLong done = new AtomicLong();
    long start = System.nanoTime();
    clock.scheduleAtFixedRate(
        () ->
            err.println(line(task, done.get(), steps, Duration.ofNanos(System.nanoTime() - start))),
        interval.toMillis(),
        interval.toMillis(),
        TimeUnit.MILLISECONDS);
    return new CountedTask(done, clock);
  }

  private static String line(String task, long done, long steps, Duration since) {
    long left = done == 0 ? 0 : since.toSeconds() * (steps - done) / done;
    return "%s: %d of %d after %d s%s"
        .formatted(
            task,
            done,
            steps,
            since.toSeconds(),
            left < MINUTE ? "" : ", about %d min left".formatted(left / MINUTE));
  }

  private record CountedTask(AtomicLong done, ScheduledExecutorService clock) implements Task {

    @Override
    public void advance(long steps) {
      done.addAndGet(steps);
    }

    @Override
    public void close() {
      clock.shutdownNow();
    }
  }
}
