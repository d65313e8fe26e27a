package org.palimpsest.io.internal.pytorch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.io.fuzz.PickleWriter;

/** NumPy's scalars and arrays in pickles of settings, such as the plans of nnU-Net v1. */
class NumpySettingsTest {

  @TempDir private Path folder;

  /** A dictionary with the entry 'a' and, behind it, the entry 'b', which is 3. */
  private JsonNode read(int protocol, Consumer<PickleWriter> value) throws IOException {
    PickleWriter pickle = new PickleWriter(protocol).step('}').text("a");
    value.accept(pickle);
    pickle.step('s').text("b").number(3).step('s');
    JsonNode settings =
        PickledSettings.read(Files.write(folder.resolve("plans.pkl"), pickle.bytes()));
    assertThat(settings.path("b").longValue()).isEqualTo(3);
    return settings.path("a");
  }

  /** The low bytes of a number, in either order. */
  private static byte[] bytes(long value, int size, boolean big) {
    ByteBuffer all =
        ByteBuffer.allocate(8).order(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    byte[] whole = all.putLong(value).array();
    return big ? Arrays.copyOfRange(whole, 8 - size, 8) : Arrays.copyOf(whole, size);
  }

  private static void type(PickleWriter pickle, String code, String order) {
    pickle.global("numpy", "dtype").step('(').text(code).truth(false).truth(true).steps("tR");
    pickle.step('(').number(3).text(order).steps("NNN").number(-1).number(-1).number(0);
    pickle.steps("tb");
  }

  /** Bytes as protocols below 3 have them: a text of Latin-1 that is encoded. */
  private static void content(PickleWriter pickle, byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    pickle.global("_codecs", "encode").step('(').text(text).text("latin1").steps("tR");
  }

  private JsonNode scalar(String module, String code, String order, byte[] bytes)
      throws IOException {
    return read(
        2,
        pickle -> {
          pickle.global(module, "scalar").step('(');
          type(pickle, code, order);
          content(pickle, bytes);
          pickle.steps("tR");
        });
  }

  @ParameterizedTest
  @CsvSource({
    "i1, 1, -100",
    "u1, 1, 200",
    "i2, 2, -1000",
    "u2, 2, 60000",
    "i4, 4, -70000",
    "u4, 4, 4000000000",
    "i8, 8, -5000000000",
    "u8, 8, 5000000000"
  })
  void integersHaveTheirValueInBothOrders(String code, int size, long value) throws IOException {
    for (String module : new String[] {"numpy.core.multiarray", "numpy._core.multiarray"}) {
      for (boolean big : new boolean[] {false, true}) {
        JsonNode read = scalar(module, code, big ? ">" : "<", bytes(value, size, big));
        assertThat(read.isIntegralNumber()).isTrue();
        assertThat(read.longValue()).isEqualTo(value);
      }
    }
  }

  @Test
  void floatingNumbersAndTruthValuesHaveTheirs() throws IOException {
    String module = "numpy.core.multiarray";
    byte[] single = HexFormat.of().parseHex("0000c0bf");
    assertThat(scalar(module, "f4", "<", single).doubleValue()).isEqualTo(-1.5);
    byte[] wide = HexFormat.of().parseHex("400921fb54442d18");
    assertThat(scalar(module, "f8", ">", wide).doubleValue()).isEqualTo(Math.PI);
    assertThat(scalar(module, "b1", "|", new byte[] {1}).booleanValue()).isTrue();
    assertThat(scalar(module, "b1", "|", new byte[] {0}).isBoolean()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"u8, 8", "i8, 4", "i2, 8", "M8, 8", "i3, 3", "c16, 16", "O, 8", "f2, 2"})
  void whatIsNotReadIsLeftOutAndNotGuessed(String code, int size) throws IOException {
    byte[] ones = new byte[size];
    Arrays.fill(ones, (byte) 0xff); // of an unsigned type beyond 2^63
    JsonNode read = scalar("numpy.core.multiarray", code, "<", ones);
    assertThat(read.isMissingNode() || read.isNull()).isTrue();
  }

  /** As protocols 2 to 4 have an array: made empty, then told its shape, type and bytes. */
  private JsonNode array(String code, String order, boolean fortran, byte[] bytes, long... shape)
      throws IOException {
    return read(
        2,
        pickle -> {
          pickle.global("numpy.core.multiarray", "_reconstruct").step('(');
          pickle.global("numpy", "ndarray").numbers(0);
          content(pickle, new byte[] {'b'});
          pickle.steps("tR").step('(').number(1).numbers(shape);
          type(pickle, code, order);
          pickle.truth(fortran);
          content(pickle, bytes);
          pickle.steps("tb");
        });
  }

  @Test
  void arraysOfOneAxisAreLists() throws IOException {
    byte[] halves = ByteBuffer.allocate(16).putDouble(0.5).putDouble(-4).array();
    assertThat(array("f8", ">", false, halves, 2)).hasToString("[0.5,-4.0]");
    assertThat(array("i2", "<", true, new byte[] {1, 0, (byte) 0xfe, (byte) 0xff, 0, 1}, 3))
        .hasToString("[1,-2,256]");
    assertThat(array("b1", "|", false, new byte[] {1, 0}, 2)).hasToString("[true,false]");
    assertThat(array("i8", "<", false, new byte[0], 0)).hasToString("[]");
  }

  @Test
  void arraysOfMoreAxesOrOfOtherBytesAreLeftOut() throws IOException {
    for (JsonNode left :
        new JsonNode[] {
          array("u1", "|", false, new byte[4], 2, 2),
          array("u1", "|", false, new byte[4], 5),
          array("u1", "|", false, new byte[4], 3),
          array("u2", "<", false, new byte[4], 4),
          array("u1", "|", false, new byte[0], -1),
          array("c8", "<", false, new byte[8], 1)
        }) {
      assertThat(left.isMissingNode() || left.isNull()).isTrue();
    }
  }

  /** As protocol 5 has one: its bytes first, then type, shape and order. */
  @Test
  void arraysOfProtocolFiveAreListsToo() throws IOException {
    JsonNode read =
        read(
            5,
            pickle -> {
              pickle.global("numpy.core.numeric", "_frombuffer").step('(');
              content(pickle, new byte[] {3, 0, 0, 0, 9, 0, 0, 0});
              type(pickle, "i4", "<");
              pickle.numbers(2).text("C").steps("tR");
            });
    assertThat(read).hasToString("[3,9]");
  }
}
