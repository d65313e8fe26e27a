package org.palimpsest.core.comparison;

import org.palimpsest.core.measure.Score;

/** One row of a table of results. */
public record PairScore(String layerA, String layerB, String measure, String view, Score score) {}
