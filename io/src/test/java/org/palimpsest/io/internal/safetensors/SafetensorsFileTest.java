package org.palimpsest.io.internal.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.internal.weights.WeightFiles;

/**
 * A file of the safetensors library itself (make_safetensors_fixtures.py), and files laid out by
 * hand after the format's description (huggingface/safetensors, README).
 */
class SafetensorsFileTest {

  @TempDir Path folder;

  private Path file(String header, int dataBytes, byte... data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json).put(data);
    return Files.write(folder.resolve("model.safetensors"), bytes.array());
  }

  private static String tensor(String name, String dtype, String shape, int from, int to) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(name, dtype, shape, from, to);
  }

  private static Path fixture(String name) throws URISyntaxException {
    return Path.of(SafetensorsFileTest.class.getResource("/safetensors/" + name).toURI());
  }

  @Test
  void aFileOfTheLibraryItselfHasItsValues() throws IOException, URISyntaxException {
    JsonNode expected = new ObjectMapper().readTree(fixture("expected.json").toFile());
    Weights weights = WeightFiles.read(fixture("model.safetensors"));

    assertThat(weights.tensors()).hasSize(expected.size());
    for (WeightTensor tensor : weights.tensors()) {
      JsonNode wanted = expected.get(tensor.name());
      double[] read = new double[(int) tensor.values().length()];
      TensorReader.of(tensor.values()).read(0, read);
      assertThat(read).as(tensor.name()).containsExactly(numbers(wanted.get("values")));
      assertThat(Arrays.stream(tensor.values().shape()).asDoubleStream().toArray())
          .as(tensor.name())
          .containsExactly(numbers(wanted.get("shape")));
    }
  }

  private static double[] numbers(JsonNode list) {
    double[] numbers = new double[list.size()];
    Arrays.setAll(numbers, i -> list.get(i).asDouble());
    return numbers;
  }

  @ParameterizedTest
  @CsvSource({
    "F64, 000000000000f83f, 1.5",
    "F32, 0000c03f, 1.5",
    "F16, 003e, 1.5",
    "BF16, c03f, 1.5",
    "I64, feffffffffffffff, -2",
    "I32, feffffff, -2",
    "I16, feff, -2",
    "I8, fe, -2",
    "U64, 00000000000000f8, 17870283321406128128",
    "U32, feffffff, 4294967294",
    "U16, feff, 65534",
    "U8, fe, 254",
    "BOOL, 01, 1"
  })
  void everyTypeHasItsValue(String dtype, String hex, double value) throws IOException {
    byte[] data = java.util.HexFormat.of().parseHex(hex);
    Path file = file("{" + tensor("w", dtype, "[1]", 0, data.length) + "}", data.length, data);
    Weights weights = WeightFiles.read(file);
    assertThat(weights.find("w").orElseThrow().values().getDouble(0)).isEqualTo(value);
  }

  /** As the library of the format's makers reads it. */
  @Test
  void metadataOfNullIsNone() throws IOException {
    Path file = file("{\"__metadata__\":null,%s}".formatted(tensor("a", "U8", "[1]", 0, 1)), 1);
    assertThat(WeightFiles.read(file).find("a")).isPresent();
  }

  @Test
  void namesKeepTheirOrderAndWhatIsNotReadIsSaid() throws IOException {
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},%s,%s,%s,%s}"
            .formatted(
                tensor("z", "U8", "[2,2]", 0, 4),
                tensor("f8", "F8_E4M3", "[2]", 4, 6),
                tensor("none", "F32", "[0,3]", 6, 6),
                tensor("a", "I8", "[]", 6, 7));
    Weights weights = WeightFiles.read(file(header, 7, (byte) 1, (byte) 2, (byte) 3, (byte) 4));
    assertThat(weights.tensors()).extracting(WeightTensor::name).containsExactly("z", "a");
    assertThat(weights.provenance().notes())
        .containsExactly(
            "left out: f8 (of type F8_E4M3, which is not read; save it as F32), none (empty)");
    ActivationSet activations = Dumps.open(folder.resolve("model.safetensors"));
    assertThat(activations.get("z").values().getDouble(1, 0)).isEqualTo(3);
    assertThatThrownBy(() -> activations.get("f8")).hasMessageContaining("F8_E4M3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "{\"__metadata__\":{}}",
        "{\"a\":1}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4.5]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[-4],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[-4,0]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
            + "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}"
      })
  void headersThatLieAreRefused(String header) throws IOException {
    Path file = file(header, 4);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("model.safetensors");
  }

  @Test
  void deeplyNestedHeadersAreRefused() throws IOException {
    Path file = file("{\"a\":" + "[".repeat(1_000_000), 0);
    assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(PalimpsestException.class);
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(file("{" + tensor("w", "U8", "[4]", 0, 4) + "}", 4));
    for (int length = 0; length < whole.length; length++) {
      Path cut = Files.write(folder.resolve("cut.safetensors"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> SafetensorsFile.open(cut)).isInstanceOf(PalimpsestException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}} x",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}{}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1e0]}}",
        "{\"__metadata__\":{\"step\":1},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
        "{\"__metadata__\":[],\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"
      })
  void whatTheReferenceLibraryRefusesIsRefused(String header) throws IOException {
    Path file = file(header, 1);
    assertThatThrownBy(() -> SafetensorsFile.open(file)).isInstanceOf(PalimpsestException.class);
  }

  @Test
  void metadataNamesSharedTensorsOnlyWhereSaveModelCouldHaveWrittenIt() throws IOException {
    String metadata =
        "\"__metadata__\":{\"z.weight\":\"a.weight\",\"best\":\"a.weight\",\"A.b\":\"a.weight\",\"z"
            + " of y\":\"a.weight\"}";
    Path file = file("{" + metadata + "," + tensor("a.weight", "U8", "[1]", 0, 1) + "}", 1);
    Weights weights = WeightFiles.read(file);
    assertThat(weights.tensors())
        .extracting(WeightTensor::name)
        .containsExactly("a.weight", "z.weight");
    assertThat(weights.provenance().notes())
        .containsExactly("shared, as the metadata tells: z.weight is a.weight");
  }

  @ParameterizedTest
  @ValueSource(strings = {"C64", "f32"})
  void aFileOfTypesThatAreNotReadSaysWhich(String dtype) throws IOException {
    Path file = file("{" + tensor("w", dtype, "[2]", 0, 16) + "}", 16);

    assertThatThrownBy(() -> WeightFiles.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("left out: w (of type " + dtype + ", which is not read; save it as");
  }
}
