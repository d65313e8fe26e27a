package org.palimpsest.core.evolution;

import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.weights.Weights;

/** Opens checkpoints. An importer provides it; the tracker knows no files. */
public interface Networks {

  /**
   * The hash of a checkpoint's content: figures are known by it, so that a checkpoint that changed
   * is looked at again.
   *
   * @throws org.palimpsest.core.PalimpsestException if it cannot be read
   */
  String contentHash(Checkpoint checkpoint);

  /**
   * Whether a checkpoint is a network that can be run, and not weights alone. Cheap; of one that
   * cannot be read, anything.
   */
  default boolean canRun(Checkpoint checkpoint) {
    return true;
  }

  /**
   * Opens a checkpoint as a network that can be run; the caller closes it.
   *
   * @throws org.palimpsest.core.PalimpsestException if it cannot be read
   */
  ActivationSource open(Checkpoint checkpoint);

  /**
   * A checkpoint's weights.
   *
   * @throws org.palimpsest.core.PalimpsestException if it cannot be read
   */
  Weights weights(Checkpoint checkpoint);
}
