package org.palimpsest.io.internal.torchscript;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.palimpsest.core.PalimpsestException;

/** Finds the method that a network is run by, if it is one that probes can be shown to. */
final class RunnableForward {

  private final Path file;
  private final ScriptClass root;

  private RunnableForward(Path file, ScriptClass root) {
    this.file = file;
    this.root = root;
  }

  /**
   * @throws PalimpsestException if the network cannot be run, saying why
   */
  static ScriptMethod of(ArchiveContent archive) {
    requireConstants(archive);
    return new RunnableForward(archive.file(), archive.root()).find();
  }

  private static void requireConstants(ArchiveContent archive) {
    if (archive.library().mentions("prim.ConstantMKLDNNTensor")) {
      throw new PalimpsestException(
          archive.file()
              + " went through torch.jit.optimize_for_inference, which leaves constants of the"
              + " machine's own format (MKLDNN) out of the file: no PyTorch can load it. Save the"
              + " network as it was before that step.");
    }
  }

  private ScriptMethod find() {
    ScriptMethod forward = root.methods().get("forward");
    if (forward == null) {
      throw new PalimpsestException(
          "%s: its network %s has no forward method that could be run."
              .formatted(file, root.name()));
    }
    List<String> needed = forward.inputs().stream().filter(ScriptMethod::isRequired).toList();
    if (forward.inputs().isEmpty() || needed.size() > 1) {
      throw new PalimpsestException(
          String.format(
              Locale.ROOT,
              ("%s: its network takes %d inputs (%s); only networks of one input can be shown probes."
                  + " Wrap it in a module of one input before it is saved."),
              file,
              needed.size(),
              String.join(", ", needed)));
    }
    requireTensors(forward.inputs().get(0));
    return forward;
  }

  private void requireTensors(String parameter) {
    ScriptType input = ScriptMethod.typeOf(parameter);
    boolean possible =
        parameter.indexOf(':') < 0
            || input.isTensor()
            || List.of("List", "Optional").contains(input.name())
                && input.arguments().stream().allMatch(ScriptType::isTensor);
    if (!possible) {
      throw new PalimpsestException(
          ("%s: its network takes a '%s'; only one that takes a tensor or a list of tensors can be"
                  + " shown probes. Wrap it in a module that does before it is saved.")
              .formatted(file, input));
    }
  }
}
