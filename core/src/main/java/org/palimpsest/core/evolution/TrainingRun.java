package org.palimpsest.core.evolution;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.weights.Weights;

/**
 * One training of one network. Runs that share an initialisation are a group, whose members are
 * taken to differ by chance alone: {@link Study.View#GROUPS} tests differences between groups over
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

  /**
   * A network as it was at one moment of its training. It is a name for something that is kept
   * elsewhere: nothing is read before a {@link CheckpointOpener} is asked to. Two checkpoints with
   * the same content count as one network, whose measurements are made once.
   *
   * @param step how many steps the optimiser had made, from 0; a tool that counts epochs gives
   *     these
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

  /**
   * A training run at one step: the name of a checkpoint in tables and on the command line, written
   * {@code RUN@STEP}.
   *
   * <p>Equal names and steps make equal values, so that one serves as a key. Whether there is such
   * a checkpoint it does not know: see {@link Study#requirePairs}.
   *
   * @param run the run's name
   * @param step how many steps the optimiser had made
   */
  public record RunStep(String run, long step) {

    /**
     * @throws PalimpsestException if the run has no name, or the step is below 0
     */
    public RunStep {
      if (run.isEmpty() || step < 0) {
        throw new PalimpsestException(
            "A checkpoint is named by its run and a step from 0 on, unlike '%s' and %s."
                .formatted(run, step));
      }
    }

    private static final Pattern FORM = Pattern.compile("(.+)@(\\d{1,18})");

    /**
     * Reads what {@link #toString} writes, such as {@code random/seed0@400}. What stands before the
     * last {@code @} is the run's name.
     *
     * @throws PalimpsestException if it is not of this form, or the step is no integer from 0
     * @param text with a step of at most 18 digits
     */
    public static RunStep parse(String text) {
      Matcher parts = FORM.matcher(text);
      if (!parts.matches()) {
        throw new PalimpsestException(
            "'" + text + "' names no checkpoint; write RUN@STEP, such as random/seed0@400.");
      }
      return new RunStep(parts.group(1), Long.parseLong(parts.group(2)));
    }

    static RunStep of(TrainingRun run, Checkpoint checkpoint) {
      return new RunStep(run.name(), checkpoint.step());
    }

    @Override
    public String toString() {
      return run + "@" + step;
    }

    /**
     * Two checkpoints, of one run or of two, whose layers are all compared with one another in
     * {@link Study.View#PAIRS}: L × M comparisons for L layers of the first and M of the second, by
     * each measure.
     *
     * <pre>{@code
     * Pair ends =
     *     new Pair(RunStep.parse("transfer/seed0@400"), RunStep.parse("random/seed0@400"));
     * Study wider = study.withPairs(List.of(ends));
     * wider.requirePairs(); // both are there
     * }</pre>
     *
     * <p>The two may be the same checkpoint, which shows how alike the layers of one network are.
     *
     * @param a whose layers are the rows
     * @param b whose layers are the columns
     * @see Study#withPairs
     */
    public record Pair(RunStep a, RunStep b) {

      @Override
      public String toString() {
        return a + "," + b;
      }
    }
  }

  /**
   * Opens checkpoints. An importer provides it ({@code CheckpointFiles} of the module {@code io}
   * for files of all kinds that the library reads); the tracker knows no files. Networks that exist
   * in memory alone are tracked by an opener of one's own, whose hash may be any text that changes
   * with the network.
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
     * Makes sure that a checkpoint is still what it was when its hash was taken. This is asked
     * after each reading, before anything that came of it is kept.
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
}
