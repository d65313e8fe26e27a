package org.palimpsest.io.internal.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.io.internal.capture.ActivationSourceContract;
import org.palimpsest.io.internal.capture.Closeness;
import org.palimpsest.io.internal.onnx.OnnxGraph;
import org.palimpsest.io.internal.onnx.OnnxGraphReader;
import org.palimpsest.io.internal.onnx.OnnxModel;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/** Against what PyTorch 1.13's forward hooks recorded (make_onnx.py). */
class OnnxNetworkTest extends ActivationSourceContract {

  private static final Map<String, String> MODULES =
      Map.of(
          "enc.0", "/enc/enc.0/Conv",
          "enc.1", "/enc/enc.1/InstanceNormalization",
          "enc.2", "/enc/enc.2/Relu",
          "pool", "/pool/MaxPool",
          "deep", "/deep/Conv",
          "act", "/act/Tanh",
          "up", "/up/ConvTranspose",
          "head", "/head/Conv",
          "fc", "/fc/Add");

  @TempDir Path folder;

  private static Path resource(String name) {
    try {
      return Path.of(OnnxNetworkTest.class.getResource("/onnx/" + name).toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static INDArray expected(String path) {
    try (HdfFile file = new HdfFile(resource("expected.h5"))) {
      Dataset dataset = file.getDatasetByPath(path);
      long[] shape = Arrays.stream(dataset.getDimensions()).asLongStream().toArray();
      return Nd4j.create((float[]) dataset.getDataFlat(), shape, 'c');
    }
  }

  @Override
  protected ActivationSource network(int batchSize) {
    return OnnxNetwork.open(
        resource("unet.onnx"), RunLimits.withDefaults().withBatchSize(batchSize));
  }

  @Override
  protected Probes probes() {
    return Probes.of(Nd4j.linspace(-1, 1, 5 * 64).reshape(5, 1, 8, 8));
  }

  @Override
  protected Probes wrongProbes() {
    return Probes.of(Nd4j.ones(5, 3, 8, 8));
  }

  @Override
  protected List<String> layersInOrder() {
    return List.of(
        "/enc/enc.0/Conv",
        "/enc/enc.1/InstanceNormalization",
        "/enc/enc.2/Relu",
        "/pool/MaxPool",
        "/deep/Conv",
        "/act/Tanh",
        "/up/ConvTranspose",
        "/Concat",
        "/Reshape",
        "/Transpose",
        "/head/Conv",
        "/fc/MatMul",
        "/fc/Add",
        "output[0]",
        "output[1]");
  }

  private static void requirePyTorch(String file) {
    try (OnnxNetwork network = OnnxNetwork.open(resource(file))) {
      ActivationSet captured = network.capture(Probes.of(expected("input")), LayerSelector.all());
      MODULES.forEach(
          (module, layer) ->
              Closeness.assertClose(
                  layer,
                  captured.get(layer).values(),
                  expected("modules/" + module),
                  Closeness.TOLERANCE));
    }
  }

  @Test
  void everyModuleAnswersWhatItAnsweredInPyTorch() {
    requirePyTorch("unet.onnx");
  }

  @Test
  void aFixedBatchSizeIsKeptTo() {
    requirePyTorch("fixed.onnx");
    try (OnnxNetwork network = OnnxNetwork.open(resource("fixed.onnx"))) {
      assertThatThrownBy(() -> network.capture(probes(), LayerSelector.all()))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("exactly 2 probes")
          .hasMessageContaining("dynamic_axes");
    }
  }

  @Test
  void valuesOfFloat16BecomeFloat32() {
    try (OnnxNetwork network = OnnxNetwork.open(resource("half.onnx"))) {
      INDArray input = Nd4j.createFromArray(new float[][] {{0.1f, -2.5f, 1000.3f}});
      INDArray half =
          network.capture(Probes.of(input), LayerSelector.of("/Cast")).get("/Cast").values();

      // 0.1 and 1000.3 rounded to binary16 (NumPy: np.float16)
      assertThat(half)
          .isEqualTo(Nd4j.createFromArray(new float[][] {{0.099975586f, -2.5f, 1000.5f}}));
    }
  }

  @Test
  void storedTensorsAreTheParameters() {
    Weights weights = OnnxWeights.read(resource("unet.onnx"));

    for (String name : List.of("enc.0.weight", "enc.1.bias", "up.weight", "fc.bias")) {
      WeightTensor tensor = weights.find(name).orElseThrow();
      assertThat(tensor.values()).as(name).isEqualTo(expected("parameters/" + name));
      assertThat(tensor.dtype()).isEqualTo("float32");
    }
    assertThat(weights.find("deep.weight").orElseThrow().layerKind())
        .isEqualTo(LayerKind.CONVOLUTION);
    assertThat(weights.find("up.weight").orElseThrow().layerKind())
        .isEqualTo(LayerKind.TRANSPOSED_CONVOLUTION);
    assertThat(weights.find("enc.1.weight").orElseThrow().layerKind())
        .isEqualTo(LayerKind.NORMALISATION);
  }

  @Test
  void aClosedNetworkSaysSo() {
    OnnxNetwork network = OnnxNetwork.open(resource("unet.onnx"));
    network.close();

    assertThatThrownBy(() -> network.capture(probes(), LayerSelector.all()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("closed");
  }

  private static void assertRefused(Path file, String part) {
    assertThatThrownBy(() -> OnnxNetwork.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(part);
  }

  @Test
  void filesOfAnotherKindAreRefused() throws IOException {
    assertRefused(resource("expected.h5"), "ONNX");
    assertRefused(folder.resolve("none.onnx"), "does not exist");
    assertRefused(Files.write(folder.resolve("e.onnx"), new byte[0]), "empty");
    assertRefused(Files.writeString(folder.resolve("t.onnx"), "just some text\n"), "ONNX");
    assertRefused(folder, "folder");
  }

  @Test
  void truncatedFilesAreRefused() throws IOException {
    byte[] whole = Files.readAllBytes(resource("unet.onnx"));
    for (int length : new int[] {1, 20, whole.length / 2, whole.length - 40}) {
      assertRefused(Files.write(folder.resolve("c.onnx"), Arrays.copyOf(whole, length)), "ONNX");
    }
  }

  @Test
  void operationsOnIntegersMakeAGraphQuantised() {
    // graph { node { op_type: "QLinearConv" } }
    byte[] model = ":\u000f\n\r\"\u000bQLinearConv".getBytes(StandardCharsets.ISO_8859_1);
    OnnxGraph graph = OnnxGraphReader.read(Path.of("m.onnx"), model);
    assertThat(graph.isQuantised()).isTrue();
    assertThat(graph.notes()).anyMatch(note -> note.contains("1 operations on integers"));
    assertThat(OnnxModel.read(resource("unet.onnx")).graph().isQuantised()).isFalse();
  }

  @Test
  void aLengthThatLiesIsRefusedBeforeAnythingIsAllocated() {
    byte[] model = {0x3a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f, 1, 2};

    assertThatThrownBy(() -> OnnxGraphReader.read(Path.of("m.onnx"), model))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("m.onnx");
  }

  @Test
  void damagedBytesEndInOneErrorOrInAGraph() throws IOException {
    byte[] whole = Files.readAllBytes(resource("unet.onnx"));
    Random random = new Random(1);
    for (int i = 0; i < 5000; i++) {
      byte[] damaged = whole.clone();
      for (int j = 0; j < 3; j++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        OnnxGraphReader.read(Path.of("m.onnx"), damaged).valuesByLayer();
      } catch (PalimpsestException expected) {
        assertThat(expected).hasMessageContaining("m.onnx");
      }
    }
  }

  @Test
  void aVersionThatIsTooNewIsToldInPlainWords() throws IOException {
    byte[] bytes = Files.readAllBytes(resource("unet.onnx"));
    assertThat(bytes[0]).isEqualTo((byte) 8); // the field ir_version, and its value
    bytes[1] = 14; // weights are read of it
    Path file = Files.write(folder.resolve("new.onnx"), bytes);

    assertThatThrownBy(() -> OnnxNetwork.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageMatching(
            ".*new.onnx cannot be opened by ONNX Runtime: the file has version 14 of ONNX's format,"
                + " and versions up to \\d+ are read\\. Save it with an older onnx, .*");
  }

  @Test
  void anOperationThatTheRuntimeDoesNotKnowIsNamed() throws IOException {
    byte[] bytes = Files.readAllBytes(resource("unet.onnx"));
    String text =
        new String(bytes, StandardCharsets.ISO_8859_1).replace("\"\u0004Tanh", "\"\u0004Tonh");
    Path file = Files.write(folder.resolve("o.onnx"), text.getBytes(StandardCharsets.ISO_8859_1));

    assertRefused(file, "Tonh");
    assertThatThrownBy(() -> OnnxNetwork.open(file))
        .hasMessageNotContainingAny("onnxruntime", "Error code", "::");
  }
}
