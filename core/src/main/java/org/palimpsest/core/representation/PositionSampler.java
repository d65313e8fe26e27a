package org.palimpsest.core.representation;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.palimpsest.core.internal.random.RandomStreams;
import org.palimpsest.core.representation.FeatureMaps.View;

/** Draws the same positions of a probe for every layer that is viewed in the same way. */
final class PositionSampler {

  private PositionSampler() {}

  static int[] draw(View view, long probe) {
    int[] positions = IntStream.range(0, view.grid().positions()).toArray();
    return drawn(positions, view.rowsPerProbe(), view.featureMaps().seed(), probe);
  }

  /**
   * So many of some positions, in ascending order.
   *
   * @param positions ascending; changed
   */
  static int[] drawn(int[] positions, int wanted, long seed, long probe) {
    if (wanted == positions.length) {
      return positions;
    }
    SplittableRandom random = RandomStreams.of(seed, probe);
    for (int i = 0; i < wanted; i++) {
      int other = i + random.nextInt(positions.length - i);
      int drawn = positions[other];
      positions[other] = positions[i];
      positions[i] = drawn;
    }
    int[] drawn = Arrays.copyOf(positions, wanted);
    Arrays.sort(drawn);
    return drawn;
  }
}
