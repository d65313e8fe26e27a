package org.palimpsest.core.internal.tensor;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;

/** Sees to it that a layer answers all probes with features of one shape. */
public final class SteadyShapes {

  private final Map<String, long[]> known = new HashMap<>();

  /**
   * Looks at what a layer answered to some probes.
   *
   * @param shape samples first
   * @param firstSample the index of the first of these probes; 0 begins anew
   * @throws PalimpsestException if the layer answered earlier ones not at all, or otherwise
   */
  public void require(String layer, long[] shape, long firstSample) {
    if (firstSample == 0) {
      known.put(layer, shape.clone());
      return;
    }
    long[] first = known.get(layer);
    if (first == null || !sameFeatures(first, shape)) {
      throw new PalimpsestException(
          "Layer '%s' answers the probes from number %s on with the shape %s, the earlier ones %s."
                  .formatted(
                      layer,
                      firstSample,
                      Arrays.toString(shape),
                      first == null ? "not at all" : "with " + Arrays.toString(first))
              + " Such a layer cannot be captured: leave it out.");
    }
  }

  private static boolean sameFeatures(long[] first, long[] other) {
    return Arrays.equals(first, 1, first.length, other, 1, Math.max(1, other.length));
  }
}
