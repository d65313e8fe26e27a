package org.palimpsest.similarity.uncertainty;

import java.util.function.IntToDoubleFunction;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.similarity.internal.linalg.Cores;

/** Runs replicates in parallel and tells how far they are. */
final class Replicates {

  private Replicates() {}

  /** The value of each, at its own place, whichever thread computes it. */
  static double[] run(String task, int count, Progress progress, IntToDoubleFunction replicate) {
    try (Progress.Task running = progress.begin(task, count)) {
      double[] values = new double[count];
      Cores.sideBySide(
          count,
          index -> {
            values[index] = replicate.applyAsDouble(index);
            synchronized (running) {
              running.advance(1);
            }
          });
      return values;
    }
  }
}
