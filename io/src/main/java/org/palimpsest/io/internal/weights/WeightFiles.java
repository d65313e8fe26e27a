package org.palimpsest.io.internal.weights;

import java.nio.file.Path;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.io.internal.pytorch.TorchWeights;
import org.palimpsest.io.internal.safetensors.SafetensorsFile;
import org.palimpsest.io.weights.StateDictNames;

/** Reads weights from any file that holds them by name, told by its content. */
public final class WeightFiles {

  private WeightFiles() {}

  /** Whether files of this kind hold weights that {@link #read} reads. */
  public static boolean reads(FileKind kind) {
    return switch (kind) {
      case TORCHSCRIPT, TORCH_CHECKPOINT, TORCH_MODULE, TORCH_LEGACY, SAFETENSORS -> true;
      default -> false;
    };
  }

  /**
   * Reads the weights of PyTorch's files (state dicts, training checkpoints, modules, TorchScript)
   * and of safetensors.
   *
   * @throws PalimpsestException if it is another kind of file, saying which, or damaged
   */
  public static Weights read(Path file) {
    FileKind kind = FileKind.of(file);
    if (!reads(kind)) {
      throw new PalimpsestException(
          "%s is %s; weights are not read from it. It can be used %s."
              .formatted(file, kind.describe(file), kind.use()));
    }
    return kind == FileKind.SAFETENSORS
        ? SafetensorsFile.open(file).weights()
        : TorchWeights.read(file);
  }

  /**
   * Reads some of a file's weights.
   *
   * @param key the entry of a checkpoint that holds them, {@code ENTRY} or {@code ENTRY.ENTRY}, or
   *     what their names begin with
   * @throws PalimpsestException as {@link #read(Path)}, and if there are none such
   */
  public static Weights read(Path file, String key) {
    return FileKind.of(file) == FileKind.SAFETENSORS
        ? StateDictNames.below(key, SafetensorsFile.open(file).weights())
        : TorchWeights.read(file, key);
  }
}
