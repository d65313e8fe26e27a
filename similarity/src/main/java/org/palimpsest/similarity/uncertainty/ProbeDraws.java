package org.palimpsest.similarity.uncertainty;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.RandomStreams;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.internal.intervals.ImageOrder;

/**
 * Draws whole probes: the positions of one image are not independent of each other.
 *
 * @param probes their number
 * @param rowsPerProbe successive rows of each
 * @param seed of all draws; each has its own stream, whichever thread makes it
 */
record ProbeDraws(int probes, int rowsPerProbe, long seed) {

  static ProbeDraws of(RepresentationInfo info, long seed) {
    int probes = Math.toIntExact(info.probeCount());
    if (probes < 2) {
      throw new PalimpsestException(
          "Layer '%s' has %d samples of %d probe; how sure a value is cannot be told from fewer than two probes. Show more of them."
              .formatted(info.layer(), info.samples(), probes));
    }
    return new ProbeDraws(probes, info.rowsPerProbe(), seed);
  }

  SplittableRandom random(int draw) {
    return RandomStreams.of(seed, draw);
  }

  /** All probes in another order. */
  int[] permuted(SplittableRandom random) {
    return ImageOrder.shuffled(IntStream.range(0, probes).toArray(), random);
  }

  /** The rows of these probes. */
  int[] rows(int[] drawn) {
    int[] rows = new int[drawn.length * rowsPerProbe];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = drawn[i / rowsPerProbe] * rowsPerProbe + i % rowsPerProbe;
    }
    return rows;
  }
}
