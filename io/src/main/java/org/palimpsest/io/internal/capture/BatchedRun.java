package org.palimpsest.io.internal.capture;

import java.util.function.Consumer;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.CapturedBatch;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.network.RunLimits;

/**
 * Shows a network all probes, a few at a time, and hands on what its layers answer.
 *
 * @param network what to call the network in messages
 * @param limits how many at a time, and in how much memory
 * @param least the fewest that it can be shown at once: 1, or the batch size that it was made for
 */
public record BatchedRun(String network, RunLimits limits, int least) {

  public static BatchedRun of(String network, RunLimits limits) {
    return new BatchedRun(network, limits, 1);
  }

  /** Of a network that can be shown just so many probes at once. */
  public static BatchedRun ofFixedSize(String network, RunLimits limits, int size) {
    return new BatchedRun(network, limits.withBatchSize(size), size);
  }

  /** How many of these probes the network is shown first. */
  public int firstBatch(Probes probes) {
    return limits.memory().isLimited() ? least : Batches.next(probes.count(), limits.batchSize());
  }

  /**
   * Runs all batches in order. Where memory is limited, a first look at {@link #least} probes,
   * whose answers are dropped, tells how many fit.
   *
   * @throws PalimpsestException if a pass fails, or the memory does not suffice for the fewest
   */
  public <B extends CapturedBatch> void run(
      ForwardPass<B> pass, Probes probes, Progress progress, Consumer<B> receiver) {
    OffHeapBudget garbage = new OffHeapBudget();
    try (Progress.Task task = progress.begin("Capture " + network, probes.count())) {
      MemoryPace pace = new MemoryPace(this, garbage);
      pace.lookAt(pass, probes);
      long from = 0;
      while (from < probes.count()) {
        int size = Batches.next(probes.count() - from, pace.mostAtOnce());
        B captured = pass.run(probes.batch(from, from + size), from);
        receiver.accept(captured);
        garbage.handOut(captured.tensors());
        pace.check();
        from += size;
        task.advance(size);
      }
    }
  }
}
