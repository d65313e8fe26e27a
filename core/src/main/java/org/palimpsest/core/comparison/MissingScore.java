package org.palimpsest.core.comparison;

import org.palimpsest.core.measure.Direction;

/**
 * A pair of layers of which a measure cannot tell anything, beside the scores of the pairs of which
 * it can: a layer is constant, has too few samples for this measure, or holds a value that is not
 * finite. One such pair does not end a comparison; if no pair at all has a score, the first reason
 * is thrown instead.
 *
 * @param layerA the layer of network A
 * @param layerB the layer of network B
 * @param measure the measure's name, as it was asked for
 * @param direction the measure's
 * @param view how feature maps became samples for this pair
 * @param reason why, in whole sentences that name the layer
 * @see ComparisonResult#missing()
 */
public record MissingScore(
    String layerA,
    String layerB,
    String measure,
    Direction direction,
    String view,
    String reason) {}
