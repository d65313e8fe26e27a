package org.palimpsest.core.comparison;

import org.palimpsest.core.measure.Direction;

/**
 * A pair of layers of which a measure cannot tell anything.
 *
 * @param layerA the layer of network A
 * @param layerB the layer of network B
 * @param measure the measure's name, as it was asked for
 * @param direction the measure's
 * @param view how feature maps became samples for this pair
 * @param reason why, in whole sentences
 */
public record MissingScore(
    String layerA,
    String layerB,
    String measure,
    Direction direction,
    String view,
    String reason) {}
