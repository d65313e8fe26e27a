package org.palimpsest.io.internal.keras;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.internal.capture.Closeness;
import org.palimpsest.io.npy.NpyProbes;

/**
 * Operators of all kinds, against what Keras 2.15 and 3.15.1 answered ({@code
 * make_keras_operators.py}), and that none is known which was never held against Keras.
 */
class KnownOperatorsTest {

  private static final double TOLERANCE = 2e-5;

  /** Other names of what stands in the networks under its usual one. */
  private static final Set<String> OTHER_NAMES =
      Set.of(
          ("__operators__.div __operators__.mul __operators__.pow __operators__.sub"
                  + " __operators__.truediv abs clip_by_value floor_div hardswish linalg.matmul"
                  + " math.divide math.equal math.floordiv math.mod math.not_equal math.softsign"
                  + " mish nn.avg_pool nn.l2_normalize nn.max_pool nn.sigmoid nn.softplus nn.swish nn.tanh pow"
                  + " realdiv reverse rint swish truedivide")
              .split(" "));

  @TempDir private static Path folder;

  @BeforeAll
  static void unpack() throws IOException {
    for (String archive : new String[] {"operators.zip", "layers.zip"}) {
      try (InputStream in = Files.newInputStream(KerasFiles.resource(archive));
          ZipInputStream zip = new ZipInputStream(in)) {
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
          Files.copy(zip, folder.resolve(entry.getName()));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "three_numbers, 70",
    "three_pairs, 40",
    "three_reductions, 30",
    "three_shapes, 45",
    "two_numbers, 50",
    "two_pairs, 38",
    "two_reductions, 22",
    "two_shapes, 40"
  })
  void everyOperatorAnswersWhatKerasAnswered(String name, int atLeast) {
    ActivationSet expected = Dumps.open(folder.resolve(name + ".npz"));
    assertThat(expected.layers()).hasSizeGreaterThanOrEqualTo(atLeast);
    try (ActivationSource opened = KerasFiles.open(folder.resolve(name + ".keras"))) {
      ActivationSet captured =
          opened.capture(NpyProbes.open(folder.resolve(name + ".npy")), LayerSelector.all());
      for (String layer : expected.layers()) {
        Closeness.assertClose(
            layer, captured.get(layer).values(), expected.get(layer).values(), TOLERANCE);
      }
    }
  }

  @Test
  void noOperatorIsKnownThatWasNeverHeldAgainstKeras() throws IOException {
    Set<String> held = new TreeSet<>(OTHER_NAMES);
    try (var files = Files.list(folder)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".keras")).toList()) {
        addOperators(configuration(file), held);
      }
    }
    Set<String> unheld = new TreeSet<>(Operators.names());
    unheld.removeAll(held);
    assertThat(unheld).isEmpty();
    assertThat(Operators.names()).containsAll(OTHER_NAMES);
  }

  private static JsonNode configuration(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile());
        InputStream in = zip.getInputStream(zip.getEntry("config.json"))) {
      return KerasFiles.json(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static void addOperators(JsonNode network, Set<String> names) {
    for (JsonNode layer : network.findParents("class_name")) {
      if (layer.path("module").asText().contains(".ops")) {
        names.add(layer.path("class_name").asText().toLowerCase(Locale.ROOT));
      }
      names.add(layer.path("config").path("function").asText().replace("compat.v1.", ""));
    }
  }
}
