package org.palimpsest.io.internal.weights;

import org.nd4j.linalg.api.ndarray.INDArray;

/** One tensor of a network, which weights can fill. */
public interface WeightSlot {

  /** Its full name in the network. */
  String name();

  /** The shape in which {@link org.palimpsest.core.weights.Weights} hold such a tensor. */
  long[] shape();

  /**
   * Replaces its values.
   *
   * @param values of that shape
   */
  void fill(INDArray values);
}
