package org.palimpsest.core.representation;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.activation.CapturedBatch;

/**
 * The matrices of layers that a few successive probes gave, made where the network ran. Of a layer
 * that holds a value which is not finite there is the reason instead, in this batch and not in all:
 * whoever collects batches leaves the layer out.
 *
 * @param firstSample the index of the first of these probes
 * @param samples how many they are
 * @param matrices in the order in which the layers ran, their rows being those of these probes, one
 *     probe after the other; the tensors belong to the receiver
 * @param flaws by layer, why there are no matrices of it
 */
public record MatrixBatch(
    long firstSample,
    long samples,
    Map<MatrixRequest.Target, INDArray> matrices,
    Map<String, String> flaws)
    implements CapturedBatch {

  public MatrixBatch {
    matrices = Collections.unmodifiableMap(new LinkedHashMap<>(matrices));
    flaws = Map.copyOf(flaws);
  }

  @Override
  public Collection<INDArray> tensors() {
    return matrices.values();
  }
}
