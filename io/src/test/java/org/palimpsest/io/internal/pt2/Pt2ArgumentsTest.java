package org.palimpsest.io.internal.pt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.Inputs;

/** Programs of torch.export in what other releases write, and with arguments of every kind. */
class Pt2ArgumentsTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static ActivationSet expected;

  @TempDir private Path folder;

  @BeforeAll
  static void whatTheProgramGives(@TempDir Path place) throws IOException {
    expected = capture(Pt2Files.copy("net.pt2", place));
  }

  private static INDArray probes() {
    return Nd4j.linspace(-1, 2, 128).castTo(DataType.FLOAT).reshape(2, 1, 8, 8);
  }

  private static ActivationSet capture(Path file) {
    try (ActivationSource network = Inputs.network(file)) {
      return network.capture(Probes.of(probes()), LayerSelector.all());
    }
  }

  /** The program with a change that means the same. */
  private ActivationSet assertSame(Consumer<ObjectNode> change) throws IOException {
    ActivationSet captured = capture(Pt2Files.edited(change, folder));
    assertThat(captured.layers()).containsExactlyElementsOf(expected.layers());
    for (String layer : expected.layers()) {
      assertThat(captured.get(layer).values()).as(layer).isEqualTo(expected.get(layer).values());
    }
    return captured;
  }

  private void assertRefused(Consumer<ObjectNode> change, String... parts) throws IOException {
    Path file = Pt2Files.edited(change, folder);
    assertThatThrownBy(() -> Inputs.network(file).close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("edited.pt2")
        .hasMessageContainingAll(parts)
        .message()
        .doesNotContain("\n");
  }

  private static ObjectNode graph(ObjectNode program) {
    return (ObjectNode) program.at("/graph_module/graph");
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException unsound) {
      throw new UncheckedIOException(unsound);
    }
  }

  /**
   * Puts a call before the first activation outside of a region, which is then given its result.
   *
   * @param arguments behind the tensor, with names and kinds
   */
  private static void insert(ObjectNode program, String operator, String arguments) {
    ArrayNode nodes = (ArrayNode) graph(program).path("nodes");
    int at = 0;
    while (!nodes.get(at).path("target").asText().startsWith("torch.ops.aten.relu")) {
      at++;
    }
    ObjectNode activation = (ObjectNode) nodes.get(at);
    String before = activation.at("/inputs/0/arg/as_tensor/name").asText();
    ObjectNode values = (ObjectNode) graph(program).path("tensor_values");
    values.set("inserted", values.get(before).deepCopy());
    ObjectNode call = activation.deepCopy();
    call.put("target", "torch.ops.aten." + operator);
    ((ArrayNode) call.path("inputs")).addAll((ArrayNode) json("[" + arguments + "]"));
    call.set("outputs", json("[{'as_tensor': {'name': 'inserted'}}]"));
    call.set("metadata", nodes.get(at - 1).path("metadata").deepCopy());
    ((ObjectNode) activation.at("/inputs/0/arg/as_tensor")).put("name", "inserted");
    nodes.insert(at, call);
  }

  private static String named(String name, String kind, String value) {
    return "{'name': '%s', 'arg': {'%s': %s}, 'kind': 2}".formatted(name, kind, value);
  }

  /** As PyTorch 2.1 says which inputs are parameters and buffers: by the names of values. */
  @Test
  void theSignatureOfTheFirstReleasesMeansTheSame() throws IOException {
    assertSame(
        program -> {
          ObjectNode module = (ObjectNode) program.path("graph_module");
          JsonNode now = module.path("signature");
          ObjectNode then = JSON.createObjectNode();
          ObjectNode parameters = then.putObject("inputs_to_parameters");
          ObjectNode buffers = then.putObject("inputs_to_buffers");
          ArrayNode inputs = then.putArray("user_inputs");
          for (JsonNode spec : now.path("input_specs")) {
            if (spec.has("parameter")) {
              parameters.set(
                  spec.at("/parameter/arg/name").asText(), spec.at("/parameter/parameter_name"));
            } else if (spec.has("buffer")) {
              buffers.set(spec.at("/buffer/arg/name").asText(), spec.at("/buffer/buffer_name"));
            } else {
              inputs.add(spec.at("/user_input/arg/as_tensor/name"));
            }
          }
          ArrayNode outputs = then.putArray("user_outputs");
          now.path("output_specs")
              .forEach(spec -> outputs.add(spec.at("/user_output/arg/as_tensor/name")));
          module.set("signature", then);
        });
    assertRefused(
        program -> ((ObjectNode) program.path("graph_module")).set("signature", json("{}")),
        "it does not say what it takes");
  }

  /** Old schemas write every kind that a value might be of, and null for all but one. */
  @Test
  void kindsThatAreNullAreNotThere() throws IOException {
    assertSame(
        program ->
            graph(program)
                .path("nodes")
                .forEach(
                    node ->
                        node.path("inputs")
                            .forEach(
                                input -> {
                                  ObjectNode argument = (ObjectNode) input.path("arg");
                                  for (String kind :
                                      List.of("as_none", "as_float", "as_device", "as_sym_int")) {
                                    if (!argument.has(kind)) {
                                      argument.putNull(kind);
                                    }
                                  }
                                })));
    assertRefused(
        program -> insert(program, "clone.default", named("a", "as_int", "1, 'as_bool': true")),
        "of the kinds as_int and as_bool");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "clone.default | memory_format | as_memory_format | 1",
        "clone.default | memory_format | as_memory_format | 2",
        "clone.default | memory_format | as_memory_format | 4",
        "clamp.default | max | as_float | 'Infinity'",
        "clamp.default | min | as_float | '-Infinity'",
        "clamp.default | max | as_sym_float | {'as_float': 1e30}",
        "clamp.default | min | as_int | -1000000",
        "nan_to_num.default | nan | as_float | 'NaN'",
        "to.dtype | dtype | as_scalar_type | 7",
        "to.dtype_layout | layout | as_layout | 7",
        "to.dtype_layout | device | as_device | {'type': 'cpu', 'index': null}",
        "dropout.default | p | as_float | 0.5}, 'kind': 1}, {'name': 'train', 'arg': {'as_bool': false",
        "dropout.default | p | as_float | 0}, 'kind': 1}, {'name': 'train', 'arg': {'as_sym_bool': {'as_bool': false}",
        "flip.default | dims | as_ints | []",
        "roll.default | shifts | as_sym_ints | [{'as_int': 0}]}, 'kind': 1}, {'name': 'dims', 'arg': {'as_ints': [1]"
      })
  void argumentsOfEveryKindAreRead(String operator, String name, String kind, String value)
      throws IOException {
    assertSame(program -> insert(program, operator, named(name, kind, value)));
  }

  @Test
  void whatWasExportedOnAnotherDeviceRunsHereAndIsNoted() throws IOException {
    ActivationSet captured =
        assertSame(
            program ->
                insert(
                    program,
                    "to.dtype_layout",
                    named("device", "as_device", "{'type': 'cuda', 'index': 0}")));
    assertThat(captured.provenance().notes())
        .contains("exported on the device 'cuda'; run on the CPU");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "as_bool | 'yes' | truth value `yes`",
        "as_bool | 1 | truth value 1",
        "as_bools | [true, 'no'] | truth value `no`",
        "as_string | 3 | text 3",
        "as_strings | ['a', 4] | text 4",
        "as_int | 2.5 | integer 2.5",
        "as_int | 9223372036854775808 | integer 9223372036854775808",
        "as_ints | [1, 'x'] | integer `x`",
        "as_float | 'much' | number `much`",
        "as_scalar_type | 99 | element type 99",
        "as_scalar_type | '7' | element type `7`",
        "as_memory_format | 9 | memory format 9",
        "as_memory_format | 1.5 | memory format 1.5",
        "as_layout | 1 | layout 1",
        "as_sym_int | {'as_string': 'a'} | kind as_string",
        "as_custom_obj | {'name': 'o'} | kind as_custom_obj",
        "as_operator | 'f' | kind as_operator"
      })
  void argumentsOfUnknownKindsAndNumbersAreNamed(String kind, String value, String part)
      throws IOException {
    assertRefused(
        program -> insert(program, "clone.default", named("a", kind, value)),
        "calls 'torch.ops.aten.clone.default' with an argument that is not read",
        part.replace('`', '"'));
  }

  @Test
  void programsThatAreNotWholeAreRefused() throws IOException {
    assertRefused(program -> graph(program).remove("nodes"), "it has no nodes");
    assertRefused(
        program -> ((ObjectNode) program.path("schema_version")).put("major", 9), "schema");
    assertRefused(
        program -> {
          JsonNode specs = program.at("/graph_module/signature/input_specs");
          ((ObjectNode) specs.get(0).path("parameter")).put("parameter_name", "none");
        },
        "no tensor 'none', which its graph needs");
    assertRefused(
        program -> {
          JsonNode specs = program.at("/graph_module/signature/input_specs");
          ObjectNode last = (ObjectNode) specs.get(specs.size() - 1);
          last.set("user_input", json("{'arg': {'as_int': 3}}"));
        },
        "takes an input that is no tensor (int)");
    assertRefused(
        program -> {
          JsonNode specs = program.at("/graph_module/signature/input_specs");
          ((ObjectNode) specs.get(0)).removeAll().set("token", json("{'arg': {'name': 't'}}"));
        },
        "an input of the kind 'token'");
    assertRefused(
        program -> {
          JsonNode node = graph(program).path("nodes").get(0);
          ((ArrayNode) node.path("inputs")).remove(2);
        },
        "does not give what its graph takes");
    assertRefused(
        program -> {
          JsonNode node = graph(program).path("nodes").get(0);
          ((ArrayNode) node.path("inputs")).remove(1);
        },
        "has no graph");
  }

  /** The bias of the last layer, two numbers, stored as another type. */
  @ParameterizedTest
  @CsvSource({
    "float64, 8, 000000000000f83f00000000000000c0, 1.5, -2",
    "float32, 7, 0000c03f000000c0, 1.5, -2",
    "float16, 6, 003e00c0, 1.5, -2",
    "bfloat16, 13, c03f00c0, 1.5, -2"
  })
  void numbersOfEveryFloatingTypeAreRead(String type, int code, String hex, double a, double b)
      throws IOException {
    var bias = Inputs.weights(withBias(code, hex)).find("output.bias").orElseThrow();
    assertThat(bias.dtype()).isEqualTo(type);
    assertThat(bias.values().castTo(DataType.DOUBLE).toDoubleVector()).containsExactly(a, b);
  }

  private Path withBias(int code, String hex) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>(Pt2Files.entries("net.pt2"));
    String name = "net/data/weights/model_weights_config.json";
    ObjectNode all = (ObjectNode) JSON.readTree(entries.get(name));
    JsonNode bias = all.path("config").path("output.bias");
    ((ObjectNode) bias.path("tensor_meta")).put("dtype", code);
    entries.put(name, JSON.writeValueAsBytes(all));
    ObjectNode program = (ObjectNode) JSON.readTree(entries.get(Pt2Files.PROGRAM));
    ((ObjectNode) graph(program).at("/tensor_values/p_output_bias")).put("dtype", code);
    entries.put(Pt2Files.PROGRAM, JSON.writeValueAsBytes(program));
    entries.put(
        "net/data/weights/" + bias.path("path_name").asText(), HexFormat.of().parseHex(hex));
    return Pt2Files.write(entries, folder.resolve("typed.pt2"));
  }

  @ParameterizedTest
  @CsvSource({
    "10, complex64",
    "9, complex32",
    "11, complex128",
    "29, float8_e4m3fn",
    "77, number 77"
  })
  void typesThatAreNotReadAreNamed(int code, String name) throws IOException {
    Path file = withBias(code, "0000c03f000000c0");
    assertThatThrownBy(() -> Inputs.network(file).close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("output.bias", "typed.pt2", name);
  }

  @Test
  void storagesThatAreTooShortAreRefused() throws IOException {
    Path file = withBias(7, "0000c03f");
    assertThatThrownBy(() -> Inputs.weights(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("typed.pt2");
  }

  private void assertArchiveRefused(Consumer<Map<String, byte[]>> change, String... parts)
      throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>(Pt2Files.entries("net.pt2"));
    change.accept(entries);
    Path file = Pt2Files.write(entries, folder.resolve("other.pt2"));
    assertThatThrownBy(() -> Inputs.network(file).close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("other.pt2")
        .hasMessageContainingAll(parts);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void archivesThatHoldOtherThingsThanOneProgramAreRefused() throws IOException {
    assertArchiveRefused(
        entries -> entries.put("net/archive_version", utf8("1")),
        "archive of version 1; 0 is known",
        "newer PyTorch");
    assertArchiveRefused(
        entries -> entries.put("net/models/second.json", utf8("{}")),
        "holds 2 programs",
        "second.json");
    assertArchiveRefused(
        entries -> {
          entries.remove("net/models/model.json");
          entries.put("net/data/aotinductor/model/code.so", new byte[] {1});
        },
        "package of AOTInductor",
        "torch.export.save");
    assertArchiveRefused(
        entries -> entries.remove("net/data/weights/weight_0"),
        "it has no entry 'net/data/weights/weight_0'");
    assertArchiveRefused(
        entries -> entries.put("net/models/model.json", utf8("[1, 2")), "model.json");
    assertArchiveRefused(
        entries -> entries.put("net/models/model.json", utf8("{'a': 1".replace('\'', '"'))),
        "too early");
  }
}
