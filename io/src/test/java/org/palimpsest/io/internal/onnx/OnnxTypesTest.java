package org.palimpsest.io.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.palimpsest.io.internal.onnx.OnnxBytes.floats;
import static org.palimpsest.io.internal.onnx.OnnxBytes.join;
import static org.palimpsest.io.internal.onnx.OnnxBytes.message;
import static org.palimpsest.io.internal.onnx.OnnxBytes.number;
import static org.palimpsest.io.internal.onnx.OnnxBytes.utf8;
import static org.palimpsest.io.internal.onnx.OnnxBytes.varint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.Inputs;

/** Tensors of every type, inside the model and beside it, and networks that take such probes. */
class OnnxTypesTest {

  private static final int FLOAT = 1;
  private static final int FLOAT16 = 10;
  private static final int DOUBLE = 11;
  private static final int BFLOAT16 = 16;

  @TempDir private Path folder;

  /** What is between braces in Protocol Buffers: 8 is a tensor's name, 2 its type. */
  private static byte[] tensor(String name, int type, byte[] stored, long... shape) {
    byte[] dimensions = {};
    for (long extent : shape) {
      dimensions = join(dimensions, number(1, extent));
    }
    return join(dimensions, number(2, type), message(8, utf8(name)), stored);
  }

  private static byte[] raw(byte[] content) {
    return message(9, content);
  }

  private static byte[] little(int bytes, long... values) {
    ByteBuffer content =
        ByteBuffer.allocate(bytes * values.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; i++) {
      content.putLong(bytes * i, values[i]);
    }
    return Arrays.copyOf(content.array(), bytes * values.length);
  }

  private static byte[] doubles(double... values) {
    ByteBuffer content = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      content.putDouble(value);
    }
    return content.array();
  }

  private static byte[] operation(String type, String output, String... inputs) {
    byte[] node = join(message(2, utf8(output)), message(4, utf8(type)));
    for (String input : inputs) {
      node = join(node, message(1, utf8(input)));
    }
    return node;
  }

  private static byte[] value(String name, int type, int features) {
    byte[] shape = join(message(1, message(2, utf8("n"))), message(1, number(1, features)));
    byte[] typed = message(1, join(number(1, type), message(2, shape)));
    return join(message(1, utf8(name)), message(2, typed));
  }

  private Path model(byte[]... graph) throws IOException {
    byte[] head = join(number(1, 8), message(8, number(2, 17)));
    return Files.write(folder.resolve("model.onnx"), join(head, message(7, join(graph))));
  }

  /** A graph that uses the tensors, each under a name of its own. */
  private Path holding(byte[]... tensors) throws IOException {
    byte[] graph =
        join(
            message(1, operation("Neg", "y", "x")),
            message(11, value("x", FLOAT, 3)),
            message(12, value("y", FLOAT, 3)));
    for (byte[] tensor : tensors) {
      graph = join(graph, message(5, tensor));
    }
    return model(graph);
  }

  private static double[] values(Weights weights, String name) {
    return weights.find(name).orElseThrow().values().castTo(DataType.DOUBLE).toDoubleVector();
  }

  @Test
  void numbersHaveTheirValueInEveryFieldThatTheFormatHas() throws IOException {
    byte[] halves = little(2, 0x3c00, 0xc000, 0x0001);
    byte[] brains = little(2, 0x3f80, 0xc000, 0x0001);
    Weights weights =
        Inputs.weights(
            holding(
                tensor("float raw", FLOAT, raw(floats(1.5, -2)), 2),
                tensor("float", FLOAT, message(4, floats(1.5, -2)), 2),
                tensor("double raw", DOUBLE, raw(doubles(Math.PI, 1e300)), 2),
                tensor("double", DOUBLE, message(10, doubles(Math.PI, 1e300)), 2),
                tensor("half raw", FLOAT16, raw(halves), 3),
                tensor(
                    "half",
                    FLOAT16,
                    message(5, join(varint(0x3c00), varint(0xc000), varint(1))),
                    3),
                tensor("brain raw", BFLOAT16, raw(brains), 3),
                tensor(
                    "brain",
                    BFLOAT16,
                    join(number(5, 0x3f80), number(5, 0xc000), number(5, 1)),
                    3)));
    for (String where : new String[] {"", " raw"}) {
      assertThat(values(weights, "float" + where)).containsExactly(1.5, -2);
      assertThat(values(weights, "double" + where)).containsExactly(Math.PI, 1e300);
      assertThat(values(weights, "half" + where)).containsExactly(1, -2, 0x1p-24);
      assertThat(values(weights, "brain" + where)).containsExactly(1, -2, 0x1p-133);
    }
    assertThat(weights.find("double").orElseThrow().values().dataType()).isEqualTo(DataType.DOUBLE);
  }

  @ParameterizedTest
  @CsvSource({
    "float32, 1, 10, 400921fb54442d18, 2",
    "float32, 1, 5, 03, 1",
    "float64, 11, 4, 0000803f0000803f, 1",
    "float64, 11, 5, 0102030405060708, 1",
    "float16, 10, 4, 0000803f, 2",
    "bfloat16, 16, 10, 400921fb54442d18, 4",
    "int8, 3, 4, 0000803f, 4",
    "int64, 7, 5, 0102030405060708, 1"
  })
  void numbersInTheFieldOfAnotherTypeAreNoneOfTheirs(
      String name, int type, int field, String hex, long count) throws IOException {
    byte[] stored = message(field, HexFormat.of().parseHex(hex));
    Path file = holding(tensor("w", type, stored, count));
    assertThatThrownBy(() -> Inputs.weights(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("model.onnx", "'w' of " + name, "as those of another type");
  }

  @Test
  void tensorsThatDoNotFitTheirShapeAreRefused() throws IOException {
    byte[][] wrong = {
      tensor("w", FLOAT, raw(floats(1, 2)), 3),
      tensor("w", FLOAT, raw(floats(1, 2, 3, 4)), 3),
      tensor("w", FLOAT, raw(new byte[] {1, 2, 3}), 1),
      tensor("w", DOUBLE, raw(floats(1)), 1),
      tensor("w", FLOAT16, message(5, varint(1)), 2),
      tensor("w", FLOAT, new byte[0], 2)
    };
    for (byte[] tensor : wrong) {
      Path file = holding(tensor);
      assertThatThrownBy(() -> Inputs.weights(file))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll("model.onnx", "tensor 'w' of the shape", " bytes");
    }
    Path two = holding(tensor("w", FLOAT, join(raw(floats(1)), message(4, floats(1))), 1));
    assertThatThrownBy(() -> Inputs.weights(two)).hasMessageContaining("stored in two ways");
    Path parts = holding(tensor("w", FLOAT, message(3, number(1, 0)), 1));
    assertThatThrownBy(() -> Inputs.weights(parts)).hasMessageContaining("in segments");
    Path below = holding(tensor("w", FLOAT, raw(floats(1)), -1));
    assertThatThrownBy(() -> Inputs.weights(below)).hasMessageContaining("shape [-1]");
    Path vast = holding(tensor("w", FLOAT, raw(floats(1)), 1L << 40, 1L << 40));
    assertThatThrownBy(() -> Inputs.weights(vast))
        .hasMessageContaining("of the shape [1099511627776");
  }

  /** (number − zero) × scale of the standard's DequantizeLinear. */
  @ParameterizedTest
  @CsvSource({
    "2, 1, 250, 5, 122.5",
    "3, 1, -6, 5, -5.5",
    "4, 2, 65000, 1, 32499.5",
    "5, 2, -300, 2, -151",
    "6, 4, -70000, 0, -35000"
  })
  void quantisedNumbersOfEachTypeAreScaled(
      int type, int bytes, long stored, long zero, double wanted) throws IOException {
    Path file =
        model(
            message(1, operation("Neg", "y", "x")),
            message(1, operation("DequantizeLinear", "d", "q", "s", "z")),
            message(5, tensor("q", type, raw(little(bytes, stored, zero)), 2)),
            message(5, tensor("s", FLOAT, raw(floats(0.5)))),
            message(5, tensor("z", type, raw(little(bytes, zero)))),
            message(11, value("x", FLOAT, 3)),
            message(12, value("y", FLOAT, 3)));
    assertThat(values(Inputs.weights(file), "q")).containsExactly(wanted, 0);
  }

  @ParameterizedTest
  @CsvSource({"1, FLOAT", "11, DOUBLE", "10, FLOAT", "6, FLOAT", "7, FLOAT"})
  void networksAreShownProbesInTheTypeThatTheyTake(int type, DataType given) throws IOException {
    byte[] cast =
        message(5, join(message(1, utf8("to")), number(3, type == 11 ? 11 : 1), number(20, 2)));
    Path file =
        model(
            message(1, operation("Neg", "m", "x")),
            message(1, join(operation("Cast", "y", "m"), cast)),
            message(11, value("x", type, 3)),
            message(12, value("y", type == 11 ? 11 : 1, 3)));
    try (ActivationSource network = Inputs.network(file)) {
      INDArray probes = Nd4j.create(new double[][] {{1, -2, 3}, {1000, 0, 2047}});
      INDArray answer =
          network.capture(Probes.of(probes), LayerSelector.of("output")).get("output").values();
      assertThat(answer.dataType()).isEqualTo(given);
      assertThat(answer.castTo(DataType.DOUBLE)).isEqualTo(probes.neg());
    }
  }

  @ParameterizedTest
  @CsvSource({"10, float16, 65520", "10, float16, -70000", "1, float, 1e39"})
  void valuesThatTheTypeCannotHoldAreNamed(int type, String name, double value) throws IOException {
    Path file =
        model(
            message(1, operation("Neg", "y", "x")),
            message(11, value("x", type, 1)),
            message(12, value("y", type, 1)));
    try (ActivationSource network = Inputs.network(file)) {
      INDArray probes = Nd4j.create(new double[][] {{1}, {value}});
      assertThatThrownBy(() -> network.capture(Probes.of(probes), LayerSelector.all()))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll(name, String.valueOf(value));
    }
  }

  @ParameterizedTest
  @CsvSource({"2, UINT8", "3, INT8", "9, BOOL"})
  void inputsOfOtherTypesAreRefused(int type, String name) throws IOException {
    byte[] cast = message(5, join(message(1, utf8("to")), number(3, 1), number(20, 2)));
    Path file =
        model(
            message(1, join(operation("Cast", "y", "x"), cast)),
            message(11, value("x", type, 2)),
            message(12, value("y", FLOAT, 2)));
    try (ActivationSource network = Inputs.network(file)) {
      assertThatThrownBy(() -> network.capture(Probes.of(Nd4j.ones(1, 2)), LayerSelector.all()))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll("model.onnx", "the type " + name, "input of float32");
    }
  }

  @Test
  void aLayerOfAnotherTypeIsNamed() throws IOException {
    Path file =
        model(
            message(1, operation("IsNaN", "nan", "x")),
            message(1, operation("Neg", "y", "x")),
            message(11, value("x", FLOAT, 2)),
            message(12, value("y", FLOAT, 2)));
    try (ActivationSource network = Inputs.network(file)) {
      assertThat(network.capture(Probes.of(Nd4j.ones(1, 2)), LayerSelector.all()).layers())
          .containsExactly("y", "output");
    }
  }

  private static byte[] said(String key, String value) {
    return message(13, join(message(1, utf8(key)), message(2, utf8(value))));
  }

  private Path elsewhere(byte[]... entries) throws IOException {
    Files.write(folder.resolve("w.bin"), floats(7, 1, 2, 8));
    return holding(tensor("w", FLOAT, join(join(entries), number(14, 1)), 2));
  }

  private static String sha1(byte[] bytes) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
  }

  @Test
  void numbersBesideTheModelAreReadFromWhereTheyAreSaidToLie()
      throws IOException, NoSuchAlgorithmException {
    byte[] location = said("location", "w.bin");
    assertThat(values(Inputs.weights(elsewhere(location, said("offset", "4"))), "w"))
        .containsExactly(1, 2);
    assertThat(
            values(
                Inputs.weights(elsewhere(location, said("offset", "8"), said("length", "8"))), "w"))
        .containsExactly(2, 8);
    String sum = sha1(floats(7, 1, 2, 8));
    for (String checksum : new String[] {sum, sum.toUpperCase(Locale.ROOT)}) {
      assertThat(values(Inputs.weights(elsewhere(location, said("checksum", checksum))), "w"))
          .containsExactly(7, 1);
    }
    assertThat(values(Inputs.weights(elsewhere(location, said("prepacked_0", "x"))), "w"))
        .containsExactly(7, 1);
  }

  @Test
  void whatIsSaidOfNumbersBesideTheModelMustBeSo() throws IOException, NoSuchAlgorithmException {
    byte[] location = said("location", "w.bin");
    assertRefused(elsewhere(said("offset", "0")), "not said in which");
    assertRefused(elsewhere(location, said("compression", "zip")), "by 'compression'");
    assertRefused(elsewhere(location, said("length", "4")), "takes 8 bytes", "said to be 4");
    assertRefused(elsewhere(location, said("length", "16")), "takes 8 bytes", "said to be 16");
    assertRefused(elsewhere(location, said("offset", "12")), "from byte 12 of 'w.bin'", "has 16");
    assertRefused(elsewhere(location, said("offset", "-4")), "offset '-4'");
    assertRefused(elsewhere(location, said("offset", "0x4")), "offset '0x4'");
    assertRefused(elsewhere(location, said("offset", "99999999999999999999")), "offset '9999");
    assertRefused(elsewhere(location, location), "'location' is told twice");
    assertRefused(
        elsewhere(location, said("checksum", sha1(new byte[] {1}))),
        "of the SHA-1",
        "said to have");
    assertRefused(elsewhere(location, said("checksum", "none")), "said to have none");
  }

  private static void assertRefused(Path file, String... parts) {
    assertThatThrownBy(() -> Inputs.weights(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("model.onnx")
        .hasMessageContainingAll(parts);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 102})
  void graphsWithinGraphsAreReadToADepth(int depth) throws IOException {
    byte[] body = message(1, operation("Neg", "y", "x"));
    for (int i = 1; i < depth; i++) {
      byte[] attribute =
          message(5, join(message(1, utf8("body")), message(6, body), number(20, 5)));
      body = message(1, join(operation("Loop", "y", "x"), attribute));
    }
    Path file = model(body, message(11, value("x", FLOAT, 3)), message(12, value("y", FLOAT, 3)));
    if (depth < 100) {
      assertThat(OnnxModel.read(file).graph().allNodes()).hasSize(depth);
    } else {
      assertThatThrownBy(() -> OnnxModel.read(file))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll("model.onnx", "graphs within graphs");
    }
  }
}
