package org.palimpsest.claims;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.similarity.output.OutputScale;

/**
 * Judges the claims on training runs.
 *
 * <pre>
 * Assessment assessment =
 *     Assessor.of(RunsFolder.open(runs))
 *         .withProbes(NpyProbes.open(probes))
 *         .assess(folder);
 * assessment.write(folder);
 * </pre>
 *
 * <p>Networks are compared by a study in the folder {@code evolution} below; what it found out is
 * kept there as it comes, so that an interrupted assessment goes on where it was. Only the first
 * and last checkpoints are run, and of runs without scores all of them if masks are given.
 *
 * <p>Immutable: each {@code with…} gives a changed copy.
 */
public final class Assessor {

  private static final long MEMORY_OF_LAYERS = 2L << 30;

  private final RunsFolder runs;
  private @Nullable Probes probes;
  private @Nullable Probes masks;
  private @Nullable LayerSelector layers;
  private OutputScale outputs = OutputScale.LOGITS;
  private CheckpointFiles networks = new CheckpointFiles();
  private Progress progress = Progress.silent();
  private Consumer<String> listener = line -> {};
  private long memoryBound = MEMORY_OF_LAYERS;
  private boolean mayDiffer;
  private String shown = "no probes";

  private Assessor(RunsFolder runs) {
    this.runs = runs;
  }

  private Assessor changed(Consumer<Assessor> change) {
    Assessor copy = new Assessor(runs);
    copy.probes = probes;
    copy.masks = masks;
    copy.layers = layers;
    copy.outputs = outputs;
    copy.networks = networks;
    copy.progress = progress;
    copy.listener = listener;
    copy.memoryBound = memoryBound;
    copy.mayDiffer = mayDiffer;
    copy.shown = shown;
    change.accept(copy);
    return copy;
  }

  /** Of these runs: scores and weights; without probes no network is run. */
  public static Assessor of(RunsFolder runs) {
    return new Assessor(runs);
  }

  /** Shows every network these probes. */
  public Assessor withProbes(Probes given) {
    String shape =
        Arrays.stream(given.shape()).mapToObj(Long::toString).collect(Collectors.joining(" × "));
    return withProbes(given, shape + " probes");
  }

  /**
   * Shows every network these probes.
   *
   * @param words what they are, for people
   */
  public Assessor withProbes(Probes given, String words) {
    return changed(
        copy -> {
          copy.probes = given;
          copy.shown = words;
        });
  }

  /**
   * Scores runs that have no log by the Dice coefficient of their predictions on the probes.
   *
   * @param given as many as probes: (n, 1, space) of class numbers, or (n, classes, space)
   */
  public Assessor withMasks(Probes given) {
    return changed(copy -> copy.masks = given);
  }

  /** Looks at these layers, from input to output; at the network's blocks if this is not said. */
  public Assessor withLayers(LayerSelector chosen) {
    return changed(copy -> copy.layers = chosen);
  }

  /** Says what the numbers of a network's last layer are: logits if this is not said. */
  public Assessor withOutputs(OutputScale scale) {
    return changed(copy -> copy.outputs = scale);
  }

  /** Opens checkpoints in another way, such as in a process of their own. */
  public Assessor withNetworks(CheckpointFiles files) {
    return changed(copy -> copy.networks = files);
  }

  /**
   * Tells how things go.
   *
   * @param hearer hears of each network that was run
   * @param planned hears what is planned
   */
  public Assessor withProgress(Progress hearer, Consumer<String> planned) {
    return changed(
        copy -> {
          copy.progress = hearer;
          copy.listener = planned;
        });
  }

  /**
   * Keeps prepared layers within so much memory.
   *
   * @param bytes the most that they may take; 2 GiB if this is not said
   */
  public Assessor withMemoryBound(long bytes) {
    return changed(copy -> copy.memoryBound = bytes);
  }

  /** Goes on in a folder that held an assessment of other layers or probes: what holds is used. */
  public Assessor resuming() {
    return changed(copy -> copy.mayDiffer = true);
  }

  /**
   * Finds out what the claims ask for and judges them.
   *
   * @param folder where what is found out is kept, in {@code evolution}
   * @throws PalimpsestException if masks are given without probes or do not fit them, or a run says
   *     of itself what cannot be, or no checkpoint can be used
   */
  public Assessment assess(Path folder) {
    if (masks != null && probes == null) {
      throw new PalimpsestException("Masks are of probes: give the probes too.");
    }
    return Assessment.of(this, folder);
  }

  RunsFolder runs() {
    return runs;
  }

  Optional<Probes> probes() {
    return Optional.ofNullable(probes);
  }

  Optional<Probes> masks() {
    return Optional.ofNullable(masks);
  }

  Optional<LayerSelector> layers() {
    return Optional.ofNullable(layers);
  }

  OutputScale outputs() {
    return outputs;
  }

  CheckpointFiles networks() {
    return networks;
  }

  Progress progress() {
    return progress;
  }

  Consumer<String> listener() {
    return listener;
  }

  long memoryBound() {
    return memoryBound;
  }

  boolean mayDiffer() {
    return mayDiffer;
  }

  String shown() {
    return shown;
  }
}
