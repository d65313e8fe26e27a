package org.palimpsest.cli.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.io.runs.RunsFolder;

/**
 * Tells checkpoints that are whole from those that are still being written, by looking again and
 * again: what a study that follows a training as it goes must know, since a file that is read too
 * early is damaged, or, worse, an older network than its step says.
 *
 * <p>A file is whole if neither its size nor its time has changed since the look before (or for ten
 * seconds), and it is not an archive that lacks its end. For one thread.
 */
public final class WholeCheckpoints {

  private static final Duration LONG_AGO = Duration.ofSeconds(10);

  private record State(long size, Instant modified) {}

  private final Map<Path, State> seen = new HashMap<>();
  private final Map<Path, State> settled = new HashMap<>();
  private long changes;
  private long movements;

  /**
   * Looks once. A file that was written less than ten seconds ago is not there before the second
   * look.
   *
   * @param runs the folder as it is now, opened anew for each look
   * @return the same runs with their whole checkpoints alone, those without any left out; empty if
   *     there is no whole checkpoint at all
   */
  public Optional<RunsFolder> of(RunsFolder runs) {
    List<TrainingRun> grown = new ArrayList<>();
    runs.runs().forEach(run -> whole(run).ifPresent(grown::add));
    Optional<TrainingRun> source = runs.source().flatMap(this::whole);
    return grown.isEmpty() && source.isEmpty()
        ? Optional.empty()
        : Optional.of(runs.withRuns(source, grown));
  }

  /**
   * How many times a file has become whole so far, or whole again with other content. Where it is
   * as before, a study has nothing new to do.
   */
  public long changes() {
    return changes;
  }

  /**
   * How many times a file has been seen that was not there before, or has changed since: a sign
   * that the training is still at work, though nothing may be whole.
   */
  public long movements() {
    return movements;
  }

  private Optional<TrainingRun> whole(TrainingRun run) {
    List<Checkpoint> whole = new ArrayList<>();
    for (Checkpoint checkpoint : run.checkpoints()) {
      if (isWhole(Path.of(checkpoint.location()))) {
        whole.add(checkpoint);
      }
    }
    return whole.isEmpty()
        ? Optional.empty()
        : Optional.of(new TrainingRun(run.name(), run.initialisation(), run.seed(), whole));
  }

  private boolean isWhole(Path file) {
    State now = state(file);
    if (now == null) {
      return false;
    }
    State before = seen.put(file, now);
    movements += now.equals(before) ? 0 : 1;
    boolean still = now.equals(before) || now.modified().isBefore(Instant.now().minus(LONG_AGO));
    if (!still || !hasItsEnd(file)) {
      return false;
    }
    if (!now.equals(settled.put(file, now))) {
      changes++;
    }
    return true;
  }

  private static @Nullable State state(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new State(attributes.size(), attributes.lastModifiedTime().toInstant());
    } catch (IOException gone) {
      return null;
    }
  }

  private static boolean hasItsEnd(Path file) {
    try {
      FileKind kind = FileKind.of(file);
      return kind != FileKind.DAMAGED_ZIP && kind != FileKind.EMPTY;
    } catch (PalimpsestException gone) {
      return false;
    }
  }
}
