package org.palimpsest.io.dl4j;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.file.InputFiles;

/**
 * A Keras network's architecture, in the form that DL4J's import understands.
 *
 * @param json the architecture as Keras 1 or 2 would have written it
 * @param isSequential whether it is a plain sequence of layers
 * @param version the version of Keras that wrote it
 * @param isInTheanoOrder whether its channels come first and its kernels are taken for turned ones
 */
record KerasArchitecture(
    String json, boolean isSequential, String version, boolean isInTheanoOrder) {

  private static final long MOST_BYTES = 64L << 20;
  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final String VERSION = "keras_version";
  private static final Set<String> KINDS = Set.of("Sequential", "Model", "Functional");

  static String readJson(Path file) {
    InputFiles.require(file);
    if (InputFiles.size(file) > MOST_BYTES) {
      throw new PalimpsestException(file + " is too large for an architecture in JSON.");
    }
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  /**
   * @param source the file, for messages
   * @param json as Keras wrote it
   * @param fileVersion what the weights' file says, for architectures that do not say it
   */
  static KerasArchitecture parse(Path source, String json, String fileVersion) {
    try {
      JsonNode root = STRICT.readTree(json);
      String kind = root.path("class_name").asText();
      if (!(root instanceof ObjectNode object) || !KINDS.contains(kind)) {
        throw new PalimpsestException(
            "%s: its architecture is of the kind '%s'; Sequential, Model and Functional are read."
                .formatted(source, kind));
      }
      String version = object.path(VERSION).asText(fileVersion);
      if (version.isEmpty()) {
        throw new PalimpsestException(
            "%s does not say which version of Keras wrote it (keras_version).".formatted(source));
      }
      Keras3Form.requireKnownCalls(source, object);
      ObjectNode plain = Keras3Form.isUsedBy(object) ? Keras3Form.toKeras2(object) : object;
      plain.put(VERSION, Keras3Form.isUsedBy(object) ? "2.15.0" : version);
      KerasSettings.requireKnown(source, plain);
      if (version.startsWith("1.")) {
        tellFlattenTheOrder(plain);
      }
      plain.put("backend", plain.path("backend").asText("tensorflow"));
      String text = STRICT.writeValueAsString(plain);
      return new KerasArchitecture(
          text, kind.equals("Sequential"), version, KerasSettings.isInTheanoOrder(plain));
    } catch (JacksonException malformed) {
      throw new PalimpsestException(
          "%s: its architecture is not valid JSON (%s)."
              .formatted(source, malformed.getOriginalMessage()),
          malformed);
    }
  }

  /** Keras 1 kept the order of channels in every layer but this one, which DL4J asks for it. */
  private static void tellFlattenTheOrder(ObjectNode architecture) {
    JsonNode order = architecture.findValue("dim_ordering");
    JsonNode layers = architecture.path("config");
    for (JsonNode layer : layers.isArray() ? layers : layers.path("layers")) {
      if (order != null
          && layer.path("class_name").asText().equals("Flatten")
          && layer.path("config") instanceof ObjectNode config) {
        config.set("dim_ordering", order);
      }
    }
  }
}
