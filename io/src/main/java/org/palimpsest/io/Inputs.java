package org.palimpsest.io;

import java.nio.file.Path;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.file.FileKind;
import org.palimpsest.io.npy.NpyActivations;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.npy.NpzActivations;

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
    FileKind kind = FileKind.of(file);
    return switch (kind) {
      case TORCHSCRIPT -> new Input.Model(TorchScriptNetwork.open(file));
      case NPZ -> new Input.Dump(NpzActivations.open(file));
      case NPY -> new Input.Dump(NpyActivations.open(file));
      default -> throw useless(file, kind, "A model or activations are needed here.");
    };
  }

  /**
   * Opens probes.
   *
   * @throws PalimpsestException if there is no such file, or it holds no probes
   */
  public static Probes probes(Path file) {
    FileKind kind = FileKind.of(file);
    return switch (kind) {
      case NPY -> NpyProbes.open(file);
      default -> throw useless(file, kind, "Probes are needed here: a NumPy array (.npy).");
    };
  }

  private static PalimpsestException useless(Path file, FileKind kind, String need) {
    return new PalimpsestException(
        "%s is %s. %s It can be used %s.".formatted(file, kind.description(), need, kind.use()));
  }
}
