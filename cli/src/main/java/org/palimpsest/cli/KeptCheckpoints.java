package org.palimpsest.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.io.study.StudyFolder;

/** How the checkpoints of a study are opened again later, as its settings tell. */
final class KeptCheckpoints {

  private static final String RUNS = "runs";
  private static final String PREFIXES = "prefixes";
  private static final String ARCHITECTURE = "architecture";
  private static final String KEY = "key";

  /** What the steps of the runs are, if that is known. */
  static final String STEPS = "steps";

  static final String EPOCHS = "epochs";

  private static final String NOTES = "notes";
  private static final String BETWEEN = "\n";

  private KeptCheckpoints() {}

  /** The settings with all that is said of these checkpoints. */
  static StudyFolder.Settings remember(StudyFolder.Settings settings, RunsFolder runs) {
    Map<String, String> values = new LinkedHashMap<>(runs.options().identity());
    NetworkOptions asked = runs.options().asked();
    values.put(PREFIXES, String.join(BETWEEN, asked.withoutPrefixes()));
    StudyFolder.Settings kept = settings.withValues(values);
    if (runs.stepsAreEpochs()) {
      kept = kept.withFact(STEPS, EPOCHS);
    }
    if (!runs.notes().isEmpty()) {
      kept = kept.withFact(NOTES, String.join(BETWEEN, runs.notes()));
    }
    if (asked.architecture().isPresent()) {
      Path file = asked.architecture().get().toAbsolutePath().normalize();
      kept = kept.withFact(ARCHITECTURE, file.toString());
    }
    return asked.key().isPresent() ? kept.withFact(KEY, asked.key().get()) : kept;
  }

  /** What was said of the runs when they were looked through, such as what a fold lacks. */
  static List<String> notes(StudyFolder.Settings settings) {
    return settings.facts().getOrDefault(NOTES, "").lines().toList();
  }

  /** Opens the checkpoints of a study of such settings, in this process. */
  static CheckpointFiles of(StudyFolder.Settings settings) {
    Map<String, String> facts = settings.facts();
    NetworkOptions asked =
        new NetworkOptions(
            Optional.ofNullable(facts.get(ARCHITECTURE)).map(Path::of),
            Optional.ofNullable(facts.get(KEY)),
            Optional.empty(),
            Optional.empty(),
            Stream.of(settings.values().getOrDefault(PREFIXES, "").split(BETWEEN))
                .filter(prefix -> !prefix.isEmpty())
                .toList());
    CheckpointFiles files = new CheckpointFiles();
    try {
      return files.of(RunsFolder.open(Path.of(settings.values().getOrDefault(RUNS, "")), asked));
    } catch (PalimpsestException runsThatAreGone) {
      return files.saying(checkpoint -> asked);
    }
  }
}
