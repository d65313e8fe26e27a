package org.palimpsest.io.study;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.core.evolution.Networks;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.Input;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.file.FileKind;
import org.palimpsest.io.file.Sha256;
import org.palimpsest.io.file.UnchangedFile;
import org.palimpsest.io.onnx.OnnxNetwork;
import org.palimpsest.io.weights.WeightFiles;

/**
 * Opens the files of checkpoints by what they hold: any model that {@link Inputs} opens; of
 * PyTorch's checkpoints and safetensors the weights alone.
 */
public final class CheckpointFiles implements Networks {

  /** A checkpoint's file, and those that belong to it, as they were when they were hashed last. */
  private record Hashed(List<UnchangedFile> watched, String hash) {

    static Hashed now(Path file) {
      List<UnchangedFile> watched = new ArrayList<>(List.of(UnchangedFile.since(file)));
      if (FileKind.of(file) == FileKind.ONNX) {
        OnnxNetwork.filesBeside(file).forEach(other -> watched.add(UnchangedFile.since(other)));
      }
      List<String> hashes = watched.stream().map(UnchangedFile::sha256).toList();
      return new Hashed(List.copyOf(watched), hashes.size() == 1 ? hashes.get(0) : joined(hashes));
    }

    private static String joined(List<String> hashes) {
      return Sha256.of(List.of(String.join("\n", hashes).getBytes(StandardCharsets.UTF_8)));
    }
  }

  private final Function<Path, Input> opener;
  private final Map<Path, Hashed> hashed = new ConcurrentHashMap<>();

  /** Opens models in this process, as many probes being shown at once as is usual. */
  public CheckpointFiles() {
    this(Inputs::open);
  }

  private CheckpointFiles(Function<Path, Input> opener) {
    this.opener = opener;
  }

  /** Opens models in another way, such as {@link Inputs#openIsolated}. */
  public static CheckpointFiles opening(Function<Path, Input> opener) {
    return new CheckpointFiles(opener);
  }

  @Override
  public String contentHash(Checkpoint checkpoint) {
    Path file = file(checkpoint);
    Hashed now = Hashed.now(file);
    hashed.put(file, now);
    return now.hash();
  }

  @Override
  public void requireUnchanged(Checkpoint checkpoint, String hash) {
    Path file = file(checkpoint);
    Hashed before = hashed.get(file);
    if (before != null && before.hash().equals(hash)) {
      before.watched().forEach(UnchangedFile::requireSameContent);
    } else if (!Hashed.now(file).hash().equals(hash)) {
      throw UnchangedFile.changed(file);
    }
  }

  @Override
  public boolean canRun(Checkpoint checkpoint) {
    FileKind kind = FileKind.of(file(checkpoint));
    return kind == FileKind.TORCHSCRIPT || !WeightFiles.reads(kind);
  }

  @Override
  public ActivationSource open(Checkpoint checkpoint) {
    Input input = opener.apply(file(checkpoint));
    if (input instanceof Input.Model model) {
      return model.source();
    }
    input.close();
    throw new PalimpsestException(
        checkpoint.location() + " holds activations; a checkpoint must be a model or weights.");
  }

  @Override
  public Weights weights(Checkpoint checkpoint) {
    return Inputs.weights(file(checkpoint));
  }

  private static Path file(Checkpoint checkpoint) {
    return Path.of(checkpoint.location());
  }
}
