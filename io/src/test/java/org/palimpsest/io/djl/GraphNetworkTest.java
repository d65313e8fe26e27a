package org.palimpsest.io.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Extent;
import org.palimpsest.io.internal.graph.GraphBuilder;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.Storage;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

class GraphNetworkTest {

  private static final Provenance FILE = new Provenance("net.file", "abc", List.of("read"));
  private static final List<Long> TWO = List.of(2L);

  private final GraphBuilder graph = NetworkGraph.builder("net");

  /** So many samples of one feature. */
  private static Probes probes(double... values) {
    return Probes.of(Nd4j.createFromArray(values).castTo(DataType.FLOAT).reshape(-1, 1));
  }

  private Map<String, double[]> run(Probes probes) {
    try (TorchScriptNetwork network = open()) {
      return capture(network, probes);
    }
  }

  private TorchScriptNetwork open() {
    return TorchScriptNetwork.open(graph.build(FILE), RunLimits.withDefaults());
  }

  private static Map<String, double[]> capture(TorchScriptNetwork network, Probes probes) {
    ActivationSet set = network.capture(probes, LayerSelector.all());
    Map<String, double[]> values = new LinkedHashMap<>();
    for (String layer : set.layers()) {
      values.put(
          layer,
          set.get(layer).values().castTo(DataType.DOUBLE).dup('c').reshape(-1).toDoubleVector());
    }
    return values;
  }

  private static Storage bytes(ElementType type, ByteOrder order, double... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * type.size()).order(order);
    for (double value : values) {
      switch (type) {
        case FLOAT64 -> bytes.putDouble(value);
        case FLOAT32 -> bytes.putFloat((float) value);
        case BFLOAT16 -> bytes.putShort((short) (Float.floatToIntBits((float) value) >> 16));
        case INT64 -> bytes.putLong((long) value);
        case INT32 -> bytes.putInt((int) value);
        case INT16 -> bytes.putShort((short) value);
        default -> bytes.put((byte) value);
      }
    }
    return new Storage() {
      @Override
      public String name() {
        return "numbers";
      }

      @Override
      public long bytes() {
        return bytes.capacity();
      }

      @Override
      public ByteOrder order() {
        return order;
      }

      @Override
      public InputStream open() {
        return new ByteArrayInputStream(bytes.array());
      }
    };
  }

  private static Storage bytes(ElementType type, double... values) {
    return bytes(type, ByteOrder.LITTLE_ENDIAN, values);
  }

  @Test
  void namesNeedNotBeIdentifiers() {
    Value x = graph.input(ElementType.FLOAT32);
    String odd = "a/b.c \"d\" %s {} é";
    graph.tap(List.of(odd, "0"), x);
    graph.tap(List.of("output"), x);
    graph.tap(List.of("output"), x);
    graph.output(x);
    assertThat(run(probes(1, 2)))
        .containsOnlyKeys(odd + ".0", "output", "output#2", "network_output");
  }

  @Test
  void tensorsOfAllTypesGiveTheirNumbers() {
    Value x = graph.input(ElementType.FLOAT32);
    for (ElementType type : ElementType.values()) {
      if (type != ElementType.FLOAT16 && !type.name().startsWith("UINT")) {
        StoredTensor stored =
            StoredTensor.contiguous(bytes(type, 1, type == ElementType.BOOL ? 0 : -3), type, TWO);
        Value tensor = graph.buffer(List.of(type.name(), "odd name"), stored);
        graph.tap(List.of(type.name()), graph.call("mul", x, tensor));
      }
    }
    byte[] halves = {0, 0x3c, 0, (byte) 0xc2};
    Value half =
        graph.buffer(
            List.of("half"),
            StoredTensor.contiguous(Storage.of("h", halves), ElementType.FLOAT16, TWO));
    graph.tap(List.of("FLOAT16"), graph.call("mul", x, half));
    graph.output(x);
    Map<String, double[]> captured = run(probes(2, 3));
    assertThat(captured.get("BOOL")).containsExactly(2, 0, 3, 0);
    captured.remove("BOOL");
    captured.remove("output");
    assertThat(captured).hasSize(8);
    captured.values().forEach(values -> assertThat(values).containsExactly(2, -6, 3, -9));
  }

  @Test
  void viewsOfOneStorageAreReadByTheirOffsetsAndStrides() {
    Value x = graph.input(ElementType.FLOAT32);
    for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      Storage storage = bytes(ElementType.FLOAT32, order, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
      view(x, order + "permuted", storage, 1, List.of(2L, 3L), List.of(1L, 2L));
      view(x, order + "expanded", storage, 7, List.of(1L, 3L), List.of(1L, 0L));
      view(x, order + "overlapping", storage, 3, List.of(1L, 2L), List.of(2L, 1L));
      view(x, order + "last", storage, 9, List.of(1L), List.of(1L));
    }
    graph.output(x);
    Map<String, double[]> captured = run(probes(1));
    for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      assertThat(captured.get(order + "permuted")).containsExactly(1, 3, 5, 2, 4, 6);
      assertThat(captured.get(order + "expanded")).containsExactly(7, 7, 7);
      assertThat(captured.get(order + "overlapping")).containsExactly(3, 4);
      assertThat(captured.get(order + "last")).containsExactly(9);
    }
  }

  private void view(
      Value x, String name, Storage storage, long offset, List<Long> shape, List<Long> strides) {
    StoredTensor stored = new StoredTensor(storage, ElementType.FLOAT32, offset, shape, strides);
    Value flat = graph.call("reshape", graph.parameter(List.of(name), stored), List.of(1, -1));
    graph.tap(List.of(name), graph.call("mul", x, flat));
  }

  @Test
  void whatIsWrittenToIsAsInTheFileInEveryRun() {
    Value x = graph.input(ElementType.FLOAT32);
    Value count = graph.buffer(List.of("count"), StoredTensor.ofFloats("count", TWO, 1, 2));
    Value second = graph.call("select", count, 0, 1);
    graph.call("add_", graph.call("detach", second), 1);
    graph.tap(List.of("sum"), graph.call("mul", x, count));
    graph.output(x);
    try (TorchScriptNetwork network = open()) {
      for (int i = 0; i < 3; i++) {
        assertThat(capture(network, probes(1)).get("sum")).containsExactly(1, 3);
      }
    }
  }

  @Test
  void whatSharesMemoryWithTensorsThatAreWrittenToIsRefused() {
    Value x = graph.input(ElementType.FLOAT32);
    Storage storage = bytes(ElementType.FLOAT32, 1, 2, 3, 4);
    Value all = graph.buffer(List.of("all"), part(storage, 0, 3));
    graph.tap(List.of("sum"), graph.call("mul", x, all));
    graph.call("add_", graph.buffer(List.of("a", "part"), part(storage, 1, 2)), 1);
    graph.output(x);
    assertThatThrownBy(this::open)
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("net.file writes to its tensor 'a.part'")
        .hasMessageContaining("shares memory with 'all'");
  }

  @Test
  void neighboursAndOtherNamesOfATensorThatIsWrittenToAreRight() {
    Value x = graph.input(ElementType.FLOAT32);
    Storage storage = bytes(ElementType.FLOAT32, 1, 2, 3, 4);
    Value other = graph.buffer(List.of("other"), part(storage, 1, 2));
    Value neighbour = graph.buffer(List.of("neighbour"), part(storage, 3, 1));
    graph.call("add_", graph.buffer(List.of("written"), part(storage, 1, 2)), 1);
    graph.tap(List.of("sum"), graph.call("mul", x, other));
    graph.tap(List.of("beside"), graph.call("mul", x, neighbour));
    graph.output(x);
    try (TorchScriptNetwork network = open()) {
      for (int i = 0; i < 3; i++) {
        Map<String, double[]> captured = capture(network, probes(1));
        assertThat(captured.get("sum")).containsExactly(3, 4);
        assertThat(captured.get("beside")).containsExactly(4);
      }
    }
  }

  private static StoredTensor part(Storage storage, long offset, long length) {
    return new StoredTensor(storage, ElementType.FLOAT32, offset, List.of(length), List.of(1L));
  }

  /** The names of these operators do not end as those of operators that write do. */
  @Test
  void statisticsAndRangesAreAsInTheFileInEveryRun() {
    Value x = graph.input(ElementType.FLOAT32);
    List<Value> kept = new ArrayList<>();
    for (String name : List.of("min", "max", "scale", "mean", "variance", "weight", "bias")) {
      kept.add(graph.buffer(List.of(name), StoredTensor.ofFloats(name, List.of(1L), 1)));
    }
    Storage zero = bytes(ElementType.INT32, ByteOrder.LITTLE_ENDIAN, 0);
    Storage one = bytes(ElementType.INT64, ByteOrder.LITTLE_ENDIAN, 1);
    List<Long> shape = List.of(1L);
    Value point =
        graph.buffer(List.of("point"), StoredTensor.contiguous(zero, ElementType.INT32, shape));
    Value on = graph.buffer(List.of("on"), StoredTensor.contiguous(one, ElementType.INT64, shape));
    graph
        .operator("fused_moving_avg_obs_fake_quant")
        .with(x, on, on)
        .with("running_min", kept.get(0))
        .with("running_max", kept.get(1))
        .with("scale", kept.get(2))
        .with("zero_point", point)
        .with("averaging_const", 0.5)
        .with("quant_min", 0)
        .with("quant_max", 255)
        .with("ch_axis", 0)
        .value();
    graph
        .operator("_batch_norm_with_update")
        .with(x, kept.get(5), kept.get(6), kept.get(3), kept.get(4), 0.5, 1e-5)
        .values(4);
    for (int i = 0; i < 5; i++) {
      graph.tap(List.of("kept" + i), graph.call("mul", x, kept.get(i)));
    }
    graph.output(x);
    try (TorchScriptNetwork network = open()) {
      Map<String, double[]> first = capture(network, probes(-3, 8));
      assertThat(first.get("kept3")).isNotEqualTo(first.get("output"));
      for (int i = 0; i < 2; i++) {
        Map<String, double[]> again = capture(network, probes(-3, 8));
        first.forEach((layer, values) -> assertThat(again.get(layer)).containsExactly(values));
      }
    }
  }

  @Test
  void aTapIsTheValueAtItsMoment() {
    Value x = graph.input(ElementType.FLOAT32);
    Value doubled = graph.tap(List.of("double"), graph.call("mul", x, 2));
    graph.tap(List.of("plus"), graph.call("add_", doubled, 100.5));
    graph.output(doubled);
    Map<String, double[]> captured = run(probes(1, 2));
    assertThat(captured.get("double")).containsExactly(2, 4);
    assertThat(captured.get("plus")).containsExactly(102.5, 104.5);
    assertThat(captured.get("output")).containsExactly(102.5, 104.5);
  }

  @Test
  void argumentsOfAllKindsArriveAndResultsComeInOrder() {
    Value x = graph.input(ElementType.FLOAT32);
    Value wide = graph.call("expand", x, List.of(-1, 4));
    List<Value> parts =
        graph
            .operator("split.Tensor")
            .with("self", wide)
            .with("split_size", 3)
            .with("dim", 1)
            .list(2);
    Value index = graph.operator("arange").with("end", 2).with("dtype", ElementType.INT64).value();
    Value chosen =
        graph.operator("index").with(parts.get(0), Argument.of(Arrays.asList(null, index))).value();
    graph.tap(List.of("joined"), graph.call("cat", Argument.tensors(chosen, parts.get(1)), 1));
    graph.tap(
        List.of("most"),
        List.of(
            graph.operator("max.dim").with(wide).with("dim", 1).values(2).get(0),
            graph.call("clamp", x, null, Double.POSITIVE_INFINITY)));
    Value one =
        graph
            .operator("ones")
            .with(Argument.ints())
            .with("layout", new Argument.Strided())
            .with("device", new Argument.Cpu())
            .value();
    Value many = graph.call("size", wide, 1);
    graph.tap(List.of("size"), graph.call("mul", graph.call("mul", x, one), many));
    graph.output("0", x).output("aux", wide);
    Map<String, double[]> captured = run(probes(5));
    assertThat(captured)
        .containsOnlyKeys("joined", "most[0]", "most[1]", "size", "output[0]", "output[aux]");
    assertThat(captured.get("joined")).containsExactly(5, 5, 5);
    assertThat(captured.get("size")).containsExactly(20);
  }

  @Test
  void aShapeOtherThanTheFileTellsIsRefused() {
    Value x = graph.input(ElementType.FLOAT32);
    Value samples = graph.call("size", x, 0);
    graph.expect("narrow", x, Arrays.asList(samples, 1));
    graph.expect("wide", x, Arrays.asList(null, 7));
    graph.output(x);
    try (TorchScriptNetwork network = open()) {
      assertThatThrownBy(() -> capture(network, probes(1, 2)))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("wide has the shape [1, 1] and not [-1, 7], as its file says");
    }
  }

  @Test
  void probesAreHeldAgainstTheInput() {
    Value x = graph.input(ElementType.FLOAT32, List.of(Extent.of(2), new Extent(1, 1)));
    graph.tap(List.of("same"), x);
    graph.output(x);
    try (TorchScriptNetwork network = open()) {
      assertThat(capture(network, probes(1, 2, 3, 4)).get("same")).containsExactly(1, 2, 3, 4);
      assertThatThrownBy(() -> capture(network, probes(1, 2, 3)))
          .hasMessageContaining("exactly 2 probes at once, and 3 cannot be shown so");
      assertThatThrownBy(() -> capture(network, Probes.of(Nd4j.zeros(DataType.FLOAT, 2, 3))))
          .hasMessage(
              "net.file takes probes of the shape [2, 1], samples first; these have the shape"
                  + " [2, 3]. Give it probes of that shape, or export the network for theirs.");
    }
  }

  /** PyTorch wraps them. */
  @ParameterizedTest
  @CsvSource({
    "UINT8, 255, 256, uint8", "UINT8, 0, -1, uint8", "INT8, -128, -129, int8",
    "INT16, 32767, 32768, int16", "INT32, 2147483647, 2147483648, int32", "BOOL, 1, 2, bool",
    "FLOAT16, 65504, 65520, float16", "FLOAT32, 8.507059173023462E37, 1e39, float32"
  })
  void probesThatTheTypeOfTheInputCannotHoldAreRefused(
      ElementType type, double fits, double tooLarge, String name) {
    Value x = graph.call("to", graph.input(type), new Argument.Dtype(ElementType.FLOAT64));
    graph.tap(List.of("same"), x);
    graph.output(x);
    try (TorchScriptNetwork network = open()) {
      assertThat(capture(network, wide(0, fits)).get("same")).containsExactly(0, fits);
      assertThatThrownBy(() -> capture(network, wide(0, tooLarge)))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll("net.file takes its input as " + name, "cannot hold");
    }
  }

  private static Probes wide(double... values) {
    return Probes.of(Nd4j.createFromArray(values).reshape(values.length, 1));
  }

  @Test
  void provenanceIsOfTheUsersFile() {
    Value x = graph.input(ElementType.FLOAT32);
    graph.note("assumed: all").output(x);
    try (TorchScriptNetwork network = open()) {
      assertThat(network.provenance())
          .isEqualTo(new Provenance("net.file", "abc", List.of("read", "assumed: all")));
    }
  }
}
