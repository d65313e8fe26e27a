package org.palimpsest.claims;

import java.util.Map;
import org.palimpsest.claims.FiltersLookRandom.KernelScore;
import org.palimpsest.similarity.internal.statistics.KernelAuc;

/**
 * What became of the filters of a layer between the start of a run and its end.
 *
 * @param layer the layer's name in the file of weights
 * @param filters how many
 * @param angle the mean angle between a filter before and after, in degrees
 * @param change the distance between before and after, as a share of that between independent
 *     filters of the same norms
 * @param nearestToThemselves how many filters are nearest to what they were themselves
 * @param looks by score, how well it tells the kernels from fresh random ones
 */
record LayerFate(
    String layer,
    int filters,
    double angle,
    double change,
    int nearestToThemselves,
    Map<KernelScore, KernelAuc> looks) {

  LayerFate {
    looks = Map.copyOf(looks);
  }
}
