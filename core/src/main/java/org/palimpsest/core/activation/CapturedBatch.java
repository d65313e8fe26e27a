package org.palimpsest.core.activation;

import java.util.Collection;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What was captured of a few successive probes: {@linkplain ActivationBatch whole activations}, or
 * {@linkplain org.palimpsest.core.representation.ReducingSource.MatrixBatch matrices} made of them.
 * The tensors belong to the receiver.
 */
public interface CapturedBatch {

  /** The index of the first of these probes. */
  long firstSample();

  /** All its tensors, in no particular order. */
  Collection<INDArray> tensors();

  /**
   * Frees the tensors' memory at once, rather than when the garbage collector finds them. For the
   * receiver, when it has done with them.
   */
  default void free() {
    for (INDArray tensor : tensors()) {
      if (tensor.closeable()) {
        tensor.close();
      }
    }
  }
}
