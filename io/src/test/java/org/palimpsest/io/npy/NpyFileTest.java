package org.palimpsest.io.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.io.internal.npy.NpyEncoder;

class NpyFileTest {

  @TempDir static Path numpy;
  @TempDir Path folder;

  @BeforeAll
  static void unpack() {
    Fixtures.unpackArrays(numpy);
  }

  private static double[] values(INDArray tensor) {
    double[] values = new double[(int) tensor.length()];
    TensorReader.of(tensor).read(0, values);
    return values;
  }

  @Test
  void everyTypeOrderAndVersionThatNumpyWroteHasItsValues() throws IOException {
    JsonNode expected = new ObjectMapper().readTree(numpy.resolve("expected.json").toFile());
    assertThat(expected).hasSize((9 * 2 + 3) * 2 * 3);
    for (JsonNode array : expected) {
      String name = array.get("file").asText();
      INDArray tensor = NpyFile.read(numpy.resolve(name));
      double[] wanted = new double[array.get("values").size()];
      Arrays.setAll(wanted, i -> array.get("values").get(i).asDouble());
      assertThat(tensor.shape()).as(name).containsExactly(1, 2, 3);
      assertThat(values(tensor)).as(name).containsExactly(wanted);
      boolean single = name.contains("f2") || name.contains("f4");
      assertThat(tensor.dataType()).as(name).isEqualTo(single ? DataType.FLOAT : DataType.DOUBLE);
    }
  }

  @Test
  void aFortranArrayOfFourDimensionsHasItsElementsInPlace() {
    INDArray tensor = NpyFile.read(numpy.resolve("fortran_2345.npy"));
    assertThat(tensor.shape()).containsExactly(2, 3, 4, 5);
    assertThat(values(tensor)).containsExactly(values(Nd4j.arange(120)));
    assertThat(tensor.getDouble(1, 2, 3, 4)).isEqualTo(119);
    assertThat(tensor.getDouble(1, 0, 2, 0)).isEqualTo(70);
  }

  @Test
  void aSingleNumberAndAVectorKeepTheirRank() {
    assertThat(NpyFile.read(numpy.resolve("scalar.npy")).rank()).isZero();
    assertThat(NpyFile.read(numpy.resolve("scalar.npy")).getDouble(0)).isEqualTo(2.5);
    assertThat(NpyFile.read(numpy.resolve("vector.npy")).shape()).containsExactly(4);
  }

  @ParameterizedTest
  @CsvSource({
    "objects.npy, Python objects",
    "records.npy, records of several fields",
    "complex.npy, complex numbers",
    "text.npy, text",
    "empty.npy, no number"
  })
  void whatIsNoArrayOfNumbersIsRefused(String name, String reason) {
    assertThatThrownBy(() -> NpyFile.read(numpy.resolve(name)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(reason);
  }

  private Path array(String header, int dataBytes) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
    byte[] bytes = new byte[10 + text.length + dataBytes];
    byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    System.arraycopy(magic, 0, bytes, 0, magic.length);
    bytes[8] = (byte) text.length;
    bytes[9] = (byte) (text.length >> 8);
    System.arraycopy(text, 0, bytes, 10, text.length);
    return Files.write(folder.resolve("made.npy"), bytes);
  }

  private static String header(String descr, String shape) {
    return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "(3,) | 8 | is truncated",
        "(3,) | 16 | more than",
        "(4611686018427387904,) | 8 | which no file can hold",
        "(4294967296, 4294967296) | 8 | which no file can hold",
        "(99999999999999999999,) | 8 | damaged at character",
        "(1000000000000,) | 8 | is truncated",
        "(-1,) | 8 | damaged at character",
        "(024, 5) | 480 | damaged at character",
        "(3) | 12 | damaged at character",
        "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1) | 4 | 33 dimensions",
        "(0, 3) | 0 | no number"
      })
  void shapesThatLieAreRefused(String shape, int bytes, String reason) throws IOException {
    Path file = array(header("<f4", shape), bytes);
    assertThatThrownBy(() -> NpyFile.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("made.npy")
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`|O` | Python objects",
        "`|V2` | such as bfloat16",
        "<V16 | raw bytes",
        "<M8[ns] | dates or times",
        "<m8[D] | dates or times",
        "<U7 | text",
        "`|S3` | text",
        "<c8 | complex numbers",
        "<f16 | floating numbers of an unusual width",
        "<f1 | floating numbers of an unusual width",
        "<i3 | no known type",
        "<q9 | no known type",
        "!f4 | no known type",
        "f | a type in words",
        "float32 | a type in words",
        "<int64 | a type in words",
        "bool | a type in words"
      })
  void typesThatAreNoNumbersAreNamed(String descr, String reason) throws IOException {
    Path file = array(header(descr, "(1,)"), 8);
    assertThatThrownBy(() -> NpyFile.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("made.npy", "elements of type '" + descr + "'", reason)
        .hasMessageContaining("Save it as float32, float64, integers or booleans");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{}",
        "{'descr': '<f4'}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
        "{'descr': '<f4 'fortran_order': False, 'shape': (1,)}",
        "{'descr': __import__('os').system('x'), 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f3', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f999999999', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '', 'fortran_order': False, 'shape': (1,)}"
      })
  void damagedHeadersAreRefused(String header) throws IOException {
    Path file = array(header, 4);
    assertThatThrownBy(() -> NpyFile.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("made.npy");
  }

  @Test
  void versionsThatNumpyDoesNotKnowAreRefused() throws IOException {
    Path file = folder.resolve("a.npy");
    NpyFile.write(file, Nd4j.ones(2, 3));
    byte[] bytes = Files.readAllBytes(file);
    bytes[7] = 1;
    Files.write(file, bytes);
    assertThatThrownBy(() -> NpyFile.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("version 1.1");
  }

  @Test
  void oldHeadersWithLongIntegersAreRead() throws IOException {
    Path file = array("{\"descr\": \"<f4\", 'shape': (1L, 2L), 'fortran_order': True}", 8);
    assertThat(NpyFile.read(file).shape()).containsExactly(1, 2);
  }

  @Test
  void everyTruncationOfARealArrayIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(numpy.resolve("little_f4_F_1.npy"));
    for (int length = 0; length < whole.length; length++) {
      Path cut = Files.write(folder.resolve("cut.npy"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> NpyFile.read(cut))
          .as("first %d bytes", length)
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("cut.npy");
    }
  }

  @Test
  void aHugeHeaderIsRefusedWithoutReadingIt() throws IOException {
    byte[] bytes = new byte[64];
    byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, -1, -1, -1, -1};
    System.arraycopy(magic, 0, bytes, 0, magic.length);
    Path file = Files.write(folder.resolve("huge.npy"), bytes);
    assertThatThrownBy(() -> NpyFile.read(file)).hasMessageContaining("header of 4294967295 bytes");
  }

  @Test
  void filesThatAreNotThereOrEmptyAreNamed() throws IOException {
    assertThatThrownBy(() -> NpyFile.read(folder.resolve("none.npy")))
        .hasMessageEndingWith("none.npy does not exist.");
    Path empty = Files.createFile(folder.resolve("empty.npy"));
    assertThatThrownBy(() -> NpyFile.read(empty)).hasMessageContaining("empty.npy is empty");
    assertThatThrownBy(() -> NpyFile.read(folder)).hasMessageContaining("is a folder");
  }

  @Test
  void aFileOfMoreThanTwoGigabytesIsReadRowByRow() throws IOException {
    long rows = 700_000;
    Path file = folder.resolve("large.npy");
    try (java.io.RandomAccessFile large = new java.io.RandomAccessFile(file.toFile(), "rw")) {
      byte[] header = NpyEncoder.header(DataType.FLOAT, rows, 1024);
      large.write(header);
      long last = header.length + rows * 1024 * Float.BYTES;
      large.seek(last - 4);
      large.write(new byte[] {0, 0, (byte) 0x80, 0x3f}); // the rest is a hole in the file
      assertThat(large.length()).isGreaterThan(2L << 30);
    }
    NpyFile.Header header = NpyFile.header(file);
    assertThat(header.shape()).isEqualTo(List.of(rows, 1024L));
    INDArray end = new NpyProbes.NpyRows(file, header).read(rows - 2, rows);
    assertThat(end.sumNumber().doubleValue()).isEqualTo(1);
    assertThat(end.getDouble(1, 1023)).isEqualTo(1);
  }
}
