package org.palimpsest.io.internal.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.npy.NpyProbes;

/** Operators of Keras 3 with settings that its own defaults do not have. */
class KerasOperatorsTest {

  private static final String NETWORK =
      """
      {"module": "keras.src.models.functional", "class_name": "Functional",
       "registered_name": "Functional", "config": {"name": "f", "trainable": true, "layers": [
        {"module": "keras.layers", "class_name": "InputLayer", "name": "x", "registered_name": null,
         "config": {"batch_shape": [null, 2], "dtype": "float32", "sparse": false, "name": "x"},
         "inbound_nodes": []},
        {"module": "%s", "class_name": "%s", "name": "op", "registered_name": "%s",
         "config": {"name": "op", %s},
         "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config":
           {"shape": [null, 2], "dtype": "float32", "keras_history": ["x", 0, 0]}}], "kwargs": {}}]}],
        "input_layers": [["x", 0, 0]], "output_layers": [["op", 0, 0]]}}
      """;

  @TempDir private Path folder;

  /** A network of one operator, as Keras saves it. */
  private Path network(String module, String operator, String settings) throws IOException {
    Path weights = folder.resolve("model.weights.h5");
    try (WritableHdfFile empty = HdfFile.write(weights)) {
      empty.putGroup("layers");
    }
    Path file = folder.resolve("net.keras");
    String network = NETWORK.formatted(module, operator, operator, settings);
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      out.putNextEntry(new ZipEntry("metadata.json"));
      out.write("{\"keras_version\": \"3.15.1\"}".getBytes(StandardCharsets.UTF_8));
      out.putNextEntry(new ZipEntry("config.json"));
      out.write(network.getBytes(StandardCharsets.UTF_8));
      out.putNextEntry(new ZipEntry("model.weights.h5"));
      out.write(Files.readAllBytes(weights));
    }
    return file;
  }

  private double[] answer(String module, String operator, String settings, double... row)
      throws IOException {
    Path probes = folder.resolve("probes.npy");
    NpyFile.write(probes, Nd4j.create(row, new long[] {1, row.length}, 'c'));
    try (ActivationSource opened = KerasFiles.open(network(module, operator, settings))) {
      INDArray answer =
          opened.capture(NpyProbes.open(probes), LayerSelector.all()).get("op").values();
      return answer.toDoubleVector();
    }
  }

  /** As Keras 3.15.1 does, which takes null for all axes or calculates in another type. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nn    | Softmax    | 'axis': null                                  | along all axes",
        "nn    | LogSoftmax | 'axis': null                                  | along all axes",
        "nn    | Normalize  | 'axis': null, 'order': 2, 'epsilon': null     | along all axes",
        "numpy | Sort       | 'axis': null                                  | along all axes",
        "numpy | Cumsum     | 'axis': 1, 'dtype': 'int32'                   | int32",
        "numpy | Cumprod    | 'axis': 1, 'dtype': 'int32'                   | int32",
        "numpy | Prod       | 'axis': 1, 'keepdims': false, 'dtype': 'int8' | int8",
        "nn    | Normalize  | 'axis': 1, 'order': 2, 'epsilon': 0           | epsilon",
      })
  void whatMeansSomethingElseIsRefused(
      String module, String operator, String settings, String part) {
    assertThatThrownBy(
            () -> answer("keras.src.ops." + module, operator, settings.replace('\'', '"'), 1, 2))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("(" + operator + ")")
        .hasMessageContaining(part);
  }

  /** max(|x|, epsilon) divides, and not the root of max(|x|², epsilon). */
  @Test
  void theLeastNormIsOfTheNorm() throws IOException {
    String settings = "\"axis\": -1, \"order\": 2, \"epsilon\": %s";
    assertThat(answer("keras.src.ops.nn", "Normalize", settings.formatted("0.001"), 0.01, 0))
        .containsExactly(new double[] {1, 0}, within(1e-6));
    assertThat(answer("keras.src.ops.nn", "Normalize", settings.formatted("0.001"), 1e-4, 0))
        .containsExactly(new double[] {0.1, 0}, within(1e-6));
    assertThat(answer("keras.src.ops.nn", "Normalize", settings.formatted("null"), 2e-7, 0))
        .containsExactly(new double[] {1, 0}, within(1e-6));
    assertThat(answer("keras.layers", "UnitNormalization", "\"axis\": -1", 1e-8, 0))
        .containsExactly(new double[] {1, 0}, within(1e-6));
    assertThat(answer("keras.layers", "UnitNormalization", "\"axis\": -1", 0, 0))
        .containsExactly(new double[] {0, 0}, within(0.0));
  }

  @Test
  void numbersOfOtherTypesAreNoted() throws IOException {
    try (ActivationSource opened =
        KerasFiles.open(network("keras.src.ops.core", "Cast", "\"dtype\": \"float16\""))) {
      assertThat(opened.provenance().notes()).anyMatch(note -> note.contains("float16"));
    }
  }

  /** Keras hands null on to the runtime, to which it is false; by default it is true. */
  @Test
  void nullIsFalse() throws IOException {
    assertThat(answer("keras.src.ops.nn", "Gelu", "\"approximate\": null", 1, 2))
        .containsExactly(new double[] {0.8413447, 1.9544997}, within(1e-6));
  }

  /** A list tells where it is cut, as in NumPy, and a number how many parts come out. */
  @Test
  void splitByAListOfOneIsNoSplitIntoOne() throws IOException {
    Path probes = folder.resolve("row.npy");
    NpyFile.write(probes, Nd4j.create(new double[] {3, 5}, new long[] {1, 2}, 'c'));
    for (String sections : List.of("[1]", "2")) {
      String settings = "\"indices_or_sections\": %s, \"axis\": -1".formatted(sections);
      try (ActivationSource opened =
          KerasFiles.open(network("keras.src.ops.numpy", "Split", settings))) {
        ActivationSet parts = opened.capture(NpyProbes.open(probes), LayerSelector.all());
        assertThat(parts.get("op[0]").values().toDoubleVector()).containsExactly(3);
        assertThat(parts.get("op[1]").values().toDoubleVector()).containsExactly(5);
      }
    }
    assertThatThrownBy(
            () -> answer("keras.src.ops.numpy", "Reshape", "\"newshape\": [-1, 4]", 1, 2))
        .hasMessageContainingAll("'op'", "rows of other things than samples");
  }
}
