package org.palimpsest.io.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.palimpsest.io.internal.onnx.OnnxBytes.join;
import static org.palimpsest.io.internal.onnx.OnnxBytes.message;
import static org.palimpsest.io.internal.onnx.OnnxBytes.number;
import static org.palimpsest.io.internal.onnx.OnnxBytes.utf8;
import static org.palimpsest.io.internal.onnx.OnnxBytes.valueInfo;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;

/** What is read of models that are written here field by field. */
class OnnxGraphTest {

  /** Of an operation of this domain, {@code name = operation(inputs)}. */
  private static byte[] node(String domain, String operation, String name, String... inputs) {
    byte[] fields =
        join(
            message(2, utf8(name)),
            message(3, utf8(name)),
            message(4, utf8(operation)),
            message(7, utf8(domain)));
    for (String input : inputs) {
      fields = join(fields, message(1, utf8(input)));
    }
    return message(1, fields);
  }

  private static byte[] graph(String output, byte[]... nodes) {
    return message(
        7, join(join(nodes), message(11, valueInfo("x", 3)), message(12, valueInfo(output, 3))));
  }

  private static byte[] operators(String domain, long version) {
    return message(8, join(message(1, utf8(domain)), number(2, version)));
  }

  private static OnnxGraph read(byte[]... fields) {
    return OnnxGraphReader.read(Path.of("m.onnx"), join(fields));
  }

  @Test
  void operationsAreBroughtIntoTheOrderInWhichTheyRun() {
    OnnxGraph graph =
        read(
            graph(
                "c",
                node("", "Relu", "c", "b"),
                node("", "Neg", "b", "a"),
                node("", "Abs", "a", "x")));

    assertThat(graph.valuesAndResultsByLayer()).containsOnlyKeys("a", "b", "c", "output");
    assertThat(graph.nodes()).extracting(OnnxNode::name).containsExactly("a", "b", "c");
  }

  @Test
  void operationsThatWaitForEachOtherAreRefused() {
    byte[] circle = graph("b", node("", "Abs", "a", "x", "b"), node("", "Relu", "b", "a"));
    assertThatThrownBy(() -> read(circle))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("m.onnx")
        .hasMessageContaining("wait for each other");
  }

  @Test
  void twoVersionsOfOperatorsAreRefused() {
    byte[] graph = graph("a", node("", "Abs", "a", "x"));
    assertThat(read(graph, operators("", 17), operators("ai.onnx", 17)).operators()).isEqualTo(17);
    assertThat(read(graph, operators("", 17), operators("com.microsoft", 1)).operators())
        .isEqualTo(17);
    assertThatThrownBy(() -> read(graph, operators("", 17), operators("ai.onnx", 9)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("versions 17 and 9");
  }

  @Test
  void chanceWithinAFunctionOfTheModelIsSeen() {
    byte[] body =
        join(
            message(1, utf8("Noisy")),
            message(4, utf8("in")),
            message(5, utf8("out")),
            message(
                7,
                join(
                    message(1, utf8("in")),
                    message(2, utf8("out")),
                    message(4, utf8("RandomNormalLike")))));
    OnnxGraph graph = read(graph("a", node("own", "Noisy", "a", "x")), message(25, body));

    assertThat(graph.isRandom()).isTrue();
    assertThat(graph.notes())
        .containsExactly("draws random numbers (RandomNormalLike): another run gives other values");
    assertThat(read(graph("a", node("own", "Noisy", "a", "x"))).isRandom()).isFalse();
  }

  @Test
  void stepsOfDropoutThatAFunctionTurnsOffAreNoChance() {
    byte[] off = message(5, join(number(2, 9), message(9, new byte[] {0})));
    byte[] constant =
        message(
            7,
            join(
                message(2, utf8("training")),
                message(4, utf8("Constant")),
                message(5, join(message(1, utf8("value")), off))));
    byte[] dropout =
        message(
            7,
            join(
                message(1, utf8("in")),
                message(1, utf8("")),
                message(1, utf8("training")),
                message(2, utf8("out")),
                message(4, utf8("Dropout"))));
    byte[] body = join(message(1, utf8("Still")), constant, dropout);

    assertThat(read(graph("a", node("own", "Still", "a", "x")), message(25, body)).isRandom())
        .isFalse();
  }

  /** As ONNX Runtime saves what it has optimised for a processor. */
  @Test
  void valuesInBlocksOfChannelsAreNoLayers() {
    OnnxGraph graph =
        read(
            graph(
                "plain",
                node("com.microsoft.nchwc", "ReorderInput", "blocks", "x"),
                node("com.microsoft.nchwc", "Conv", "conv", "blocks"),
                node("com.microsoft.nchwc", "ReorderOutput", "plain", "conv"),
                node("", "Relu", "relu", "plain")));

    assertThat(graph.valuesByLayer()).containsOnlyKeys("plain", "relu");
    assertThat(graph.notes()).singleElement().asString().contains("2 operations", "nchwc");
  }

  @Test
  void onlyResultsThatAreComputedAreTold() {
    OnnxGraph graph =
        read(
            message(
                7,
                join(
                    node("", "Abs", "a", "x"),
                    node("", "Neg", "b", "a"),
                    message(11, valueInfo("x", 3)),
                    message(12, valueInfo("a", 3)),
                    message(12, valueInfo("x", 3)),
                    message(12, valueInfo("b", 3)))));

    assertThat(graph.notes())
        .isEqualTo(List.of("results in the file's words: output[0] is 'a', output[2] is 'b'"));
  }
}
