package org.palimpsest.io.study;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.evolution.TrainingRun.CheckpointOpener;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.Input;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.internal.onnxruntime.OnnxNetwork;
import org.palimpsest.io.internal.plugin.Importers;
import org.palimpsest.io.internal.weights.WeightFiles;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.RunLimits;
import org.palimpsest.io.network.NetworkOptions.Taken;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.weights.StateDictNames;

/**
 * Opens the files of checkpoints by what they hold: any model that {@link Inputs} opens; of
 * PyTorch's checkpoints and safetensors whose network nobody describes the weights alone.
 *
 * <pre>{@code
 * RunsFolder runs = RunsFolder.open(Path.of("runs"));
 * CheckpointOpener networks = new CheckpointFiles().of(runs);
 * EvolutionTable table = EvolutionTracker.of(networks).track(Study.of(runs.runs(), probes, measures));
 * }</pre>
 *
 * <p>The hash of a checkpoint covers all that its network is made of: files beside it, the
 * description of its architecture, and which entry of it is read.
 *
 * <p>Nothing is read before it is asked for. A file is hashed when a study begins with it and
 * looked at again after each reading; a checkpoint that changed in between gives an error and no
 * measurement. Safe to use from several threads.
 */
public final class CheckpointFiles implements CheckpointOpener {

  /**
   * Opens a file of which something is said: in this process, in one of its own, or with limits of
   * one's choice.
   */
  @FunctionalInterface
  public interface Opener {
    /**
     * Opens a file.
     *
     * @param file the checkpoint
     * @param said which network, which entry, which names
     * @return a network, which the caller closes
     * @throws org.palimpsest.core.PalimpsestException if it cannot be opened
     */
    Input open(Path file, NetworkOptions said);
  }

  /** The files of a checkpoint as they were when they were hashed last. */
  private record Hashed(List<UnchangedFile> watched, String hash) {

    static Hashed now(Path file, NetworkOptions said) {
      List<UnchangedFile> watched = new ArrayList<>(List.of(UnchangedFile.since(file)));
      filesBeside(file, said).forEach(other -> watched.add(UnchangedFile.since(other)));
      List<String> parts = new ArrayList<>(watched.stream().map(UnchangedFile::sha256).toList());
      said.key().ifPresent(key -> parts.add("key " + key));
      said.withoutPrefixes().forEach(prefix -> parts.add("without " + prefix));
      return new Hashed(List.copyOf(watched), parts.size() == 1 ? parts.get(0) : joined(parts));
    }

    private static List<Path> filesBeside(Path file, NetworkOptions said) {
      try {
        return FileKind.of(file) == FileKind.ONNX
            ? OnnxNetwork.filesBeside(file)
            : FrontEnds.of(file, said).map(FrontEnds.Found::filesBeside).orElse(List.of());
      } catch (PalimpsestException damagedWhichOpeningWillTell) {
        return List.of();
      }
    }

    private static String joined(List<String> hashes) {
      return Sha256.of(List.of(String.join("\n", hashes).getBytes(StandardCharsets.UTF_8)));
    }
  }

  private final Opener opener;
  private final Function<Checkpoint, NetworkOptions> said;
  private final Map<Checkpoint, Hashed> hashed = new ConcurrentHashMap<>();

  /** Opens models in this process, as many probes being shown at once as is usual. */
  public CheckpointFiles() {
    this(
        (file, said) -> Inputs.open(file, RunLimits.withDefaults(), said),
        checkpoint -> NetworkOptions.none());
  }

  private CheckpointFiles(Opener opener, Function<Checkpoint, NetworkOptions> said) {
    this.opener = opener;
    this.said = said;
  }

  /**
   * Opens models in another way, such as {@link Inputs#openIsolated}: then a file that crashes the
   * native runtime ends a child process and is a problem of its checkpoint, while the study goes
   * on.
   *
   * @param opener is asked for each network that is run; weights are read without it
   */
  public static CheckpointFiles opening(Opener opener) {
    return new CheckpointFiles(opener, checkpoint -> NetworkOptions.none());
  }

  /**
   * Opens the checkpoints of these runs, as the runs say: with the architecture that lies beside a
   * state dict, and what the caller asked for when the folder was opened.
   *
   * @param runs the runs of the study
   */
  public CheckpointFiles of(RunsFolder runs) {
    return saying(runs.options()::of);
  }

  /**
   * Opens the same files with something said of each. What a file of its kind does not take is
   * passed over, since the same is said of all checkpoints of a study.
   *
   * @param options what is said of a checkpoint, such as its architecture; asked anew each time
   */
  public CheckpointFiles saying(Function<Checkpoint, NetworkOptions> options) {
    return new CheckpointFiles(opener, options);
  }

  @Override
  public String contentHash(Checkpoint checkpoint) {
    Hashed now = now(checkpoint);
    hashed.put(checkpoint, now);
    return now.hash();
  }

  @Override
  public void requireUnchanged(Checkpoint checkpoint, String hash) {
    Hashed before = hashed.get(checkpoint);
    if (before != null && before.hash().equals(hash)) {
      before.watched().forEach(UnchangedFile::requireSameContent);
    } else if (!now(checkpoint).hash().equals(hash)) {
      throw UnchangedFile.changed(file(checkpoint));
    }
  }

  @Override
  public boolean canRun(Checkpoint checkpoint) {
    FileKind kind = FileKind.of(file(checkpoint));
    return Importers.of(file(checkpoint)).isPresent()
        || kind == FileKind.TORCHSCRIPT
        || !WeightFiles.reads(kind)
        || FrontEnds.of(file(checkpoint), said.apply(checkpoint)).isPresent();
  }

  @Override
  public ActivationSource open(Checkpoint checkpoint) {
    Input input = opener.open(file(checkpoint), taken(checkpoint, Taken::asNetwork));
    if (input instanceof Input.Model model) {
      return model.source();
    }
    input.close();
    throw new PalimpsestException(
        checkpoint.location() + " holds activations; a checkpoint must be a model or weights.");
  }

  @Override
  public Weights weights(Checkpoint checkpoint) {
    return Inputs.weights(file(checkpoint), taken(checkpoint, Taken::asWeights));
  }

  /**
   * The names of a checkpoint's layers in the order in which they run, if they can be told without
   * running it.
   *
   * @throws PalimpsestException if it cannot be read
   */
  public Optional<List<String>> layers(Checkpoint checkpoint) {
    return Inputs.layers(file(checkpoint), said.apply(checkpoint));
  }

  @Override
  public Weights namedLike(Weights weights, Weights other) {
    return StateDictNames.fitting(weights, other);
  }

  private NetworkOptions taken(
      Checkpoint checkpoint, Function<Taken, Set<NetworkOptions.Option>> where) {
    NetworkOptions all = said.apply(checkpoint);
    return all.equals(NetworkOptions.none())
        ? all
        : all.only(where.apply(Inputs.taken(file(checkpoint), all)));
  }

  private Hashed now(Checkpoint checkpoint) {
    return Hashed.now(file(checkpoint), said.apply(checkpoint));
  }

  private static Path file(Checkpoint checkpoint) {
    return Path.of(checkpoint.location());
  }
}
