package org.palimpsest.io.internal.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jhdf.HdfFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.internal.capture.Closeness;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.npy.NpyProbes;

/**
 * Layers of all families, against what Keras answered: 2.15 and 3.15.1 (make_keras_layers.py),
 * 1.2.2 and 2.2.4 on TensorFlow and Theano, and 2.1.4 on Theano (make_keras_old.py).
 */
class KerasLayersTest {

  private static final double TOLERANCE = 2e-5;

  @TempDir static Path folder;

  @BeforeAll
  static void unpack() throws IOException {
    try (InputStream in = Files.newInputStream(KerasFiles.resource("layers.zip"));
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Files.copy(zip, folder.resolve(entry.getName()));
      }
    }
  }

  private static final String OF_BOTH =
      "convolutions sequences volumes resampling activations normalisations depthwise merging"
          + " recurrent attention operators nested axes called places functions alone";

  static Stream<String> networks() {
    return Stream.of(
            families("three", OF_BOTH + " dropped wrapped"),
            families("two", OF_BOTH + " weightnorm fresh"),
            families("twotf", "depthwise rectified"),
            families("twooneth", "pooling1 pooling2 pooling3 stepped"),
            families("twoth", "depthwise pooling1 pooling2 pooling3"),
            families(
                "onetf",
                "activations bare handed lastplanes normalised planes sequences volumes"
                    + " transposed lasttransposed separable lastseparable"),
            families("oneth", "activations lastplanes normalised planes sequences steps"))
        .flatMap(names -> names);
  }

  private static Stream<String> families(String version, String names) {
    return Stream.of(names.split(" ")).map(family -> version + "_" + family);
  }

  private static Path network(String name) {
    Path archive = folder.resolve(name + ".keras");
    return Files.exists(archive) ? archive : folder.resolve(name + ".h5");
  }

  @ParameterizedTest
  @MethodSource("networks")
  void everyLayerAnswersWhatKerasAnswered(String name) {
    ActivationSet expected = Dumps.open(folder.resolve(name + ".npz"));
    try (ActivationSource opened = KerasFiles.open(network(name))) {
      ActivationSet captured =
          opened.capture(NpyProbes.open(folder.resolve(name + ".npy")), LayerSelector.all());
      TreeSet<String> missing = new TreeSet<>();
      for (String layer : expected.layers()) {
        String own = layer.replace('|', '/');
        if (captured.layers().contains(own)) {
          Closeness.assertClose(
              own, captured.get(own).values(), expected.get(layer).values(), TOLERANCE);
        } else {
          missing.add(own);
        }
      }
      assertThat(missing).isEmpty();
    }
  }

  @Test
  void paddingThatHangsOnAReleaseWhichIsNotToldIsRefused() throws IOException {
    for (String name : List.of("pooling2", "pooling3")) {
      Path untold = released("twooneth_" + name, "2.1.4", "2.1.x");

      assertThatThrownBy(() -> KerasFiles.open(untold))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll("Pooling", "'padding' is same", "does not tell its release");
    }
  }

  /** Keras 2.1.4 adds it along the steps here, 2.2.4 along the units. */
  @Test
  void theBiasOfDenseLayersIsRefusedWhereItsAxisIsNotTold() throws IOException {
    Path file = folder.resolve("twooneth_biased.h5");

    assertThatThrownBy(() -> KerasFiles.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("(Dense) adds its bias of 6", "[6, 6]", "2.0.0 to 2.2.0");
    KerasFiles.open(released("twooneth_biased", "2.1.4", "2.2.1")).close();
  }

  private static Path released(String name, String release, String other) throws IOException {
    String bytes = Files.readString(folder.resolve(name + ".h5"), StandardCharsets.ISO_8859_1);
    assertThat(bytes).contains(release);
    return Files.writeString(
        folder.resolve(name + other + ".h5"),
        bytes.replace(release, other),
        StandardCharsets.ISO_8859_1);
  }

  /**
   * The sources of the releases on PyPI: bias_add in layers/core.py, pool2d and pool3d of Theano.
   */
  @ParameterizedTest
  @CsvSource({
    "1.2.2, false, false, false",
    "2.0.0, true, false, true",
    "2.0.3, true, false, true",
    "2.0.4, true, true, true",
    "2.1.4, true, true, true",
    "2.1.5, true, false, true",
    "2.1.6, true, false, false",
    "2.2.0, true, false, false",
    "2.2.1, false, false, false",
    "2.3.1, false, false, false",
    "2.10.0, false, false, false",
    "2.1.4-tf, false, false, false",
    "2.1, true, , ",
    "3.0.5, false, false, false"
  })
  void whatHangsOnTheRelease(String version, boolean bias, Boolean means, Boolean volumes) {
    Dialect theano = new Dialect(version, "theano", true, false);
    assertThat(theano.mayAddBiasOfDenseFirst()).isEqualTo(bias);
    assertThat(theano.countsPadding()).isEqualTo(Optional.ofNullable(means));
    assertThat(theano.keepsPaddedVolumes()).isEqualTo(Optional.ofNullable(volumes));
    assertThat(new Dialect(version, "tensorflow", false, true).mayAddBiasOfDenseFirst())
        .isEqualTo(bias);
    assertThat(new Dialect(version, "tensorflow", false, false).mayAddBiasOfDenseFirst()).isFalse();
  }

  private static JsonNode configuration(String file) throws IOException {
    if (file.endsWith(".h5")) {
      try (HdfFile hdf = new HdfFile(folder.resolve(file))) {
        return KerasFiles.json((String) hdf.getAttribute("model_config").getData());
      }
    }
    try (ZipFile zip = new ZipFile(folder.resolve(file).toFile())) {
      InputStream in = zip.getInputStream(zip.getEntry("config.json"));
      return KerasFiles.json(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /** A file with other settings in each layer of a class. */
  private static void assertRefused(
      String file, String className, Consumer<ObjectNode> change, String part) throws IOException {
    JsonNode network = configuration(file);
    for (JsonNode layer : network.path("config").path("layers")) {
      if (layer.path("class_name").asText().equals(className)) {
        change.accept((ObjectNode) layer.path("config"));
      }
    }
    Path changed = Files.writeString(folder.resolve("changed.json"), network.toString());
    NetworkOptions options = NetworkOptions.none().withArchitecture(changed);
    assertThatThrownBy(() -> KerasFiles.open(folder.resolve(file), options))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("(" + className + ")")
        .hasMessageContaining(part);
  }

  @Test
  void waysOfABidirectionalLayerThatDisagreeAreRefused() throws IOException {
    assertRefused(
        "three_recurrent.h5",
        "Bidirectional",
        layer -> {
          ObjectNode there = (ObjectNode) layer.path("layer").path("config");
          there.put("return_sequences", !there.path("return_sequences").asBoolean());
        },
        "'return_sequences' are false and true");
  }

  @Test
  void nullIsNoDefault() throws IOException {
    assertRefused(
        "three_activations.keras", "Softmax", layer -> layer.putNull("axis"), "'axis' is null");
    assertRefused(
        "three_normalisations.keras",
        "LayerNormalization",
        layer -> layer.putNull("epsilon"),
        "'epsilon' is null");
  }

  /** As {@code K.set_floatx} makes it of Keras 2.2, whose layers do not tell their type. */
  @Test
  void thePrecisionOfLayersThatDoNotTellItIsThatOfTheInput() throws IOException {
    JsonNode network = configuration("twotf_rectified.h5");
    ObjectNode input = (ObjectNode) network.path("config").path("layers").get(0).path("config");
    for (String type : List.of("float16", "float64", "float32")) {
      input.put("dtype", type);
      Path changed = Files.writeString(folder.resolve("changed.json"), network.toString());
      NetworkOptions options = NetworkOptions.none().withArchitecture(changed);
      try (ActivationSource opened =
          KerasFiles.open(folder.resolve("twotf_rectified.h5"), options)) {
        assertThat(
                opened.provenance().notes().stream().filter(note -> note.contains("computed in")))
            .hasSize(type.equals("float32") ? 0 : 1)
            .allMatch(note -> note.endsWith(type));
      }
    }
  }

  @Test
  void aMaximumBelowZeroIsRefused() throws IOException {
    assertRefused("twotf_rectified.h5", "ReLU", layer -> layer.put("max_value", -1), "0 or more");
  }

  @Test
  void theAxisOfTheSamplesIsRefused() throws IOException {
    assertRefused(
        "three_activations.keras", "Softmax", layer -> layer.put("axis", 0), "not the samples'");
  }

  @Test
  void axesThatAreSharedAreCountedAsKerasCountsThem() throws IOException {
    assertRefused(
        "two_activations.keras", "PReLU", layer -> layer.putArray("shared_axes").add(0), "alpha");
    assertRefused(
        "two_activations.keras", "PReLU", layer -> layer.putArray("shared_axes").add(4), "axis 3");
  }

  @Test
  void aNormalisationByTheBatchIsRefused() throws IOException {
    assertRefused(
        "onetf_normalised.h5", "BatchNormalization", layer -> layer.put("mode", 2), "'mode' is 2");
  }

  @Test
  void paddingThatTheBackendDecidesIsRefusedWhereNothingTellsIt() throws IOException {
    JsonNode network = configuration("onetf_bare.h5");
    network.findParents("border_mode").forEach(l -> ((ObjectNode) l).put("border_mode", "same"));
    Path padding = Files.writeString(folder.resolve("padding.json"), network.toString());
    NetworkOptions options = NetworkOptions.none().withArchitecture(padding);
    assertThatThrownBy(() -> KerasFiles.open(folder.resolve("onetf_bare.h5"), options))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("holds no arrays, by whose names Keras 1 tells TensorFlow");
  }

  @Test
  void aKernelThatTheFirstDataSetIsRefusedBeforeThem() {
    assertThatThrownBy(() -> KerasFiles.open(folder.resolve("two_unbegun.h5")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("(Addons>WeightNormalization)")
        .hasMessageContaining("saved before it had seen data");
  }

  @Test
  void convolutionalRecurrentLayersOfKerasOneAreRefused() {
    assertThatThrownBy(() -> KerasFiles.open(folder.resolve("onetf_recurrent.h5")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("(ConvLSTM2D) is of Keras 1")
        .hasMessageContaining("Keras 2");
  }

  @Test
  void allNetworksOfTheArchiveAreCompared() {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(file -> file.endsWith(".npz"))
              .map(file -> file.substring(0, file.length() - 4))
              .toList();
      assertThat(networks()).containsExactlyInAnyOrderElementsOf(names);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
