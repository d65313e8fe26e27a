package org.palimpsest.io.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.palimpsest.core.PalimpsestException;

/**
 * Reads many damaged copies of real files and counts what goes wrong. Not part of the test suite;
 * docs/robustness.md says how to run it and what came of it.
 *
 * <p>Arguments: the number of mutants of each file, a seed, and perhaps the names of the formats.
 */
public final class FuzzCampaign {

  private static final int HANG_SECONDS = 10;

  private final ExecutorService worker =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "reader");
            thread.setDaemon(true);
            return thread;
          });
  private final Path folder;
  private final long seed;

  private FuzzCampaign(Path folder, long seed) {
    this.folder = folder;
    this.seed = seed;
  }

  public static void main(String[] arguments) throws IOException {
    int mutants = Integer.parseInt(arguments[0]);
    long seed = Long.parseLong(arguments[1]);
    List<String> only = List.of(arguments).subList(2, arguments.length);
    Path folder = Files.createTempDirectory("fuzz");
    FuzzCampaign campaign = new FuzzCampaign(folder, seed);
    System.out.println("| format | mutants | refused | read | crashes | hangs | wrong successes |");
    System.out.println("| --- | --- | --- | --- | --- | --- | --- |");
    for (FuzzTarget target : FuzzTarget.all()) {
      if (only.isEmpty() || only.contains(target.name())) {
        System.out.println(campaign.run(target, mutants));
      }
    }
    System.exit(0);
  }

  private String run(FuzzTarget target, int mutants) throws IOException {
    byte[] original = target.content();
    Path file = folder.resolve("mutant" + target.ending());
    Files.write(file, original);
    long truth = target.read(file);
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, Integer> outcomes = new TreeMap<>();
    for (int i = 0; i < mutants; i++) {
      byte[] mutant = Mutator.mutate(original, random);
      Files.write(file, mutant);
      String outcome = outcome(target, file, truth);
      if (outcome.startsWith("crash") || outcome.equals("wrong") || outcome.equals("hang")) {
        keep(target, mutant, outcome, i);
      }
      outcomes.merge(outcome.startsWith("crash") ? "crash" : outcome, 1, Integer::sum);
    }
    return "| %s | %d | %d | %d | %d | %d | %s |"
        .formatted(
            target.name(),
            mutants,
            outcomes.getOrDefault("refused", 0),
            outcomes.getOrDefault("read", 0) + outcomes.getOrDefault("same", 0),
            outcomes.getOrDefault("crash", 0),
            outcomes.getOrDefault("hang", 0),
            target.hasChecksum() ? outcomes.getOrDefault("wrong", 0) : "no checksum");
  }

  private String outcome(FuzzTarget target, Path file, long truth) {
    Future<Long> reading = worker.submit(() -> target.read(file));
    try {
      long digest = reading.get(HANG_SECONDS, TimeUnit.SECONDS);
      if (digest == truth) {
        return "same";
      }
      return target.hasChecksum() ? "wrong" : "read";
    } catch (TimeoutException hang) {
      reading.cancel(true);
      return "hang";
    } catch (ExecutionException failure) {
      return failure.getCause() instanceof PalimpsestException
          ? "refused"
          : "crash " + failure.getCause();
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }

  private void keep(FuzzTarget target, byte[] mutant, String outcome, int number) {
    try {
      Path kept = folder.resolve("found-%s-%d".formatted(target.name(), number));
      Files.write(kept, mutant);
      System.err.println(outcome + ": " + kept);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
