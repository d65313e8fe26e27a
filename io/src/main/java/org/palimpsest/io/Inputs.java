package org.palimpsest.io;

import java.nio.file.Path;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.capture.RunLimits;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.dl4j.Dl4jNetwork;
import org.palimpsest.io.dl4j.KerasNetwork;
import org.palimpsest.io.dl4j.KerasSignature;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.file.FileKind;
import org.palimpsest.io.image.FileGlobs;
import org.palimpsest.io.image.ImageProbes;
import org.palimpsest.io.image.Preprocessing;
import org.palimpsest.io.isolation.IsolatedNetwork;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.onnx.OnnxNetwork;

/** Opens files by what they hold, whatever their names. */
public final class Inputs {

  private Inputs() {}

  /**
   * Opens a model or activations.
   *
   * @throws PalimpsestException if there is no such file, or it is neither; then it says what it is
   *     and what it can be used for
   */
  public static Input open(Path file) {
    return open(file, RunLimits.withDefaults());
  }

  /**
   * Opens a model or activations.
   *
   * @param limits how a model is run
   * @throws PalimpsestException as {@link #open(Path)}
   */
  public static Input open(Path file, RunLimits limits) {
    FileKind kind = FileKind.of(file);
    return switch (kind) {
      case TORCHSCRIPT -> new Input.Model(TorchScriptNetwork.open(file, limits));
      case DL4J -> new Input.Model(Dl4jNetwork.open(file).with(limits));
      case HDF5 ->
          KerasSignature.isIn(file)
              ? new Input.Model(KerasNetwork.open(file).with(limits))
              : new Input.Dump(Dumps.open(file));
      case ONNX -> new Input.Model(OnnxNetwork.open(file, limits));
      case NPY, NPZ, SAFETENSORS, FOLDER -> new Input.Dump(Dumps.open(file));
      default -> throw useless(file, kind, "A model or activations are needed here.");
    };
  }

  /**
   * Opens a model or activations; a model whose runtime is native in a process of its own, so that
   * its death is an error and not the end of this process.
   *
   * @param limits how a model is run; its memory is that of both processes together
   * @throws PalimpsestException as {@link #open(Path)}
   */
  public static Input openIsolated(Path file, RunLimits limits) {
    return IsolatedNetwork.runs(FileKind.of(file))
        ? new Input.Model(
            IsolatedNetwork.open(file, limits.withMemory(limits.memory().besideThisProcess())))
        : open(file, limits);
  }

  /**
   * Opens probes.
   *
   * @param file a NumPy array; or an image or a volume, or a folder of these
   * @param preprocessing what is done to images; an array is taken as it is
   * @throws PalimpsestException if there is no such file, or it holds no probes
   */
  public static Probes probes(Path file, Preprocessing preprocessing) {
    return probes(file, FileGlobs.all(), preprocessing);
  }

  /**
   * Opens probes.
   *
   * @param globs which files of a folder
   * @throws PalimpsestException as {@link #probes(Path, Preprocessing)}, and if globs are given for
   *     what is no folder
   */
  public static Probes probes(Path file, FileGlobs globs, Preprocessing preprocessing) {
    if (!globs.choosesAll() && FileKind.of(file) != FileKind.FOLDER) {
      throw new PalimpsestException(
          "%s is no folder, so no files of it can be chosen (%s).".formatted(file, globs));
    }
    if (areImages(file)) {
      return ImageProbes.open(file, globs, preprocessing);
    }
    FileKind kind = FileKind.of(file);
    if (kind == FileKind.NPY) {
      return NpyProbes.open(file);
    }
    throw useless(
        file, kind, "Probes are needed here: a NumPy array (.npy), images or NIfTI volumes.");
  }

  /** Whether a file or folder is opened as images or volumes when probes are needed. */
  public static boolean areImages(Path file) {
    FileKind kind = FileKind.of(file);
    return kind == FileKind.FOLDER || kind.isImage();
  }

  private static PalimpsestException useless(Path file, FileKind kind, String need) {
    return new PalimpsestException(
        "%s is %s. %s It can be used %s.".formatted(file, kind.description(), need, kind.use()));
  }
}
