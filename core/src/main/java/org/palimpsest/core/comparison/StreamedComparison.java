package org.palimpsest.core.comparison;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.internal.engine.Lookahead;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;

/**
 * Two networks that are shown a few probes at a time.
 *
 * @param first the first network
 * @param ofFirst which of its layers are wanted
 * @param second the second network
 * @param ofSecond which of its layers are wanted
 * @param mostBytes what may be held; activations of a few probes take a part of it
 */
record StreamedComparison(
    ActivationSource first,
    LayerSelector ofFirst,
    ActivationSource second,
    LayerSelector ofSecond,
    long mostBytes) {

  /** As many as importers show a network at once. */
  static final int PROBES_AT_ONCE = 16;

  /** As much is held twice where memory is not bounded. */
  private static final long LARGE = 2L << 30;

  /** Activations, matrices made of them, and what is made of these. */
  private static final int PARTS = 4;

  /** Shows all probes to both networks, of which nothing was gathered before. */
  ComparisonResult compare(Probes probes, PartialComparison sums, Progress progress) {
    gather(
        probes,
        (from, to, ofA, ofB) -> {
          sums.add(from, to, ofA, ofB);
          return true;
        },
        progress);
    return sums.result();
  }

  /** The same, or nothing where the sums take too much memory, refuse, or leave a pair without. */
  Optional<ComparisonResult> compareIfSumsServe(
      Probes probes, PartialComparison sums, Progress progress) {
    boolean served =
        gather(
            probes,
            (from, to, ofA, ofB) ->
                bytesOfSums(ofA, ofB) <= mostBytes && isTaken(sums, from, to, ofA, ofB),
            progress);
    try {
      return served
          ? Optional.of(sums.result()).filter(result -> result.missing().isEmpty())
          : Optional.empty();
    } catch (PalimpsestException noScoreAtAll) {
      return Optional.empty();
    }
  }

  private static boolean isTaken(
      PartialComparison sums, long from, long to, ActivationSet ofA, ActivationSet ofB) {
    try {
      sums.add(from, to, ofA, ofB);
      return true;
    } catch (PalimpsestException refused) {
      return false;
    }
  }

  /** Takes what both networks answered to some probes, or refuses it. */
  private interface Adding {
    boolean add(long from, long to, ActivationSet ofA, ActivationSet ofB);
  }

  /** What both networks answered to the probes from one to another, the last not counted. */
  private record Shown(long from, long to, ActivationSet ofFirst, ActivationSet ofSecond) {

    long bytesOfProbe() {
      return bytes() / (to - from);
    }

    long bytes() {
      return StreamedComparison.bytes(ofFirst)
          + (ofSecond == ofFirst ? 0 : StreamedComparison.bytes(ofSecond));
    }

    void free() {
      StreamedComparison.free(ofFirst);
      StreamedComparison.free(ofSecond);
    }
  }

  private boolean gather(Probes probes, Adding sums, Progress progress) {
    try (Progress.Task task = progress.begin("stream", probes.count());
        Lookahead<Shown> next = new Lookahead<>("probes ahead")) {
      Shown shown = show(probes, 0, isBounded() ? 1 : PROBES_AT_ONCE);
      while (true) {
        long from = shown.to;
        long most = atOnce(shown.bytesOfProbe());
        boolean isAhead = from < probes.count() && hasRoomBeside(shown);
        if (isAhead) {
          next.begin(() -> show(probes, from, most));
        }
        if (!isTaken(shown, sums, next)) {
          return false;
        }
        task.advance(from - shown.from);
        if (isBounded()) {
          shown.free();
        }
        if (from >= probes.count()) {
          return true;
        }
        shown = next.takeOr(() -> show(probes, from, most));
      }
    }
  }

  private Shown show(Probes probes, long from, long most) {
    boolean isOne = first == second && ofFirst == ofSecond;
    long to = Math.min(from + most, probes.count());
    Probes some = probes.range(from, to);
    ActivationSet ofA = first.capture(some, ofFirst, Progress.silent());
    ActivationSet ofB = isOne ? ofA : second.capture(some, ofSecond, Progress.silent());
    return new Shown(from, to, ofA, ofB);
  }

  /** If not, the networks are at rest afterwards, so that they can be asked something else. */
  private static boolean isTaken(Shown shown, Adding sums, Lookahead<Shown> next) {
    boolean isTaken = false;
    try {
      isTaken = sums.add(shown.from, shown.to, shown.ofFirst, shown.ofSecond);
      return isTaken;
    } finally {
      if (!isTaken) {
        next.abandon(Shown::free);
      }
    }
  }

  /** Whether the networks may answer the next probes while these are added to the sums. */
  private boolean hasRoomBeside(Shown shown) {
    return 2 * shown.bytes() <= (isBounded() ? mostBytes : LARGE);
  }

  /** About as much in float64, of each layer with itself on each grid and of each pair. */
  private static long bytesOfSums(ActivationSet ofA, ActivationSet ofB) {
    long a = features(ofA);
    long b = features(ofB);
    return Double.BYTES * (a * a + b * b + a * b);
  }

  private static long features(ActivationSet activations) {
    return activations.layers().stream()
        .map(layer -> activations.get(layer).values())
        .mapToLong(values -> values.rank() > 1 ? values.size(1) : 1)
        .sum();
  }

  private boolean isBounded() {
    return mostBytes < Long.MAX_VALUE;
  }

  /** Tensors that are captured belong to whoever asked for them. */
  private static void free(ActivationSet captured) {
    captured.layers().stream()
        .map(layer -> captured.get(layer).values())
        .filter(INDArray::closeable)
        .forEach(INDArray::close);
  }

  private long atOnce(long bytesPerProbe) {
    long most = mostBytes / PARTS / Math.max(1, bytesPerProbe);
    return Math.max(1, Math.min(PROBES_AT_ONCE, most));
  }

  private static long bytes(ActivationSet activations) {
    return activations.layers().stream()
        .map(layer -> activations.get(layer).values())
        .mapToLong(values -> values.length() * values.dataType().width())
        .sum();
  }
}
