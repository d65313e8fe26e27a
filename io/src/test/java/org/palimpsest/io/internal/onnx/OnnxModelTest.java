package org.palimpsest.io.internal.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.palimpsest.io.internal.onnx.OnnxBytes.floats;
import static org.palimpsest.io.internal.onnx.OnnxBytes.join;
import static org.palimpsest.io.internal.onnx.OnnxBytes.message;
import static org.palimpsest.io.internal.onnx.OnnxBytes.number;
import static org.palimpsest.io.internal.onnx.OnnxBytes.utf8;
import static org.palimpsest.io.internal.onnx.OnnxBytes.valueInfo;
import static org.palimpsest.io.internal.onnx.OnnxBytes.varint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.io.internal.onnxruntime.OnnxNetwork;
import org.palimpsest.io.internal.onnxruntime.OnnxWeights;

/** Weights beside a model, names of modules, shapes of inputs. */
class OnnxModelTest {

  @TempDir private Path parent;
  private Path folder;

  @BeforeEach
  void aFolderForTheModel() throws IOException {
    folder = Files.createDirectory(parent.resolve("model"));
    Files.write(parent.resolve("outside.bin"), floats(1, 2, 3));
    Files.write(folder.resolve("w.bin"), floats(4, 5, 6));
  }

  @Test
  void theHashCoversTheFilesBesideTheModel() throws IOException {
    Path file = written(scaled(elsewhere("w.bin")));

    OnnxModel model = OnnxModel.read(file);

    byte[] both = join(Files.readAllBytes(file), floats(4, 5, 6));
    assertThat(model.sha256()).isEqualTo(Sha256.of(both));
    assertThat(OnnxWeights.read(file).provenance().notes())
        .anyMatch(note -> note.contains("has weights in w.bin"));
    Files.write(folder.resolve("w.bin"), floats(4, 5, 7));
    assertThat(OnnxModel.read(file).sha256()).isNotEqualTo(model.sha256());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../outside.bin",
        "sub/../../outside.bin",
        "..",
        "..\\outside.bin",
        "C:w.bin",
        "a\0b"
      })
  void pathsOutOfTheFolderAreRefused(String location) throws IOException {
    assertRefused(written(scaled(elsewhere(location))), "'w'");
  }

  @Test
  void absolutePathsAreRefused() throws IOException {
    String location = parent.resolve("outside.bin").toString();
    assertRefused(written(scaled(elsewhere(location))), "outside of the model's folder");
  }

  @Test
  void linksOutOfTheFolderAreRefused() throws IOException {
    Files.createSymbolicLink(folder.resolve("link.bin"), parent.resolve("outside.bin"));
    assertRefused(written(scaled(elsewhere("link.bin"))), "outside of the model's folder");
    Files.createSymbolicLink(folder.resolve("up"), parent);
    assertRefused(written(scaled(elsewhere("up/outside.bin"))), "outside of the model's folder");
  }

  /** Download caches keep a model and its weights side by side, and show links to them. */
  @Test
  void aModelThatIsALinkHasItsWeightsWhereItLies() throws IOException {
    Path file = written(scaled(elsewhere("w.bin")));
    Path shown = Files.createDirectory(parent.resolve("shown"));
    Files.createSymbolicLink(shown.resolve("model.onnx"), file);
    Files.createSymbolicLink(shown.resolve("w.bin"), folder.resolve("w.bin"));

    assertThat(OnnxWeights.read(shown.resolve("model.onnx")).find("w")).isPresent();
  }

  @Test
  void missingFilesAndFoldersAreNamed() throws IOException {
    assertRefused(written(scaled(elsewhere("none.bin"))), "'none.bin'");
    Files.createDirectory(folder.resolve("sub"));
    assertRefused(written(scaled(elsewhere("sub"))), "is a folder");
  }

  @Test
  void tensorsThatLieInTwoPlacesAreRefused() throws IOException {
    byte[] both = join(elsewhere("w.bin"), message(9, floats(4, 5, 6)));
    assertRefused(written(scaled(both)), "in the model as well");
  }

  @Test
  void aTypeOfUnknownSizeIsRefused() throws IOException {
    assertRefused(written(scaled(join(elsewhere("w.bin"), number(2, 99)))), "type 99");
  }

  @Test
  void halvesThatAreStoredAsNumbersAreRead() throws IOException {
    byte[] halves = message(5, join(varint(0x3c00), varint(0xc000), varint(0x3800)));
    Path file = written(scaled(join(number(2, 10), halves)));

    assertThat(OnnxWeights.read(file).find("w").orElseThrow().values().toDoubleVector())
        .containsExactly(1, -2, 0.5);
  }

  @Test
  void aNumberThatIsNoListHasNoAxis() throws IOException {
    byte[] scalar = message(5, join(number(2, 1), message(8, utf8("a")), message(9, floats(7))));
    Path file = written(join(scaled(elsewhere("w.bin")), message(7, scalar)));

    WeightTensor read = OnnxWeights.read(file).find("a").orElseThrow();

    assertThat(read.values().shape()).isEmpty();
    assertThat(read.values().getDouble(0)).isEqualTo(7);
  }

  @Test
  void quantisedTensorsThatAreNotReadAreNamed() throws IOException {
    byte[] extra = message(5, join(tensor("q", 3), message(9, new byte[] {1, 2, 3})));
    Path file = written(join(scaled(elsewhere("w.bin")), message(7, extra)));

    assertThat(OnnxWeights.read(file).provenance().notes())
        .contains("left out: 'q' (int8, without a scale)");
  }

  /** A graph with a tensor 'q' of 2 × 3 int8 numbers and what makes floats of it. */
  private Path dequantised(long axis, byte[] scale, byte[] zero) throws IOException {
    byte[] stored =
        join(
            stored("q", OnnxTensorInfo.INT8, new byte[] {-128, -1, 0, 1, 2, 127}, 2, 3),
            message(5, scale),
            message(5, zero));
    byte[] inputs = join(message(1, utf8("q")), message(1, utf8("s")), message(1, utf8("z")));
    byte[] ofAxis = message(5, join(message(1, utf8("axis")), number(3, axis), number(20, 2)));
    byte[] node = join(inputs, message(2, utf8("f")), message(4, utf8("DequantizeLinear")), ofAxis);
    return written(
        join(scaled(message(9, floats(1, 2, 3))), message(7, join(message(1, node), stored))));
  }

  private static byte[] stored(String name, int type, byte[] content, long... shape) {
    return message(5, storage(name, type, content, shape));
  }

  private static byte[] storage(String name, int type, byte[] content, long... shape) {
    byte[] dimensions = {};
    for (long extent : shape) {
      dimensions = join(dimensions, number(1, extent));
    }
    return join(dimensions, number(2, type), message(8, utf8(name)), message(9, content));
  }

  private static byte[] floatsOf(double... values) {
    return storage("s", OnnxTensorInfo.FLOAT, floats(values), values.length);
  }

  private static byte[] bytesOf(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return storage("z", OnnxTensorInfo.INT8, bytes, values.length);
  }

  /** (number − zero) × scale, the standard's DequantizeLinear: along an axis, or of all. */
  @Test
  void quantisedWeightsAreReadByTheirScales() throws IOException {
    assertThat(weights(dequantised(0, floatsOf(0.5, 2), bytesOf(0, 1))))
        .containsExactly(-64, -0.5, 0, 0, 2, 252);
    assertThat(weights(dequantised(-2, floatsOf(0.5, 2), bytesOf(0, 1))))
        .containsExactly(-64, -0.5, 0, 0, 2, 252);
    assertThat(weights(dequantised(1, floatsOf(1, 2, 4), bytesOf(0, -1, 127))))
        .containsExactly(-128, 0, -508, 1, 6, 0);
    assertThat(weights(dequantised(1, floatsOf(0.25), bytesOf(2))))
        .containsExactly(-32.5, -0.75, -0.5, -0.25, 0, 31.25);
  }

  /** Of one scale for all numbers the standard does not look at the axis. */
  @ParameterizedTest
  @ValueSource(longs = {7, -7, Integer.MAX_VALUE, Long.MIN_VALUE})
  void anAxisBesideOneScaleMeansNothing(long axis) throws IOException {
    assertThat(weights(dequantised(axis, floatsOf(0.25), bytesOf(2))))
        .containsExactly(-32.5, -0.75, -0.5, -0.25, 0, 31.25);
  }

  @Test
  void scalesThatDoNotFitLeaveTheirTensorOut() throws IOException {
    byte[] cut = storage("s", OnnxTensorInfo.FLOAT, floats(1), 2);
    byte[] none = storage("z", OnnxTensorInfo.INT8, new byte[0], 2);
    byte[] wide = storage("z", OnnxTensorInfo.FLOAT, floats(0, 0), 2);
    assertRefused(dequantised(0, cut, bytesOf(0, 0)), "tensor 's' of the shape [2] has 4 bytes");
    assertRefused(dequantised(0, floatsOf(1, 2), none), "'z' of the shape [2] has 0 bytes");
    assertLeftOut(dequantised(0, floatsOf(1, 2), wide));
    assertLeftOut(dequantised(0, floatsOf(1, 2), bytesOf(0, 0, 0)));
    assertLeftOut(dequantised(1, floatsOf(1, 2), bytesOf(0, 0)));
    assertLeftOut(dequantised(2, floatsOf(1, 2), bytesOf(0, 0)));
  }

  private static void assertLeftOut(Path file) {
    assertThat(OnnxWeights.read(file).provenance().notes())
        .contains("left out: 'q' (int8, whose scale is not stored or does not fit)");
  }

  private static double[] weights(Path file) {
    return OnnxWeights.read(file).find("q").orElseThrow().values().ravel().toDoubleVector();
  }

  @Test
  void anOutlineShowsTypesAndShapesOfInputs() throws IOException {
    assertThat(OnnxOutline.read(written(scaled(elsewhere("w.bin")))).inputs())
        .containsExactly("x (float32 [n, 3])");
  }

  @Test
  void probesOfAnotherShapeAreToldWhichOneIsExpected() throws IOException {
    try (OnnxNetwork network = OnnxNetwork.open(written(scaled(elsewhere("w.bin"))))) {
      assertThatThrownBy(() -> network.capture(Probes.of(Nd4j.ones(2, 5)), LayerSelector.all()))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll("[n, 3]", "[2, 5]", "'x'");
    }
  }

  @Test
  void randomNumbersAreSaid() throws IOException {
    byte[] random = message(7, message(1, operation("RandomNormalLike", "r", "y", "")));
    Path file = written(join(scaled(elsewhere("w.bin")), random));
    assertThat(OnnxModel.read(file).provenance().notes())
        .anyMatch(note -> note.startsWith("draws random numbers"));
  }

  @Test
  void resultsOfModulesGoByTheirPaths() throws IOException {
    byte[] nodes =
        join(
            message(1, operation("Neg", "a", "x", "['', 'enc', 'enc.0', 'neg']")),
            message(1, operation("Abs", "b", "a", "['', 'enc', 'enc.1', 'abs']")),
            message(1, operation("Exp", "c", "b", "['', 'enc', 'enc.1', 'exp']")),
            message(1, operation("Relu", "d", "c", "['', 'act', 'relu']")),
            message(1, operation("Tanh", "e", "d", "['', 'tanh']")),
            message(1, operation("Relu", "y", "e", "['', 'act', 'relu_1']")));
    byte[] graph = join(nodes, message(11, valueInfo("x", 3)), message(12, valueInfo("y", 3)));
    Path file = written(message(7, graph));

    Map<String, String> layers = OnnxModel.read(file).graph().valuesByLayer();

    assertThat(layers)
        .containsExactly(
            Map.entry("enc.0", "a"),
            Map.entry("enc.1/b", "b"),
            Map.entry("enc.1", "c"),
            Map.entry("enc", "c"),
            Map.entry("act", "d"),
            Map.entry("/e", "e"),
            Map.entry("act#2", "y"));
  }

  @Test
  void aModuleOfTwoResultsGivesItsNameToNeither() throws IOException {
    byte[] nodes =
        join(
            message(1, operation("Neg", "a", "x", "['', 'two', 'neg']")),
            message(1, operation("Abs", "b", "x", "['', 'two', 'abs']")),
            message(1, operation("Exp", "c", "a", "['', 'exp']")),
            message(1, operation("Exp", "y", "b", "['', 'exp_1']")));
    byte[] graph = join(nodes, message(11, valueInfo("x", 3)), message(12, valueInfo("y", 3)));

    assertThat(OnnxModel.read(written(message(7, graph))).graph().valuesByLayer().keySet())
        .containsExactly("two/a", "two/b", "/c", "/y");
  }

  /** As PyTorch 2.9 writes the nodes of a module, with PyTorch's own operation. */
  private static byte[] node(
      String type, String output, String input, String module, String of, String aten) {
    byte[] scopes = utf8("['', '%s', '%s']".formatted(module, aten.split("\\.")[1]));
    byte[] classes = utf8("['N', '%s', '%s']".formatted(of, aten.replace("_1.", ".")));
    return message(
        1,
        join(
            operation(type, output, input, ""),
            message(9, join(message(1, utf8("pkg.torch.onnx.name_scopes")), message(2, scopes))),
            message(
                9, join(message(1, utf8("pkg.torch.onnx.class_hierarchy")), message(2, classes)))));
  }

  private List<String> layers(byte[]... nodes) throws IOException {
    byte[] graph = join(message(11, valueInfo("x", 3)), message(12, message(1, utf8("y"))));
    for (byte[] node : nodes) {
      graph = join(graph, node);
    }
    return OnnxModel.read(written(message(7, graph))).graph().valuesByLayer().entrySet().stream()
        .map(one -> one.getKey() + "=" + one.getValue())
        .toList();
  }

  private static final String CONV = "torch.nn.modules.conv.Conv2d";
  private static final String TANH = "torch.nn.modules.activation.Tanh";

  /** Its convolution went into the normalisation behind it; what it pads is not what it gives. */
  @Test
  void whatIsLeftOfAModuleDoesNotGoByItsName() throws IOException {
    assertThat(
            layers(
                node("Pad", "pad", "x", "c", CONV, "aten.pad.default"),
                node(
                    "Conv",
                    "getitem",
                    "pad",
                    "n",
                    "torch.nn.modules.batchnorm.BatchNorm2d",
                    "aten.native_batch_norm.default"),
                node("Conv", "y", "getitem", "d", CONV, "aten.conv2d.default")))
        .containsExactly("c/pad=pad", "n=getitem", "d=y");
  }

  /** The last of its operations was joined with the first of the next module's. */
  @Test
  void aValueThatPyTorchsOperationDidNotGiveIsNoResult() throws IOException {
    String unshuffle = "torch.nn.modules.pixelshuffle.PixelUnshuffle";
    assertThat(
            layers(
                node("Reshape", "val_1", "x", "u", unshuffle, "aten.pixel_unshuffle.default"),
                node("Transpose", "val_2", "val_1", "u", unshuffle, "aten.pixel_unshuffle.default"),
                node(
                    "Reshape",
                    "view",
                    "val_2",
                    "s",
                    "torch.nn.modules.channelshuffle.ChannelShuffle",
                    "aten.view.default"),
                node("Conv", "y", "view", "d", CONV, "aten.conv2d.default")))
        .containsExactly("u/val_1=val_1", "u/val_2=val_2", "s=view", "d=y");
  }

  @Test
  void callsThatFollowEachOtherAreToldApart() throws IOException {
    assertThat(
            layers(
                node("Tanh", "tanh", "x", "a", TANH, "aten.tanh.default"),
                node("Tanh", "tanh_1", "tanh", "a", TANH, "aten.tanh_1.default"),
                node("Conv", "y", "tanh_1", "d", CONV, "aten.conv2d.default")))
        .containsExactly("a=tanh", "a#2=tanh_1", "d=y");
  }

  /**
   * Of a module that gives several values the exporter wrote two without telling whose they are.
   */
  @Test
  void whatMayBeOneOfSeveralResultsDoesNotGoByTheModulesName() throws IOException {
    byte[] untold = message(1, operation("Split", "split_0", "conv2d", ""));
    assertThat(
            layers(
                node("Conv", "conv2d", "x", "c", CONV, "aten.conv2d.default"),
                node("ReduceMax", "getitem", "conv2d", "m", "N.M", "aten.max.dim"),
                untold,
                node("Conv", "y", "split_0", "d", CONV, "aten.conv2d.default")))
        .contains("c=conv2d", "m/getitem=getitem", "d=y");
  }

  private Map<String, String> results(byte[] operations, String... outputs) throws IOException {
    byte[] graph = join(operations, message(11, valueInfo("x", 3)));
    for (String output : outputs) {
      graph = join(graph, message(12, valueInfo(output, 3)));
    }
    return OnnxModel.read(written(message(7, graph))).graph().valuesAndResultsByLayer();
  }

  @Test
  void theNetworksResultsAreCalledAsInOtherFormats() throws IOException {
    byte[] one = message(1, operation("Neg", "logits", "x", "['', 'head', 'neg']"));
    byte[] two = join(one, message(1, operation("Abs", "aux", "x", "['', 'side', 'abs']")));
    byte[] named = message(1, operation("Exp", "exp", "x", "['', 'output', 'exp']"));

    assertThat(results(one, "logits"))
        .containsExactly(Map.entry("head", "logits"), Map.entry("output", "logits"));
    assertThat(results(two, "logits", "aux"))
        .containsExactly(
            Map.entry("head", "logits"),
            Map.entry("side", "aux"),
            Map.entry("output[0]", "logits"),
            Map.entry("output[1]", "aux"));
    assertThat(results(named, "exp")).containsExactly(Map.entry("output", "exp"));
    assertThat(results(join(one, named), "logits"))
        .containsEntry("output/exp", "exp")
        .containsEntry("network_output", "logits");
  }

  /** Its exporter warns when it writes; the file is read as it stands. */
  @ParameterizedTest
  @CsvSource({
    "pytorch, 9, Upsample, linear, true",
    "pytorch, 10, Resize, linear, true",
    "pytorch, 11, Resize, linear, false",
    "pytorch, 9, Upsample, nearest, false",
    "tf2onnx, 10, Resize, linear, false"
  })
  void linearEnlargementsThatPyTorchComputesOtherwiseAreNoted(
      String producer, long operators, String operation, String mode, boolean noted)
      throws IOException {
    byte[] attribute = join(message(1, utf8("mode")), message(4, utf8(mode)), number(20, 3));
    byte[] node = join(operation(operation, "y", "x", ""), message(5, attribute));
    byte[] graph =
        join(message(1, node), message(11, valueInfo("x", 3)), message(12, valueInfo("y", 3)));
    byte[] model =
        join(
            number(1, 6),
            message(2, utf8(producer)),
            message(8, number(2, operators)),
            message(8, join(message(1, utf8("com.microsoft")), number(2, 1))),
            message(7, graph));
    Path file = Files.write(folder.resolve("model.onnx"), model);

    assertThat(
            OnnxModel.read(file).provenance().notes().stream()
                .anyMatch(note -> note.contains("otherwise than PyTorch")))
        .isEqualTo(noted);
  }

  @Test
  void aPoolingThatPadsByItsKernelIsNamed() throws IOException {
    byte[] kernel =
        join(message(1, utf8("kernel_shape")), message(8, join(varint(3))), number(20, 7));
    byte[] pads = join(message(1, utf8("pads")), number(8, 1), number(8, 3), number(20, 7));
    byte[] node =
        join(
            message(3, utf8("/a/AveragePool")),
            operation("AveragePool", "y", "x", ""),
            message(5, kernel),
            message(5, pads));
    byte[] shape =
        join(message(1, number(1, 1)), message(1, number(1, 1)), message(1, number(1, 9)));
    byte[] type = message(1, join(number(1, 1), message(2, shape)));
    byte[] input = join(message(1, utf8("x")), message(2, type));
    byte[] output = join(message(1, utf8("y")), message(2, message(1, number(1, 1))));
    byte[] graph = join(message(1, node), message(11, input), message(12, output));
    Path file =
        Files.write(
            folder.resolve("pool.onnx"),
            join(number(1, 6), message(8, number(2, 9)), message(7, graph)));

    assertThatThrownBy(() -> OnnxNetwork.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageEndingWith(
            "pool.onnx cannot be opened by ONNX Runtime: a pooling must pad by less than its kernel"
                + " is wide, unlike /a/AveragePool (AveragePool of [3] with pads [1, 3]). Below opset"
                + " 10 PyTorch's exporter writes ceil_mode as such padding: export the network at"
                + " opset 10 or later.");
  }

  @Test
  void ofSeveralResultsTheFilesNamesAreNoted() throws IOException {
    byte[] nodes =
        join(
            message(1, operation("Neg", "logits", "x", "")),
            message(1, operation("Abs", "aux", "x", "")));
    byte[] graph =
        join(
            nodes,
            message(11, valueInfo("x", 3)),
            message(12, valueInfo("logits", 3)),
            message(12, valueInfo("aux", 3)));
    assertThat(OnnxModel.read(written(message(7, graph))).provenance().notes())
        .contains("results in the file's words: output[0] is 'logits', output[1] is 'aux'");
  }

  @Test
  void listsAreReadAsPythonWritesThem() {
    assertThat(ModuleNames.pythonList("['', 'a.b', \"it's\", 'q\\'']"))
        .isEqualTo(List.of("", "a.b", "it's", "q'"));
  }

  private static byte[] alongAxis(String type, String output, String input, int axis) {
    byte[] attribute = join(message(1, utf8("axis")), number(3, axis), number(20, 2));
    return join(operation(type, output, input, ""), message(5, attribute));
  }

  private Path network(byte[] input, byte[]... operations) throws IOException {
    byte[] graph = join(message(11, input), message(12, message(1, utf8("y"))));
    for (byte[] operation : operations) {
      graph = join(graph, message(1, operation));
    }
    return written(message(7, graph));
  }

  private static ActivationSet capture(OnnxNetwork network) {
    return network.capture(
        Probes.of(Nd4j.linspace(-2, 3, 9).reshape(3, 3).castTo(DataType.FLOAT)),
        LayerSelector.all());
  }

  /** Three probes of three features: turned round, there are three rows still. */
  @Test
  void valuesWhoseRowsAreNotTheProbesAreNoLayers() throws IOException {
    byte[] three = join(number(1, 1), message(2, join(extent(3), extent(3))));
    byte[] fixed = join(message(1, utf8("x")), message(2, message(1, three)));
    for (byte[] input : List.of(valueInfo("x", 3), fixed)) {
      Path file =
          network(
              input, operation("Transpose", "t", "x", ""), operation("Transpose", "y", "t", ""));
      try (OnnxNetwork network = OnnxNetwork.open(file)) {
        assertThat(capture(network).layers()).containsExactly("y", "output");
        assertThatThrownBy(() -> network.capture(Probes.of(Nd4j.eye(3)), LayerSelector.of("t")))
            .isInstanceOf(PalimpsestException.class)
            .hasMessageContaining("row for each probe (left out layers")
            .hasMessageContaining("t");
      }
    }
  }

  /** The result among them: its mean over all probes is one number. */
  @Test
  void aLayerWithoutARowForEachProbeIsTold() throws IOException {
    Path file =
        network(
            valueInfo("x", 3),
            operation("Neg", "n", "x", ""),
            operation("ReduceMean", "y", "n", ""));
    try (OnnxNetwork network = OnnxNetwork.open(file)) {
      Probes shown = Probes.of(Nd4j.ones(DataType.FLOAT, 3, 3));
      ActivationSet captured = network.capture(shown, LayerSelector.all());
      assertThat(captured.layers()).containsExactly("n");
      assertThat(captured.provenance().notes())
          .contains("left out layers that have no row for each probe: y [1, 1], output [1, 1]");
      assertThatThrownBy(() -> network.capture(shown, LayerSelector.of("output")))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll("row for each probe", "output [1, 1]");
    }
  }

  @Test
  void aLayerWithoutNumbersIsTold() throws IOException {
    byte[] slice = operation("Slice", "y", "n", "");
    for (String input : List.of("zero", "zero", "one")) {
      slice = join(slice, message(1, utf8(input)));
    }
    byte[] graph =
        join(
            message(1, operation("Neg", "n", "x", "")),
            message(1, slice),
            message(5, integer("zero", 0)),
            message(5, integer("one", 1)),
            message(11, valueInfo("x", 3)),
            message(12, message(1, utf8("y"))));
    Path file = written(message(7, graph));
    for (int probes = 1; probes <= 2; probes++) {
      try (OnnxNetwork network = OnnxNetwork.open(file)) {
        ActivationSet captured =
            network.capture(Probes.of(Nd4j.ones(DataType.FLOAT, probes, 3)), LayerSelector.all());
        assertThat(captured.layers()).containsExactly("n");
        assertThat(captured.provenance().notes())
            .anyMatch(note -> note.contains("no row for each probe: y ["));
      }
    }
  }

  private static byte[] integer(String name, int value) {
    byte[] bytes = {(byte) value, 0, 0, 0, 0, 0, 0, 0};
    return join(number(1, 1), number(2, 7), message(8, utf8(name)), message(9, bytes));
  }

  /** Operations and values share one space of names here, and the format has one for each. */
  @Test
  void noValueIsLostToTheNameOfAnother() throws IOException {
    byte[] named = join(operation("Exp", "y", "r", ""), message(3, utf8("r")));
    byte[] nodes =
        join(
            message(1, operation("Neg", "c", "x", "")),
            message(1, operation("Abs", "r", "c", "")),
            message(1, named));

    assertThat(results(nodes, "y"))
        .containsExactly(
            Map.entry("c", "c"),
            Map.entry("r", "r"),
            Map.entry("y", "y"),
            Map.entry("output", "y"));
    byte[] twice = join(operation("Tanh", "z", "y", ""), message(3, utf8("y")));
    assertThat(results(join(nodes, message(1, twice)), "z"))
        .containsEntry("y", "y")
        .containsEntry("z", "z")
        .containsEntry("output", "z");
  }

  private static byte[] extent(int size) {
    return message(1, number(1, size));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Softmax", "LogSoftmax", "Hardmax"})
  void whatDependsOnOtherProbesIsSaid(String type) throws IOException {
    Path file = network(valueInfo("x", 3), alongAxis(type, "y", "x", 0));
    try (OnnxNetwork network = OnnxNetwork.open(file)) {
      assertThat(capture(network).layers()).containsExactly("y", "output");
      assertThat(network.provenance().notes())
          .anyMatch(
              note -> note.startsWith("depends on which probes") && note.endsWith(": output, y"));
    }
    Path alone = network(valueInfo("x", 3), alongAxis(type, "y", "x", 1));
    try (OnnxNetwork network = OnnxNetwork.open(alone)) {
      capture(network);
      assertThat(network.provenance().cautions()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"6, int32", "7, int64"})
  void probesThatAnInputOfIntegersCannotHoldAreRefused(int type, String name) throws IOException {
    byte[] shape = join(message(1, message(2, utf8("n"))), extent(3));
    byte[] typed = message(1, join(number(1, type), message(2, shape)));
    byte[] cast = join(message(1, utf8("to")), number(3, 1), number(20, 2));
    Path file =
        network(
            join(message(1, utf8("x")), message(2, typed)),
            join(operation("Cast", "y", "x", ""), message(5, cast)));
    try (OnnxNetwork network = OnnxNetwork.open(file)) {
      assertThatThrownBy(() -> capture(network))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining(name)
          .hasMessageContaining("-1.375");
    }
  }

  @Test
  void sparseTensorsAndThoseOfSeveralScalesAreNamed() throws IOException {
    byte[] sparse = message(15, join(message(1, tensor("s", 1)), number(3, 9)));
    byte[] stored =
        join(
            message(5, join(tensor("q", 3), message(9, new byte[] {1, 2, 3}))),
            message(5, join(message(8, utf8("one")), number(2, 1), message(9, floats(1)))),
            message(5, join(message(8, utf8("two")), number(2, 1), message(9, floats(2)))));
    byte[] nodes =
        join(
            message(1, join(message(1, utf8("q")), operation("DequantizeLinear", "a", "one", ""))),
            message(1, join(message(1, utf8("q")), operation("DequantizeLinear", "b", "two", ""))));
    Path file =
        written(join(scaled(message(9, floats(1, 2, 3))), message(7, join(sparse, stored, nodes))));

    assertThat(OnnxWeights.read(file).provenance().notes())
        .contains("left out: 's' (sparse), 'q' (int8, with several scales)");
  }

  @Test
  void tensorsOfOneNameAreRefused() throws IOException {
    byte[] graph = scaled(message(9, floats(1, 2, 3)));
    byte[] again = join(tensor("w", 1), message(9, floats(4, 5, 6)));
    byte[] value = message(5, join(message(1, utf8("value")), message(5, again)));
    byte[] constant = message(1, join(message(2, utf8("w")), message(4, utf8("Constant")), value));
    byte[] sparse = message(15, join(message(1, tensor("w", 1)), number(3, 9)));

    for (byte[] second : List.of(message(5, again), constant, sparse)) {
      Path file = written(join(graph, message(7, second)));
      assertRefused(file, "the value 'w' is given twice");
      assertThatThrownBy(() -> OnnxOutline.read(file)).hasMessageContaining("model.onnx");
    }
    byte[] doubled = message(7, join(message(5, again), message(5, again)));
    assertRefused(written(join(doubled, graph)), "the value 'w' is given twice");
  }

  private static void assertRefused(Path file, String part) {
    assertThatThrownBy(() -> OnnxWeights.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(part)
        .message()
        .doesNotContain("\n");
  }

  private Path written(byte[] model) throws IOException {
    byte[] head = join(number(1, 8), message(8, number(2, 17)));
    return Files.write(folder.resolve("model.onnx"), join(head, model));
  }

  /** A graph that multiplies x by a tensor w. */
  private static byte[] scaled(byte[] weight) {
    byte[] node = join(message(1, utf8("w")), operation("Mul", "y", "x", ""));
    byte[] graph =
        join(
            message(1, node),
            message(5, join(tensor("w", 1), weight)),
            message(11, valueInfo("x", 3)),
            message(12, valueInfo("y", 3)));
    return message(7, graph);
  }

  private static byte[] tensor(String name, int type) {
    return join(number(1, 3), number(2, type), message(8, utf8(name)));
  }

  private static byte[] elsewhere(String location) {
    return join(
        message(13, join(message(1, utf8("location")), message(2, utf8(location)))), number(14, 1));
  }

  private static byte[] operation(String type, String output, String input, String scopes) {
    byte[] operation =
        join(message(1, utf8(input)), message(2, utf8(output)), message(4, utf8(type)));
    byte[] told = join(message(1, utf8("pkg.torch.onnx.name_scopes")), message(2, utf8(scopes)));
    return scopes.isEmpty() ? operation : join(operation, message(9, told));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 11})
  void weightsBesideTheModelThatEndEarlyAreRefused(int length) throws IOException {
    Files.write(folder.resolve("w.bin"), Arrays.copyOf(floats(4, 5, 6), length));

    assertRefused(written(scaled(elsewhere("w.bin"))), "w.bin");
  }
}
