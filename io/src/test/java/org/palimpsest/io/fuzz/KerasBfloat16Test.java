package org.palimpsest.io.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.palimpsest.io.fuzz.Hdf5Writer.little;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.Inputs;

/**
 * Weights in bfloat16 as Keras 3 keeps them: h5py writes opaque pairs of bytes, of which HDF5
 * itself does not know that they are numbers. The messages are those of a file of h5py 3.14.
 */
class KerasBfloat16Test {

  private static final String NETWORK =
      """
      {"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [
        {"module": "keras.layers", "class_name": "InputLayer", "registered_name": null,
         "config": {"batch_shape": [null, 3], "dtype": "float32", "name": "x"}},
        {"module": "keras.layers", "class_name": "Dense", "registered_name": null,
         "config": {"name": "d", "trainable": true, "dtype": "bfloat16", "units": 2,
           "activation": "linear", "use_bias": true}}]}}
      """;

  /** Of a kernel from 3 features to 2. */
  private static final float[] KERNEL = {1.5f, -2, 0.25f, 3, -0.0078125f, 1024};

  private static final float[] BIAS = {-1, 0.5f};

  @TempDir private Path folder;

  private static byte[] bfloats(float[] values) {
    ByteBuffer bytes = little(2 * values.length);
    for (float value : values) {
      bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
    }
    return bytes.array();
  }

  private static byte[] space(long... shape) {
    ByteBuffer space = little(8 + 16 * shape.length).put((byte) 1).put((byte) shape.length);
    space.put((byte) 1).position(8);
    for (int i = 0; i < 2 * shape.length; i++) {
      space.putLong(shape[i % shape.length]);
    }
    return space.array();
  }

  /** An array of opaque elements of so many bytes, in one piece. */
  private static long opaque(
      Hdf5Writer writer, int width, byte[] content, long told, long... shape) {
    byte[] type = little(8).put((byte) 0x15).position(4).putInt(width).array();
    ByteBuffer layout = little(24).put((byte) 3).put((byte) 1);
    layout.putLong(writer.put(content)).putLong(told);
    List<Hdf5Writer.Message> messages = new ArrayList<>();
    messages.add(new Hdf5Writer.Message(1, space(shape)));
    messages.add(new Hdf5Writer.Message(3, type));
    messages.add(new Hdf5Writer.Message(5, new byte[] {2, 2, 2, 1, 0, 0, 0, 0}));
    messages.add(new Hdf5Writer.Message(8, layout.array()));
    return writer.object(messages, false);
  }

  private static Hdf5Writer writer() {
    return new Hdf5Writer(false, 0, -1);
  }

  private Path network(Hdf5Writer writer, long kernel, long bias) throws IOException {
    long vars =
        writer.group(List.of(Hdf5Writer.Link.hard("0", kernel), Hdf5Writer.Link.hard("1", bias)));
    long dense = writer.group(List.of(Hdf5Writer.Link.hard("vars", vars)));
    long layers = writer.group(List.of(Hdf5Writer.Link.hard("dense", dense)));
    long root = writer.group(List.of(Hdf5Writer.Link.hard("layers", layers)));
    Path file = folder.resolve("net.keras");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      out.putNextEntry(new ZipEntry("metadata.json"));
      out.write("{\"keras_version\": \"3.15.1\"}".getBytes(StandardCharsets.UTF_8));
      out.putNextEntry(new ZipEntry("config.json"));
      out.write(NETWORK.getBytes(StandardCharsets.UTF_8));
      out.putNextEntry(new ZipEntry("model.weights.h5"));
      out.write(writer.bytes(root));
    }
    return file;
  }

  private Path sound() throws IOException {
    Hdf5Writer writer = writer();
    long kernel = opaque(writer, 2, bfloats(KERNEL), 12, 3, 2);
    return network(writer, kernel, opaque(writer, 2, bfloats(BIAS), 4, 2));
  }

  @Test
  void numbersOfTwoOpaqueBytesAreThoseOfBfloat16() throws IOException {
    Weights weights = Inputs.weights(sound());
    INDArray kernel = weights.find("d.weight").orElseThrow().values();
    assertThat(kernel.shape()).containsExactly(2, 3);
    for (int out = 0; out < 2; out++) {
      for (int in = 0; in < 3; in++) {
        assertThat(kernel.getFloat(out, in)).isEqualTo(KERNEL[2 * in + out]);
      }
    }
    assertThat(weights.find("d.bias").orElseThrow().values().toFloatVector()).containsExactly(BIAS);
  }

  @Test
  void theNetworkComputesWithThemInFloat32AndSaysSo() throws IOException {
    try (ActivationSource network = Inputs.network(sound())) {
      INDArray answer =
          network
              .capture(Probes.of(Nd4j.create(new double[][] {{1, 2, -4}})), LayerSelector.of("d"))
              .get("d")
              .values();
      assertThat(answer.toFloatVector())
          .containsExactly(1.5f + 2 * 0.25f + 4 * 0.0078125f - 1, -2 + 6 - 4 * 1024 + 0.5f);
      assertThat(network.provenance().notes()).anyMatch(note -> note.contains("bfloat16"));
    }
  }

  /** Of other widths nobody knows what they mean; of another length they are damaged. */
  @ParameterizedTest
  @ValueSource(strings = {"wide", "long", "short", "beyond"})
  void whatIsNotSuchAnArrayIsNotRead(String what) throws IOException {
    Hdf5Writer writer = writer();
    byte[] bytes = bfloats(KERNEL);
    long kernel =
        switch (what) {
          case "wide" -> opaque(writer, 4, new byte[24], 24, 3, 2);
          case "long" -> opaque(writer, 2, bytes, 12, 3, 1);
          case "short" -> opaque(writer, 2, bytes, 10, 3, 2);
          default -> opaque(writer, 2, bytes, 2_000_000, 1000, 1000);
        };
    Path file = network(writer, kernel, opaque(writer, 2, bfloats(BIAS), 4, 2));
    assertThatThrownBy(() -> Inputs.network(file).close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("net.keras")
        .message()
        .doesNotContain("\n");
  }
}
