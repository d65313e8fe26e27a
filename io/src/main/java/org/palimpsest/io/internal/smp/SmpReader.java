package org.palimpsest.io.internal.smp;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.internal.graph.GraphReader;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.StateDictNetwork;
import org.palimpsest.io.internal.weights.StateDict;
import org.palimpsest.io.network.NetworkOptions;

/** Reads folders that {@code save_pretrained} of segmentation_models_pytorch wrote. */
public final class SmpReader implements GraphReader {

  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final String CLASS = "_model_class";

  @Override
  public String folder() {
    return "a network that segmentation_models_pytorch saved";
  }

  @Override
  public boolean recognises(Path file, FileKind kind, NetworkOptions options) {
    Path config = file.resolve(CONFIG);
    return kind == FileKind.FOLDER
        && options.architecture().isEmpty()
        && Files.isRegularFile(config)
        && JsonFiles.read(config).path(CLASS).isTextual();
  }

  @Override
  public List<Path> filesBeside(Path folder, NetworkOptions options) {
    return List.of(folder.resolve(CONFIG));
  }

  @Override
  public OpenGraph open(Path folder, NetworkOptions options) {
    Path weights = folder.resolve(WEIGHTS);
    if (!Files.isRegularFile(weights)) {
      throw new PalimpsestException("%s holds no %s, the weights.".formatted(folder, WEIGHTS));
    }
    UnchangedFile stamp = UnchangedFile.since(weights);
    Path config = folder.resolve(CONFIG);
    JsonNode settings = JsonFiles.read(config);
    String name = settings.path(CLASS).asText();
    Arguments arguments =
        Arguments.of("%s in %s".formatted(name, config), settings).withoutEffect(CLASS);
    Blueprint network =
        SmpNetworks.of(name, arguments)
            .orElseThrow(
                () ->
                    new PalimpsestException(
                        "%s names the class '%s', which is not known here; %s. Export the network with torch.export.save and give the .pt2 file."
                            .formatted(config, name, Names.known(name, SmpNetworks.NAMES))));
    return StateDictNetwork.open(
        stamp,
        StateDict.open(weights, options.key()).without(options.withoutPrefixes()),
        network,
        List.of("segmentation_models_pytorch, the network that %s describes".formatted(config)));
  }
}
