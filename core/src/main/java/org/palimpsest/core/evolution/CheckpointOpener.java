package org.palimpsest.core.evolution;

import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.weights.Weights;

/**
 * Opens checkpoints. An importer provides it ({@code CheckpointFiles} of the module {@code io} for
 * files of all kinds that the library reads); the tracker knows no files. Networks that exist in
 * memory alone are tracked by an opener of one's own, whose hash may be any text that changes with
 * the network.
 */
public interface CheckpointOpener {

  /**
   * The hash of a checkpoint's content: measurements are known by it, so that a checkpoint that
   * changed is read again.
   *
   * @throws PalimpsestException if it cannot be read
   */
  String contentHash(Checkpoint checkpoint);

  /**
   * Makes sure that a checkpoint is still what it was when its hash was taken. This is asked after
   * each reading, before anything that came of it is kept.
   *
   * @param hash what {@link #contentHash} gave before
   * @throws PalimpsestException if it is not, or cannot be read any more
   */
  default void requireUnchanged(Checkpoint checkpoint, String hash) {
    if (!contentHash(checkpoint).equals(hash)) {
      throw new PalimpsestException(
          checkpoint.location()
              + " changed while it was read, so that nothing is known of it. Give the command again"
              + " when it is no longer written to.");
    }
  }

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
   * @throws PalimpsestException if it cannot be read
   */
  ActivationSource open(Checkpoint checkpoint);

  /**
   * A checkpoint's weights.
   *
   * @throws PalimpsestException if it cannot be read
   */
  Weights weights(Checkpoint checkpoint);

  /**
   * Weights under the names that those of another network have, where tools have put other words
   * before the same names; as they are where that makes nothing fit better.
   */
  default Weights namedLike(Weights weights, Weights other) {
    return weights;
  }
}
