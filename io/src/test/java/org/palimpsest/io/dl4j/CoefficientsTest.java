package org.palimpsest.io.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.Inputs;

/** The parameters of a saved network of DL4J, written byte by byte as its releases write them. */
class CoefficientsTest {

  /** A kernel from 2 features to 2, column by column, and the bias. */
  private static final double[] VALUES = {1, -2, 0.5, 4, 10, -0.25};

  @TempDir private Path folder;
  private final Map<String, byte[]> entries = new LinkedHashMap<>();

  @BeforeEach
  void aNetworkOfOneLayer() throws IOException {
    aNetworkOfOneLayer(DataType.FLOAT);
  }

  private void aNetworkOfOneLayer(DataType type) throws IOException {
    OutputLayer layer =
        new OutputLayer.Builder(LossFunction.MSE)
            .nOut(2)
            .activation(Activation.IDENTITY)
            .name("out")
            .build();
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .dataType(type)
                .list()
                .layer(layer)
                .setInputType(InputType.feedForward(2))
                .build());
    network.init();
    Path file = folder.resolve("saved.zip");
    ModelSerializer.writeModel(network, file.toFile(), false);
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(file))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.put(entry.getName(), in.readAllBytes());
      }
    }
  }

  /** One of the two buffers: how it was allocated, its length, its type and what it holds. */
  private static byte[] buffer(String allocation, String type, double... values)
      throws IOException {
    return buffer(allocation, values.length, type, values);
  }

  private static byte[] buffer(String allocation, long length, String type, double... values)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF(allocation);
      if (allocation.equals("LONG_SHAPE") || allocation.equals("MIXED_DATA_TYPES")) {
        out.writeLong(length);
      } else {
        out.writeInt((int) length);
      }
      out.writeUTF(type);
      for (double value : values) {
        switch (type) {
          case "LONG" -> out.writeLong((long) value);
          case "INT" -> out.writeInt((int) value);
          case "DOUBLE" -> out.writeDouble(value);
          default -> out.writeFloat((float) value);
        }
      }
    }
    return bytes.toByteArray();
  }

  private Path network(byte[]... parts) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    entries.put("coefficients.bin", all.toByteArray());
    Path file = folder.resolve("network.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(entry.getKey()));
        out.write(entry.getValue());
      }
    }
    return file;
  }

  /** Rank, sizes, strides, then what says nothing of a row. */
  private static final double[] ROW = {2, 1, 6, 6, 1, 0, 1, 99};

  private static final double[] VECTOR = {1, 6, 1, 0, 1, 99};

  @ParameterizedTest
  @CsvSource({
    "HEAP, INT, HEAP, FLOAT",
    "JAVACPP, INT, DIRECT, DOUBLE",
    "DIRECT, INT, JAVACPP, FLOAT",
    "LONG_SHAPE, LONG, MIXED_DATA_TYPES, FLOAT",
    "LONG_SHAPE, LONG, LONG_SHAPE, DOUBLE"
  })
  void everyFormThatReleasesWriteHasItsValues(
      String ofShape, String shape, String ofValues, String type) throws IOException {
    aNetworkOfOneLayer(DataType.valueOf(type));
    for (double[] form : new double[][] {ROW, VECTOR}) {
      Path file = network(buffer(ofShape, shape, form), buffer(ofValues, type, VALUES));
      try (ActivationSource opened = Inputs.network(file)) {
        INDArray answer =
            opened
                .capture(Probes.of(Nd4j.create(new double[][] {{3, 2}})), LayerSelector.of("out"))
                .get("out")
                .values();
        assertThat(answer.getDouble(0, 0)).isEqualTo(3 * 1 + 2 * -2 + 10);
        assertThat(answer.getDouble(0, 1)).isEqualTo(3 * 0.5 + 2 * 4 - 0.25);
      }
    }
  }

  private void assertRefused(Path file, String... parts) {
    assertThatThrownBy(() -> Inputs.network(file).close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("network.zip", "coefficients.bin")
        .hasMessageContainingAll(parts)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void formsThatNoReleaseWritesAreRefused() throws IOException {
    byte[] values = buffer("MIXED_DATA_TYPES", "FLOAT", VALUES);
    byte[] row = buffer("LONG_SHAPE", "LONG", ROW);
    assertRefused(network(buffer("STACK", "LONG", ROW), values), "it begins with 'STACK'");
    assertRefused(network(row, buffer("GPU", "FLOAT", VALUES)), "it begins with 'GPU'");
    assertRefused(
        network(buffer("LONG_SHAPE", "FLOAT", ROW), values), "8 numbers of the type FLOAT");
    assertRefused(network(buffer("LONG_SHAPE", "LONG"), values), "0 numbers of the type LONG");
    assertRefused(
        network(buffer("LONG_SHAPE", "LONG", new double[9]), values), "9 numbers of the type LONG");
    assertRefused(network(row, buffer("HEAP", "UTF8", VALUES)), "elements of the type 'UTF8'");
    assertRefused(network(row, buffer("HEAP", "LONG", VALUES)), "values of the type LONG");
  }

  @Test
  void shapesThatAreNoRowOfAllValuesAreRefused() throws IOException {
    byte[] values = buffer("MIXED_DATA_TYPES", "FLOAT", VALUES);
    double[][] others = {
      {2, 2, 3, 3, 1, 0, 1, 99}, // two rows
      {2, 1, 6, 6, 2, 0, 1, 99}, // every second value
      {1, 6, 3, 0, 1, 99},
      {3, 1, 6, 6, 1, 0, 1, 99},
      {2, 1, 6, 6, 1, 0, 1}
    };
    for (double[] shape : others) {
      assertRefused(
          network(buffer("LONG_SHAPE", "LONG", shape), values),
          "shape and strides",
          "not of a row");
    }
    double[] seven = {2, 1, 7, 7, 1, 0, 1, 99};
    assertRefused(
        network(buffer("LONG_SHAPE", "LONG", seven), values), "of 7 values, but it has 6");
  }

  @Test
  void lengthsThatLieAreRefused() throws IOException {
    byte[] row = buffer("LONG_SHAPE", "LONG", ROW);
    assertRefused(network(row, buffer("LONG_SHAPE", -1, "FLOAT", VALUES)), "a length of -1");
    assertRefused(
        network(row, buffer("LONG_SHAPE", 1L << 40, "FLOAT", VALUES)), "a length of 1099511627776");
    assertRefused(
        network(row, buffer("LONG_SHAPE", 1000, "FLOAT", VALUES)), "1000 values are announced in");
    assertRefused(network(row, buffer("LONG_SHAPE", 6, "FLOAT", 1, 2, 3)), "it ends too early");
    assertRefused(
        network(row, buffer("LONG_SHAPE", "FLOAT", VALUES), new byte[] {0}),
        "go on after the last of 6");
    assertRefused(network(new byte[] {0, 4, (byte) 0xff, 0, 0, 0}), "a text in it is no text");
    assertRefused(network(new byte[0]), "it ends too early");
  }

  @Test
  void asManyValuesAsTheNetworkNeedsAreRequired() throws IOException {
    double[] five = {2, 1, 5, 5, 1, 0, 1, 99};
    Path file =
        network(buffer("LONG_SHAPE", "LONG", five), buffer("LONG_SHAPE", "FLOAT", 1, 2, 3, 4, 5));
    assertThatThrownBy(() -> Inputs.network(file).close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("network.zip", "5", "6");
  }
}
