package org.palimpsest.io.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.internal.graph.GraphReader;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.internal.keras.KerasFiles;
import org.palimpsest.io.internal.keras.KerasReader;
import org.palimpsest.io.network.NetworkOptions;

/**
 * Gives layers of a Keras architecture other settings that Keras allows.
 *
 * <p>Right is a refusal, or another network where the setting changes the answer, and the very same
 * network where it does not: a setting that was passed over leaves the calls as they were.
 */
final class UnusualKerasSettings {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Kind of layer, setting, values that change what it answers. */
  private static final List<String> TELLING =
      List.of(
          "Conv2D data_format \"channels_first\"",
          "Conv2D padding \"valid\"",
          "Conv2D strides [2,2] 2 [1,2]",
          "Conv2D dilation_rate [2,2] 2",
          "Conv2D groups 2",
          "Conv2D activation \"gelu\" \"selu\" \"hard_sigmoid\" \"leaky_relu\" \"tanh\" \"elu\"",
          "Conv2D activation {\"class_name\":\"LeakyReLU\",\"config\":{\"alpha\":0.4}}",
          "Conv2D use_bias false",
          "Conv2DTranspose output_padding [1,1] [0,0]",
          "Conv2DTranspose strides [3,3] [1,1]",
          "Conv2DTranspose dilation_rate [2,2]",
          "Conv2DTranspose data_format \"channels_first\"",
          "UpSampling2D interpolation \"bilinear\" \"bicubic\" \"area\" \"lanczos3\"",
          "UpSampling2D size [3,2] 4",
          "UpSampling2D data_format \"channels_first\"",
          "MaxPooling2D pool_size [3,3] 3 [2,1]",
          "MaxPooling2D strides [1,1] [2,1]",
          "MaxPooling2D data_format \"channels_first\"",
          "BatchNormalization axis 1 2 [1,2]",
          "BatchNormalization epsilon 0.1 1e-5",
          "BatchNormalization scale false",
          "BatchNormalization center false",
          "BatchNormalization renorm true",
          "ReLU max_value 6.0 0.5",
          "ReLU negative_slope 0.1",
          "ReLU threshold 0.5",
          "Concatenate axis 1 2 0");

  private static final List<String> SILENT =
      List.of(
          "Conv2D kernel_initializer \"zeros\"",
          "Conv2D kernel_regularizer null",
          "Conv2D trainable false",
          "Dropout rate 0.1 0.9",
          "Dropout seed 7",
          "BatchNormalization momentum 0.5");

  /** What is made of the architecture as it is. */
  private static final class Usual {
    static final String CALLS = calls(KerasFiles.resource("unet2.json"));
  }

  private UnusualKerasSettings() {}

  static byte[] change(byte[] original, SplittableRandom random) {
    boolean telling = random.nextInt(4) > 0;
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
      JsonNode value = JSON.readTree(words[2 + random.nextInt(words.length - 2)]);
      ObjectNode chosen = layers.get(random.nextInt(layers.size()));
      boolean same = value.equals(chosen.path(words[1]));
      boolean one = isSizeOne(chosen, words[1]);
      chosen.set(words[1], value);
      if (!one) {
        ((ObjectNode) architecture).put("telling", telling && !same);
      }
      return JSON.writeValueAsBytes(architecture);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /** A kernel of one pixel is called with another dilation or padding, and answers the same. */
  private static boolean isSizeOne(ObjectNode layer, String setting) {
    boolean around = setting.equals("padding") || setting.equals("dilation_rate");
    return around && layer.path("kernel_size").toString().equals("[1,1]");
  }

  /**
   * Reads, and fails if a setting that changes the answer changed nothing, or another something.
   */
  static Set<Long> read(Path architecture) {
    boolean telling = isTelling(architecture);
    if (isMarked(architecture) && calls(architecture).equals(Usual.CALLS) == telling) {
      throw new IllegalStateException(
          telling ? "a setting was passed over" : "a setting without effect has one");
    }
    Weights weights =
        FrontEnds.of(
                KerasFiles.resource("unet2_weights.h5"),
                NetworkOptions.none().withArchitecture(architecture))
            .orElseThrow(() -> new PalimpsestException("not recognised"))
            .weights();
    Set<Long> digests = new HashSet<>();
    weights.tensors().forEach(tensor -> digests.add((long) tensor.values().sumNumber().hashCode()));
    return digests;
  }

  private static boolean isMarked(Path architecture) {
    return json(architecture).has("telling");
  }

  private static boolean isTelling(Path architecture) {
    return json(architecture).path("telling").asBoolean();
  }

  private static JsonNode json(Path file) {
    try {
      return JSON.readTree(Files.readString(file));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static String calls(Path architecture) {
    GraphReader reader = new KerasReader();
    try (OpenGraph open =
        reader.open(
            KerasFiles.resource("unet2_weights.h5"),
            NetworkOptions.none().withArchitecture(architecture))) {
      NetworkGraph graph = open.graph();
      return graph.input().extents() + " " + graph.steps() + graph.outputs();
    }
  }
}
