package org.palimpsest.core.comparison;

import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;

/** Two networks that are shown a few probes at a time. */
final class StreamedComparison {

  /** As many as importers show a network at once. */
  static final int PROBES_AT_ONCE = 16;

  private StreamedComparison() {}

  /** Shows all probes to two networks, of which nothing was gathered before. */
  static ComparisonResult compare(
      ActivationSource first,
      ActivationSource second,
      Probes probes,
      LayerSelector layers,
      PartialComparison sums,
      Progress progress) {
    try (Progress.Task task = progress.begin("stream", probes.count())) {
      for (long from = 0; from < probes.count(); from += PROBES_AT_ONCE) {
        long to = Math.min(from + PROBES_AT_ONCE, probes.count());
        Probes some = probes.range(from, to);
        sums.add(
            from,
            to,
            first.capture(some, layers, Progress.silent()),
            second.capture(some, layers, Progress.silent()));
        task.advance(some.count());
      }
    }
    return sums.result();
  }
}
