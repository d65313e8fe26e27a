package org.palimpsest.spark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.palimpsest.core.Backend;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.core.evolution.StudyWorkbench;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.RunLimits;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.spark.Parcels.CheckpointParcel;

/**
 * The bench of one executor: it is set up with the first task of a study, and serves all others.
 */
final class ExecutorBench {

  private static final Map<StudyBrief, ExecutorBench> BENCHES = new ConcurrentHashMap<>();

  private final Map<String, NetworkOptions> said = new ConcurrentHashMap<>();
  private final StudyWorkbench bench;

  private ExecutorBench(StudyBrief brief) {
    brief.plugins().load();
    SharedFolder shared = SharedFolder.open(brief.shared());
    CheckpointFiles networks =
        (brief.inProcess()
                ? CheckpointFiles.opening(
                    (file, told) -> Inputs.open(file, RunLimits.withDefaults(), told))
                : CheckpointFiles.opening(
                    (file, told) -> Inputs.openIsolated(file, RunLimits.withDefaults(), told)))
            .saying(this::saidOf);
    this.bench =
        StudyWorkbench.sharing(
            brief.questions(probes(brief, shared)),
            brief.tools(networks),
            new HadoopShelf(shared, true));
  }

  /** That of a study; those of studies before it are given up. */
  static ExecutorBench of(StudyBrief brief) {
    BENCHES.keySet().removeIf(other -> !other.equals(brief));
    return BENCHES.computeIfAbsent(brief, ExecutorBench::new);
  }

  private static Probes probes(StudyBrief brief, SharedFolder shared) {
    if (brief.measures().isEmpty()) {
      return new KnownProbes(0, Fingerprint.unknown());
    }
    Backend.loadAhead();
    Path copy = TemporaryFolder.create().path().resolve("probes.npy");
    shared.read(brief.probesFile(), (in, bytes) -> Files.copy(in, copy));
    Probes probes = NpyProbes.open(copy);
    if (!probes.fingerprint().value().equals(brief.probes())) {
      throw new PalimpsestException(
          "The probes in %s are others than those of the study (%s, not %s). Remove the folder and begin anew."
              .formatted(shared, probes.fingerprint(), brief.probes()));
    }
    return probes;
  }

  private NetworkOptions saidOf(Checkpoint checkpoint) {
    return Objects.requireNonNull(said.get(checkpoint.location()), checkpoint.location());
  }

  /** The bench, which knows what is said of these checkpoints. */
  StudyWorkbench knowing(CheckpointParcel... checkpoints) {
    for (CheckpointParcel checkpoint : checkpoints) {
      said.put(checkpoint.location(), checkpoint.said().opened());
    }
    return bench;
  }
}
