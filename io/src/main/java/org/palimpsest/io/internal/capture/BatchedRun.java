package org.palimpsest.io.internal.capture;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource.CapturedBatch;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

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
   * Runs all batches in order. Where memory is limited and there are more than {@link #least}
   * probes, a first look at so many, whose answers are dropped, tells how many fit.
   *
   * @throws PalimpsestException if a pass fails, or the memory does not suffice for the fewest
   */
  public <B extends CapturedBatch> void run(
      ForwardPass<B> unguarded, Probes probes, Progress progress, Consumer<B> receiver) {
    ForwardPass<B> pass =
        (batch, first) -> whereMemoryLasts(batch.shape(), () -> unguarded.run(batch, first));
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

  /**
   * Shows the network probes, where a runtime may have no more memory.
   *
   * @param shape of the probes, with the samples first
   * @throws PalimpsestException if it has not, in place of the runtime's words
   */
  public <T> T whereMemoryLasts(long[] shape, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException | OutOfMemoryError failure) {
      if (MemoryShortage.causes(failure)) {
        throw new PalimpsestException(usedUp(shape), failure);
      }
      throw failure;
    }
  }

  private String usedUp(long[] shape) {
    String advice =
        "choose fewer layers, take smaller probes, or with compare and track fewer positions of each probe (--positions N)";
    return limits.memory().isLimited()
        ? "%s MB of memory are too little for '%s' to be shown probes of the shape %s. How much would do was not reached: allow twice as much, %s."
            .formatted(limits.memory().ofWhole() >> 20, network, Arrays.toString(shape), advice)
        : "There is not memory enough for '%s' to be shown probes of the shape %s. Take a larger machine, %s."
            .formatted(network, Arrays.toString(shape), advice);
  }

  /**
   * Cuts probes into batches of nearly the same size, so that no last batch is much smaller (some
   * networks lose a dimension when they are shown a single sample).
   */
  static final class Batches {

    private Batches() {}

    /**
     * The size of the next batch.
     *
     * @param probes how many are still to be shown, at least 1
     * @param largest the most in one batch
     */
    static int next(long probes, int largest) {
      long batches = (probes + largest - 1) / largest;
      return (int) ((probes + batches - 1) / batches);
    }
  }

  /** Finds how many probes fit into memory at once, and holds the process to it. */
  private static final class MemoryPace {

    private static final long MEGABYTE = 1L << 20;

    /** What was captured exists in the runtime and as a copy, and while it is written once more. */
    private static final long COPIES = 3;

    /**
     * How much a process still grows after a first look: compiled code, and what lies uncollected.
     */
    private static final long LEAST_SLACK = 80 * MEGABYTE;

    private static final long STEP = 10 * MEGABYTE;

    /**
     * What a first look told: what was held before and the most meanwhile, and the size of what was
     * captured.
     */
    private record Look(long before, long peak, long captured) {

      /** Whether a look at twice as many probes stays below a bound. */
      boolean allowsTwice(long bound) {
        return peak - before < bound - peak;
      }
    }

    private final BatchedRun run;
    private final OffHeapBudget garbage;
    private int most;

    MemoryPace(BatchedRun run, OffHeapBudget garbage) {
      this.run = run;
      this.garbage = garbage;
      this.most = run.limits().batchSize();
    }

    private boolean isLimited() {
      return run.limits().memory().isLimited();
    }

    private long bound() {
      return run.limits().memory().bytes();
    }

    /** How many probes may be shown at once. */
    int mostAtOnce() {
      return most;
    }

    /**
     * Shows the network the fewest probes that it takes, and twice as many if the bound is likely
     * to hold then, to see what more of them cost; does nothing where memory is not limited.
     *
     * @throws PalimpsestException if memory does not suffice even for the fewest, with room for
     *     what the collector leaves lying of those before
     */
    void lookAt(ForwardPass<?> pass, Probes probes) {
      if (!isLimited()) {
        return;
      }
      int least = run.least();
      if (probes.count() <= least) {
        beginAnew();
        return;
      }
      Look first = look(pass, probes, least);
      long cost = Math.max(1, COPIES * first.captured());
      long needed = first.peak() + Math.max(cost, LEAST_SLACK);
      if (needed > bound()) {
        throw tooLittle(probes, needed);
      }
      long room = bound() - first.peak();
      if (most > least && probes.count() > least && cost < room) {
        cost =
            first.allowsTwice(bound())
                ? Math.max(cost, look(pass, probes, 2 * least).peak() - first.peak())
                : room;
      }
      long leftLying = Math.min(OffHeapBudget.USUAL, room / 2);
      garbage.limitTo(leftLying);
      while (most > least && (most / least - 1) * cost > room - leftLying) {
        most = Math.max(least, most / 2);
      }
      beginAnew();
    }

    private Look look(ForwardPass<?> pass, Probes probes, int size) {
      beginAnew();
      long before = ResidentMemory.peak();
      long captured = 0;
      CapturedBatch batch = pass.run(probes.batch(0, size), 0);
      for (INDArray tensor : batch.tensors()) {
        captured += tensor.length() * tensor.dataType().width();
      }
      batch.free();
      return new Look(before, ResidentMemory.peak(), captured);
    }

    private static void beginAnew() {
      System.gc();
      ResidentMemory.forgetPeak();
    }

    private PalimpsestException tooLittle(Probes probes, long needed) {
      long[] shape = probes.shape().clone();
      shape[0] = run.least();
      MemoryBound allowed = run.limits().memory();
      return new PalimpsestException(
          "%s MB of memory are too little for '%s': to be shown probes of the shape %s at once it needs %s MB. Allow at least that much, choose fewer layers, or with compare and track fewer positions of each probe (--positions N)."
              .formatted(
                  allowed.ofWhole() / MEGABYTE,
                  run.network(),
                  Arrays.toString(shape),
                  roundedUp(allowed.wholeThatAllows(needed + LEAST_SLACK / 5)) / MEGABYTE));
    }

    /** Measured again it may be a little more. */
    private static long roundedUp(long bytes) {
      return (bytes / STEP + 1) * STEP;
    }

    /**
     * Looks back at a batch: if it took more than was expected, there will be fewer probes in those
     * that follow.
     *
     * @throws PalimpsestException if there cannot be fewer
     */
    void check() {
      if (!isLimited() || ResidentMemory.peak() <= bound()) {
        return;
      }
      long held = ResidentMemory.peak();
      if (most <= run.least()) {
        throw new PalimpsestException(
            "'%s' took %s MB of memory with %s probes at once, more than the %s MB that were allowed. Allow more memory, choose fewer layers, or with compare and track fewer positions of each probe (--positions N)."
                .formatted(run.network(), held / MEGABYTE + 1, most, bound() / MEGABYTE));
      }
      most = Math.max(run.least(), most / 2);
      garbage.limitTo(0);
      beginAnew();
    }
  }
}
