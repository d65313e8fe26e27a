package org.palimpsest.examples.experiment;

import org.palimpsest.core.measure.Score;

/**
 * How alike one layer is in two networks.
 *
 * @param pair the networks
 * @param layer the layer's path, the same in both
 * @param measure the measure's name
 * @param view how feature maps became samples
 * @param score what the measure found
 */
public record ReuseRow(NetworkPair pair, String layer, String measure, String view, Score score) {}
