package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/** Files of Keras among the resources, and changes of them. */
public final class KerasFiles {

  private static final ObjectMapper JSON = new ObjectMapper();

  private KerasFiles() {}

  public static Path resource(String name) {
    try {
      return Path.of(KerasFiles.class.getResource("/keras/" + name).toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static ReducingSource open(Path file, NetworkOptions options) {
    return FrontEnds.of(file, options).orElseThrow().open(RunLimits.withDefaults());
  }

  static ReducingSource open(Path file) {
    return open(file, NetworkOptions.none());
  }

  /** The weights of the small network of Keras 2 with an architecture. */
  static ReducingSource withArchitecture(Path architecture) {
    return open(resource("unet2_weights.h5"), NetworkOptions.none().withArchitecture(architecture));
  }

  /** The architecture of the small network of Keras 2 with each layer of a class changed. */
  static Path changed(Path target, String className, Consumer<ObjectNode> change) {
    try {
      JsonNode architecture = JSON.readTree(Files.readString(resource("unet2.json")));
      for (JsonNode layer : architecture.path("config").path("layers")) {
        if (layer.path("class_name").asText().equals(className)) {
          change.accept((ObjectNode) layer);
        }
      }
      return Files.writeString(target, architecture.toString());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException unsound) {
      throw new UncheckedIOException(unsound);
    }
  }
}
