package org.palimpsest.similarity.statistics;

import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.representation.RepresentationInfo;

/**
 * One number that says something of a whole layer.
 *
 * @param info its layer, shape and probes
 * @param value the number
 */
public record LayerStatistic(RepresentationInfo info, double value) implements Prepared {}
