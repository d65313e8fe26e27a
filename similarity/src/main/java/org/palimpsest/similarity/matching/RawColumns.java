package org.palimpsest.similarity.matching;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.representation.RepresentationInfo;

/**
 * A layer as it is, in float64.
 *
 * @param info its layer, shape and probes
 * @param matrix n × p, divided by {@code scale}
 * @param scale a power of two near the largest absolute value
 */
public record RawColumns(RepresentationInfo info, INDArray matrix, double scale)
    implements Prepared {}
