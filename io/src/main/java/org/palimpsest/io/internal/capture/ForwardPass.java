package org.palimpsest.io.internal.capture;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.activation.ActivationSource.CapturedBatch;

/**
 * Shows a network one batch of probes.
 *
 * @param <B> what is captured of it
 */
@FunctionalInterface
public interface ForwardPass<B extends CapturedBatch> {

  /**
   * Runs the network once, in evaluation mode.
   *
   * @param batch probes, samples first
   * @param firstProbe the index of the first of them
   * @return copies of what was captured, in the order in which the layers ran
   */
  B run(INDArray batch, long firstProbe);
}
