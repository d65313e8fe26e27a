package org.palimpsest.io.internal.pt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.Input;
import org.palimpsest.io.Inputs;

/** Programs that cannot be run, or that want to do harm, end in one line that says why. */
class HostileProgramTest {

  private static final String WEIGHTS = "net/data/weights/model_weights_config.json";

  @TempDir private Path folder;

  private void assertRefused(Path file, String why) {
    assertThatThrownBy(
            () -> {
              try (Input input = Inputs.open(file)) {
                ((Input.Model) input)
                    .source()
                    .capture(Probes.of(Nd4j.rand(DataType.FLOAT, 2, 1, 8, 8)), LayerSelector.all());
              }
            })
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(why)
        .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(1));
  }

  private void assertRefused(Consumer<ObjectNode> change, String why) throws IOException {
    assertRefused(Pt2Files.edited(change, folder), why);
  }

  private void assertRefused(String entry, String from, String to, String why) throws IOException {
    Map<String, byte[]> entries = Pt2Files.entries("net.pt2");
    String text = new String(entries.get(entry), StandardCharsets.UTF_8);
    assertThat(text).contains(from);
    entries.put(entry, text.replace(from, to).getBytes(StandardCharsets.UTF_8));
    assertRefused(Pt2Files.write(entries, folder.resolve("edited.pt2")), why);
  }

  private static ObjectNode graph(JsonNode program) {
    return (ObjectNode) program.path("graph_module").path("graph");
  }

  /** The last node: the convolution of the output. */
  private static ObjectNode node(JsonNode program) {
    JsonNode nodes = graph(program).path("nodes");
    return (ObjectNode) nodes.get(nodes.size() - 1);
  }

  /** Older exporters lose the region, newer ones lose the types of the values in it. */
  @Test
  void autocastIsRefusedHoweverLittleOfItTheFileKeeps() throws IOException {
    assertRefused(
        program -> {
          String result = node(program).at("/outputs/0/as_tensor/name").asText();
          ((ObjectNode) graph(program).path("tensor_values").path(result)).put("dtype", 13);
        },
        "under torch.autocast in 16 bits");
    assertRefused(
        program -> {
          ObjectNode region = (ObjectNode) graph(program).path("nodes").get(0);
          region.put("target", "torch.ops.higher_order.wrap_with_autocast");
          ArrayNode inputs = (ArrayNode) region.path("inputs");
          inputs.remove(0);
          inputs.insertObject(0).put("name", "").putObject("arg").put("as_bool", false);
          inputs.insertObject(0).put("name", "").putObject("arg").put("as_bool", true);
          inputs.insertObject(0).put("name", "").putObject("arg").put("as_scalar_type", 13);
          inputs.insertObject(0).put("name", "").putObject("arg").put("as_string", "cpu");
        },
        "under torch.autocast in 16 bits");
  }

  @Test
  void operatorsThatAreNotThereAreNamed() throws IOException {
    assertRefused(
        program -> node(program).put("target", "torch.ops.aten.not_there.default"),
        "needs the operator not_there, which the runtime, PyTorch 2.7.1, does not have");
    assertRefused(
        program -> node(program).put("target", "torch.ops.mylab.squash.default"),
        "needs the operator 'mylab.squash.default'");
    assertRefused(
        program -> node(program).put("target", "torch.ops.higher_order.while_loop"),
        "has 'while_loop' in its graph");
    assertRefused(
        program -> node(program).put("target", "torch.ops.aten.from_file.default"),
        "wants to use files");
    assertRefused(
        program -> node(program).put("target", "torch.ops.aten.relu.default"),
        "calls the operator relu in a way");
  }

  @Test
  void nothingOfAFileGetsIntoTheCode() throws IOException {
    assertRefused(
        program -> node(program).put("target", "torch.ops.aten.relu(x)\n    y = z#.default"),
        "is no name of an operator");
    assertRefused(
        program ->
            ((ObjectNode) node(program).path("inputs").get(1)).put("name", "weight=None, bias"),
        "is no name of an operator or argument");
  }

  @Test
  void valuesThatNothingGivesAreRefused() throws IOException {
    assertRefused(Pt2Files.PROGRAM, "{\"name\": \"conv2d\"}", "{\"name\": \"x\"}", "is damaged");
    assertRefused(
        program -> ((ArrayNode) graph(program).path("nodes")).remove(1), "before anything gives");
  }

  @Test
  void shapesThatDoNotFitAreRefused() throws IOException {
    assertRefused(
        program ->
            ((ObjectNode)
                    graph(program)
                        .path("tensor_values")
                        .path("p_output_weight")
                        .path("sizes")
                        .get(0))
                .put("as_int", 3),
        "where the graph needs float32 [3, 3, 1, 1]");
    assertRefused(
        program ->
            ((ObjectNode)
                    graph(program).path("tensor_values").path("conv2d_2").path("sizes").get(1))
                .put("as_int", 5),
        "Value 'conv2d_2' has the shape [2, 2, 8, 8] and not [2, 5, 8, 8], as its file says");
    assertRefused(WEIGHTS, "\"as_int\": 9", "\"as_int\": 9000000000", "does not lie within");
    assertRefused(WEIGHTS, "\"as_int\": 9", "\"as_int\": -9", "its sizes are no numbers");
    assertRefused(WEIGHTS, "\"dtype\": 7", "\"dtype\": 30", "is of type float8_e5m2");
    assertRefused(WEIGHTS, "\"weight_0\"", "\"../../etc/passwd\"", "has no entry");
  }

  @Test
  void anInputWithoutSamplesIsRefused() throws IOException {
    assertRefused(
        program ->
            ((ObjectNode) graph(program).path("tensor_values").path("x").path("sizes").get(0))
                .put("as_int", 0),
        "its input is empty");
  }

  @Test
  void aProgramThatIsNotOneIsRefused() throws IOException {
    assertRefused(
        Pt2Files.PROGRAM,
        "{\"graph_module\"",
        "{\"x\": 1, \"x\": 2, \"graph_module\"",
        "not sound JSON");
    assertRefused(
        Pt2Files.PROGRAM,
        "{\"graph_module\"",
        "[".repeat(5000) + "{\"graph_module\"",
        "not sound JSON");
    assertRefused(program -> program.removeAll(), "has no graph");
    assertRefused(
        program -> program.putObject("schema_version").put("major", 9).put("minor", 1),
        "has the schema 9 of torch.export; 8 is the last that is known");
    assertRefused(program -> graph(program).putArray("nodes"), "is damaged");
    assertRefused(
        program -> graph(program).putObject("custom_obj_values").putObject("o"),
        "objects of classes of its own");
  }

  @Test
  void oneFileHoldsOneProgram() throws IOException {
    Map<String, byte[]> entries = Pt2Files.entries("net.pt2");
    entries.put("net/models/other.json", entries.get(Pt2Files.PROGRAM));
    assertRefused(Pt2Files.write(entries, folder.resolve("two.pt2")), "holds 2 programs");
    entries.keySet().removeIf(name -> name.startsWith("net/models"));
    assertRefused(Pt2Files.write(entries, folder.resolve("none.pt2")), "it holds no program");
    entries.put("net/data/aotinductor/net/x.wrapper.so", new byte[1]);
    assertRefused(Pt2Files.write(entries, folder.resolve("aoti.pt2")), "AOTInductor");
  }

  @Test
  void whatIsNotOneTensorIsRefused() throws IOException {
    assertRefused(
        program -> {
          ArrayNode inputs =
              (ArrayNode) program.path("graph_module").path("signature").path("input_specs");
          inputs.add(inputs.get(inputs.size() - 1).deepCopy());
        },
        "takes 2 tensors (x, x)");
    assertRefused(
        program -> {
          ArrayNode inputs =
              (ArrayNode) program.path("graph_module").path("signature").path("input_specs");
          inputs
              .addObject()
              .putObject("constant_input")
              .put("name", "gain")
              .putObject("value")
              .put("as_float", 1.5);
        },
        "takes an input 'gain' that is no tensor (float, 1.5 when it was exported)");
  }

  @Test
  void aMissingStorageIsRefused() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>(Pt2Files.entries("net.pt2"));
    entries.remove("net/data/weights/weight_0");
    assertRefused(Pt2Files.write(entries, folder.resolve("missing.pt2")), "has no entry");
  }
}
