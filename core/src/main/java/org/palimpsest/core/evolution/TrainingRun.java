package org.palimpsest.core.evolution;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.palimpsest.core.PalimpsestException;

/**
 * One training of one network. Runs that share an initialisation are a group, whose members are
 * taken to differ by chance alone: {@link StudyView#GROUPS} tests differences between groups over
 * runs, so that a run and not a checkpoint is the unit.
 *
 * <pre>{@code
 * TrainingRun run =
 *     new TrainingRun(
 *         "transfer/seed0",
 *         "transfer",
 *         OptionalLong.of(0),
 *         List.of(new Checkpoint(0, "step0.pt", OptionalDouble.empty()), new Checkpoint(400, "step400.pt", OptionalDouble.of(0.81))));
 * }</pre>
 *
 * @param name what to call it, such as {@code transfer/seed0}; unique within a study
 * @param initialisation what it started from, such as {@code random}; runs of a group share it
 * @param seed what decided its chances, if known
 * @param checkpoints at least one, in any order, no step twice; kept by ascending step
 */
public record TrainingRun(
    String name, String initialisation, OptionalLong seed, List<Checkpoint> checkpoints) {

  /**
   * @throws PalimpsestException if it has no name or no checkpoint, or two of one step, naming both
   */
  public TrainingRun {
    if (name.isEmpty()) {
      throw new PalimpsestException(
          "A training run has a name; that of the checkpoints %s is empty."
              .formatted(checkpoints.stream().map(Checkpoint::location).toList()));
    }
    if (checkpoints.isEmpty()) {
      throw new PalimpsestException("Run '" + name + "' has no checkpoint.");
    }
    checkpoints = checkpoints.stream().sorted(Comparator.comparingLong(Checkpoint::step)).toList();
    for (int i = 1; i < checkpoints.size(); i++) {
      if (checkpoints.get(i).step() == checkpoints.get(i - 1).step()) {
        throw new PalimpsestException(
            "Run '%s' has two checkpoints of step %s: %s and %s."
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
