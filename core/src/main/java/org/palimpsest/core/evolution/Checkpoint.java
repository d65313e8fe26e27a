package org.palimpsest.core.evolution;

import java.util.OptionalDouble;
import org.palimpsest.core.PalimpsestException;

/**
 * A network as it was at one moment of its training. It is a name for something that is kept
 * elsewhere: nothing is read before a {@link CheckpointOpener} is asked to. Two checkpoints with
 * the same content count as one network, whose measurements are made once.
 *
 * @param step how many steps the optimiser had made, from 0; a tool that counts epochs gives these
 * @param location where the network is kept, in the words of whoever opens it: for an importer of
 *     files, a path
 * @param score how well it did then, such as its Dice coefficient, if anyone measured that
 */
public record Checkpoint(long step, String location, OptionalDouble score) {

  /**
   * @throws PalimpsestException if the step is below 0, or the score is not finite
   */
  public Checkpoint {
    if (step < 0) {
      throw new PalimpsestException(
          "A checkpoint has a step from 0 on, unlike %s of %s.".formatted(step, location));
    }
    if (score.isPresent() && !Double.isFinite(score.getAsDouble())) {
      throw new PalimpsestException(
          "The score of %s is %s. Leave it out where nobody measured it."
              .formatted(location, score.getAsDouble()));
    }
  }
}
