package org.palimpsest.io.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Gives layers of a Keras architecture settings that Keras allows and an import may pass over.
 *
 * <p>Right is a refusal of those that change the answer, and the same weights with those that do
 * not.
 */
final class UnusualKerasSettings {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Kind of layer, setting, values that change what it answers. */
  private static final List<String> TELLING =
      List.of(
          "Conv2D data_format \"channels_first\"",
          "Conv2D groups 2",
          "Conv2D activation \"gelu\" \"selu\" \"hard_sigmoid\" \"leaky_relu\"",
          "Conv2D use_bias false",
          "Conv2DTranspose output_padding [1,1] [0,0]",
          "Conv2DTranspose strides [3,3] [1,1]",
          "Conv2DTranspose dilation_rate [2,2]",
          "Conv2DTranspose data_format \"channels_first\"",
          "UpSampling2D interpolation \"bilinear\" \"bicubic\" \"area\"",
          "UpSampling2D data_format \"channels_first\"",
          "MaxPooling2D padding \"same\"",
          "MaxPooling2D data_format \"channels_first\"",
          "BatchNormalization axis 1 2 [1,2]",
          "BatchNormalization scale false",
          "BatchNormalization center false",
          "BatchNormalization renorm true",
          "ReLU max_value 6.0 0.5",
          "ReLU negative_slope 0.1",
          "ReLU threshold 0.5",
          "Concatenate axis 1 2 0",
          "Dropout dtype \"mixed_float16\" \"float64\"");

  private static final List<String> SILENT =
      List.of(
          "Conv2D kernel_initializer \"zeros\"",
          "Conv2D kernel_regularizer null",
          "Conv2D trainable false",
          "Dropout rate 0.1 0.9",
          "Dropout seed 7",
          "BatchNormalization momentum 0.5");

  private UnusualKerasSettings() {}

  static byte[] change(byte[] original, SplittableRandom random) {
    boolean telling = random.nextBoolean();
    List<String> settings = telling ? TELLING : SILENT;
    String[] words = settings.get(random.nextInt(settings.size())).split(" ");
    try {
      JsonNode architecture = JSON.readTree(original);
      List<ObjectNode> layers = new ArrayList<>();
      for (JsonNode layer : architecture.path("config").path("layers")) {
        if (layer.path("class_name").asText().equals(words[0])) {
          layers.add((ObjectNode) layer.path("config"));
        }
      }
      String value = words[2 + random.nextInt(words.length - 2)];
      layers.get(random.nextInt(layers.size())).set(words[1], JSON.readTree(value));
      ((ObjectNode) architecture).put("telling", telling);
      return JSON.writeValueAsBytes(architecture);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** Reads, and fails if a setting that changes the answer was passed over. */
  static Set<Long> noticing(Path architecture, Supplier<Set<Long>> reading) {
    Set<Long> read = reading.get();
    try {
      if (JSON.readTree(Files.readString(architecture)).path("telling").asBoolean()) {
        throw new IllegalStateException("a setting was passed over");
      }
      return read;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
