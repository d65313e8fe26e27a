package org.palimpsest.reproduction.experiment;

/**
 * How alike one layer is in two networks.
 *
 * @param pair the networks
 * @param layer the layer's path, the same in both
 * @param measure the measure's name
 * @param value what the measure found
 */
public record ReuseRow(NetworkPair pair, String layer, String measure, double value) {}
