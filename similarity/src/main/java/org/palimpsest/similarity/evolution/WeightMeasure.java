package org.palimpsest.similarity.evolution;

import java.util.Optional;
import org.palimpsest.core.measure.Direction;
import org.palimpsest.core.measure.Range;

/**
 * What a reader must know of a figure about weights.
 *
 * @param name as in tables
 * @param description one sentence
 * @param direction whether more means more alike; empty where it is not about alikeness
 * @param range the values that it can take
 */
public record WeightMeasure(
    String name, String description, Optional<Direction> direction, Range range) {}
