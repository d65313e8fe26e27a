package org.palimpsest.io.keras;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.io.capture.Closeness;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.npy.NpyProbes;

/** Layers of all families, against what Keras 2.15 and 3.15.1 answered (make_keras_layers.py). */
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

  static Stream<String> networks() {
    return Stream.of("three", "two")
        .flatMap(
            version ->
                Stream.of(
                        "convolutions",
                        "sequences",
                        "volumes",
                        "resampling",
                        "activations",
                        "normalisations",
                        "merging",
                        "recurrent",
                        "attention",
                        "operators",
                        "nested",
                        "axes",
                        "called")
                    .map(family -> version + "_" + family));
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
