package org.palimpsest.core.evolution;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.palimpsest.core.PalimpsestException;

/**
 * One training of one network.
 *
 * @param name what to call it, such as {@code transfer/seed0}; unique within a study
 * @param initialisation what it started from, such as {@code random}; runs of a group share it
 * @param seed what decided its chances, if known
 * @param checkpoints at least one, by ascending step, no step twice
 */
public record TrainingRun(
    String name, String initialisation, OptionalLong seed, List<Checkpoint> checkpoints) {

  public TrainingRun {
    if (checkpoints.isEmpty()) {
      throw new PalimpsestException("Run '" + name + "' has no checkpoint.");
    }
    checkpoints = checkpoints.stream().sorted(Comparator.comparingLong(Checkpoint::step)).toList();
    for (int i = 1; i < checkpoints.size(); i++) {
      if (checkpoints.get(i).step() == checkpoints.get(i - 1).step()) {
        throw new PalimpsestException(
            "Run '%s' has two checkpoints of step %d: %s and %s."
                .formatted(
                    name,
                    checkpoints.get(i).step(),
                    checkpoints.get(i - 1).location(),
                    checkpoints.get(i).location()));
      }
    }
  }

  /** The steps of its checkpoints, ascending. */
  public List<Long> steps() {
    return checkpoints.stream().map(Checkpoint::step).toList();
  }

  /** The earliest checkpoint. */
  public Checkpoint start() {
    return checkpoints.get(0);
  }

  /** The latest checkpoint. */
  public Checkpoint end() {
    return checkpoints.get(checkpoints.size() - 1);
  }
}
