package org.palimpsest.io.internal.architecture;

import java.nio.file.Path;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.graph.GraphReader;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.StateDictNetwork;
import org.palimpsest.io.internal.weights.StateDict;
import org.palimpsest.io.network.NetworkOptions;

/** Reads a state dict whose network the user describes in a file of its own. */
public final class ArchitectureReader implements GraphReader {

  @Override
  public boolean recognises(Path file, FileKind kind, NetworkOptions options) {
    return options.architecture().isPresent()
        && switch (kind) {
          case TORCH_CHECKPOINT, TORCH_LEGACY, TORCH_MODULE, SAFETENSORS -> true;
          default -> false;
        };
  }

  @Override
  public OpenGraph open(Path file, NetworkOptions options) {
    UnchangedFile stamp = UnchangedFile.since(file);
    Path description =
        options
            .architecture()
            .orElseThrow(() -> new PalimpsestException(file + " needs an architecture."));
    Blueprint network = Architectures.read(JsonFiles.read(description), description.toString());
    return StateDictNetwork.open(
        stamp,
        StateDict.open(file, options.key()).without(options.withoutPrefixes()),
        network,
        List.of("the network is that of " + description));
  }

  @Override
  public List<Path> filesBeside(Path file, NetworkOptions options) {
    return options.architecture().stream().toList();
  }
}
