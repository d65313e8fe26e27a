package org.palimpsest.io.fuzz;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.palimpsest.core.PalimpsestException;

/** Reads damaged copies of one file and counts what comes of it. */
final class FuzzRun {

  /**
   * What came of it.
   *
   * @param refused ended in the library's exception
   * @param read gave numbers: those of the file, or others where the format has no checksum
   * @param crashes ended in anything else
   * @param hangs took more than ten seconds of the processor, or two minutes
   * @param wrong gave other numbers although the format has a checksum
   * @param mumbled ended in the library's exception, but in words of another library
   * @param findings the files of the last four
   */
  record Tally(
      int mutants,
      int refused,
      int read,
      int crashes,
      int hangs,
      int wrong,
      int mumbled,
      List<String> findings) {

    String row(FuzzTarget target) {
      return "| %s | %d | %d | %d | %d | %d | %s | %d |"
          .formatted(
              target.name(),
              mutants,
              refused,
              read,
              crashes,
              hangs,
              target.hasChecksum() ? wrong : "no checksum",
              mumbled);
    }
  }

  /** The time that a reader's thread had been given when it began to read. */
  private record Start(Thread reader, long nanoseconds) {

    static Start now() {
      return new Start(
          Thread.currentThread(), ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
    }

    long secondsWorked() {
      long now = ManagementFactory.getThreadMXBean().getThreadCpuTime(reader.getId());
      return TimeUnit.NANOSECONDS.toSeconds(now - nanoseconds);
    }
  }

  private static final int HANG_SECONDS = 10;
  private static final int STANDSTILL_SECONDS = 120;

  private final FuzzTarget target;
  private final Path folder;
  private final ExecutorService worker =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "reader");
            thread.setDaemon(true);
            return thread;
          });
  private final List<String> findings = new ArrayList<>();
  private int refused;
  private int read;
  private int crashes;
  private int hangs;
  private int wrong;
  private int mumbled;

  FuzzRun(FuzzTarget target, Path folder) {
    this.target = target;
    this.folder = folder;
  }

  Tally run(int mutants, long seed) throws IOException {
    byte[] original = target.content();
    Path file = folder.resolve("mutant" + target.ending());
    Files.write(file, original);
    Set<Long> truth = target.read(file);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < mutants; i++) {
      byte[] mutant = target.mutation().apply(original, random);
      Files.write(file, mutant);
      String finding = judge(file, truth);
      if (!finding.isEmpty()) {
        Path kept = folder.resolve("found-%s-%d".formatted(target.name(), i));
        Files.write(kept, mutant);
        findings.add(kept + ": " + finding);
      }
    }
    worker.shutdown();
    return new Tally(mutants, refused, read, crashes, hangs, wrong, mumbled, findings);
  }

  private String judge(Path file, Set<Long> truth) {
    AtomicReference<Start> start = new AtomicReference<>();
    Future<Set<Long>> reading =
        worker.submit(
            () -> {
              start.set(Start.now());
              return target.read(file);
            });
    try {
      Set<Long> digests = patiently(reading, start);
      if (target.hasChecksum() && !truth.containsAll(digests)) {
        wrong++;
        return "other numbers in spite of a checksum";
      }
      read++;
    } catch (TimeoutException hang) {
      hangs++;
      return "hangs" + stackOf(reading);
    } catch (ExecutionException failure) {
      if (!(failure.getCause() instanceof PalimpsestException)) {
        crashes++;
        return String.valueOf(failure.getCause());
      }
      String told = String.valueOf(failure.getCause().getMessage());
      Optional<String> words = LibraryWords.in(told);
      if (words.isPresent()) {
        mumbled++;
        return "the words of a library, '%s', in: %s".formatted(words.get(), told);
      }
      refused++;
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
    return "";
  }

  /** A busy machine makes a reader wait: what counts is the processor's time, or minutes. */
  private static Set<Long> patiently(Future<Set<Long>> reading, AtomicReference<Start> start)
      throws InterruptedException, ExecutionException, TimeoutException {
    for (int waited = HANG_SECONDS; ; waited += HANG_SECONDS) {
      try {
        return reading.get(HANG_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException late) {
        boolean worked = start.get() != null && start.get().secondsWorked() >= HANG_SECONDS;
        if (worked || waited >= STANDSTILL_SECONDS) {
          throw late;
        }
      }
    }
  }

  /** Where readers stand, before they are interrupted. */
  private static String stackOf(Future<?> reading) {
    StringBuilder stacks = new StringBuilder();
    Thread.getAllStackTraces()
        .forEach(
            (thread, stack) -> {
              if (thread.getName().equals("reader")) {
                stacks.append(" at ").append(List.of(stack));
              }
            });
    reading.cancel(true);
    return stacks.toString();
  }
}
