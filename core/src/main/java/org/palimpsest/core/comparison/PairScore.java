package org.palimpsest.core.comparison;

import org.palimpsest.core.measure.Score;

/**
 * One row of a table of results: what one measure says of one layer of each network.
 *
 * @param layerA the path of network A's layer
 * @param layerB the path of network B's layer
 * @param measure the measure's name with its parameters, as it was asked for
 * @param view how feature maps became samples for this pair, such as {@code positions 32x32}: the
 *     coarser grid of the two where positions are samples
 * @param score the value with its direction, range, warnings and, if asked for, interval
 * @see ComparisonResult#rows()
 */
public record PairScore(String layerA, String layerB, String measure, String view, Score score) {}
