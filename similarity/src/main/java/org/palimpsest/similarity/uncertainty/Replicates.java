package org.palimpsest.similarity.uncertainty;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.palimpsest.core.progress.Progress;

/** Runs replicates in parallel and tells how far they are. */
final class Replicates {

  private Replicates() {}

  /** The value of each, at its own place, whichever thread computes it. */
  static double[] run(String task, int count, Progress progress, IntToDoubleFunction replicate) {
    try (Progress.Task running = progress.begin(task, count)) {
      return IntStream.range(0, count)
          .parallel()
          .mapToDouble(
              index -> {
                double value = replicate.applyAsDouble(index);
                synchronized (running) {
                  running.advance(1);
                }
                return value;
              })
          .toArray();
    }
  }
}
