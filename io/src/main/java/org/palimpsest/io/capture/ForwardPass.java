package org.palimpsest.io.capture;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Shows a network one batch of probes. */
@FunctionalInterface
public interface ForwardPass {

  /**
   * Runs the network once, in evaluation mode.
   *
   * @param batch probes, samples first
   * @param firstProbe the index of the first of them
   * @return copies of what the selected layers answered, samples first, in the order in which they
   *     ran
   */
  Map<String, INDArray> run(INDArray batch, long firstProbe);
}
