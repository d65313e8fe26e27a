package org.palimpsest.io.capture;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Shows a network one batch of probes. */
@FunctionalInterface
public interface ForwardPass {

  /**
   * Runs the network once, in evaluation mode.
   *
   * @param batch probes, samples first
   * @param recorder is told of each layer that has run
   */
  void run(INDArray batch, LayerRecorder recorder);
}
