package org.palimpsest.io.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.internal.capture.ActivationSourceContract;
import org.palimpsest.io.internal.capture.ChannelOrder;
import org.palimpsest.io.internal.capture.Closeness;
import org.palimpsest.io.internal.capture.RecordedPass;

class Dl4jNetworkTest extends ActivationSourceContract {

  private static final ComputationGraph UNET = Dl4jExamples.unet(CNN2DFormat.NCHW);
  private static final Probes IMAGES = Probes.of(Nd4j.randn(DataType.FLOAT, 5, 2, 8, 8));

  @Override
  protected ActivationSource network(int batchSize) {
    return Dl4jNetwork.of("unet", UNET).withBatchSize(batchSize);
  }

  @Override
  protected Probes probes() {
    return IMAGES;
  }

  @Override
  protected Probes wrongProbes() {
    return Probes.of(Nd4j.ones(5, 3, 8, 8));
  }

  @Override
  protected List<String> layersInOrder() {
    return java.util.Arrays.stream(UNET.topologicalSortOrder())
        .mapToObj(i -> UNET.getVertices()[i].getVertexName())
        .filter(name -> !name.equals("image"))
        .toList();
  }

  /** The same network with one more vertex at its end, which hands on what a layer answers. */
  private static ComputationGraph networkThatEndsAt(String layer) {
    ComputationGraphConfiguration configuration = UNET.getConfiguration().clone();
    configuration.getVertices().put("end", new ScaleVertex(1));
    configuration.getVertexInputs().put("end", List.of(layer));
    configuration.setNetworkOutputs(List.of("end"));
    configuration.setTopologicalOrder(null);
    configuration.setTopologicalOrderStr(null);
    ComputationGraph graph = new ComputationGraph(configuration);
    graph.init();
    graph.setParamTable(UNET.paramTable());
    return graph;
  }

  @Test
  void everyVertexAnswersWhatDl4jAnswersWhenAskedForThatVertexAlone() {
    ActivationSet captured = Dl4jNetwork.of("u", UNET).capture(IMAGES, LayerSelector.all());

    assertThat(captured.layers()).hasSize(12);
    for (String layer : captured.layers()) {
      INDArray expected = networkThatEndsAt(layer).output(false, IMAGES.batch(0, 5))[0];
      Closeness.assertClose(layer, captured.get(layer).values(), expected, Closeness.TOLERANCE);
    }
    assertThat(captured.get("enc").values().minNumber().doubleValue()).isNegative();
    assertThat(captured.get("drop").values()).isEqualTo(captured.get("bottom").values());
  }

  @Test
  void aNetworkWithChannelsLastGivesTheSameWithChannelsFirst() {
    ComputationGraph last = Dl4jExamples.unet(CNN2DFormat.NHWC);
    last.setParams(UNET.params());
    ActivationSet expected = Dl4jNetwork.of("u", UNET).capture(IMAGES, LayerSelector.all());

    ActivationSet actual = Dl4jNetwork.of("u", last).capture(IMAGES, LayerSelector.all());
    Probes lastProbes = Probes.of(IMAGES.batch(0, 5).permute(0, 2, 3, 1).dup('c'));
    ActivationSet fromLast =
        Dl4jNetwork.of("u", last).withProbesChannelsLast().capture(lastProbes, LayerSelector.all());

    for (String layer : expected.layers()) {
      INDArray values = expected.get(layer).values();
      Closeness.assertClose(layer, actual.get(layer).values(), values, Closeness.TOLERANCE);
      Closeness.assertClose(layer, fromLast.get(layer).values(), values, Closeness.TOLERANCE);
    }
  }

  private static void requireLayersAreDl4js(MultiLayerNetwork network, Probes probes) {
    ActivationSet captured =
        Dl4jNetwork.of("n", network).withBatchSize(2).capture(probes, LayerSelector.all());

    int last = network.getLayers().length - 1;
    assertThat(captured.layers()).hasSize(last + 1);
    for (int i = 0; i <= last; i++) {
      String layer = captured.layers().get(i);
      INDArray input = probes.batch(0, probes.count());
      INDArray expected =
          i == 0
              ? network.getLayer(0).activate(input, false, LayerWorkspaceMgr.noWorkspaces())
              : network.activateSelectedLayers(0, i, input);
      Closeness.assertClose(layer, captured.get(layer).values(), expected, Closeness.TOLERANCE);
    }
  }

  @Test
  void layersOfASequenceAreNotOverwrittenByThoseAfterThem() {
    MultiLayerNetwork classifier = Dl4jExamples.classifier();

    requireLayersAreDl4js(classifier, IMAGES);
    ActivationSet captured = Dl4jNetwork.of("c", classifier).capture(IMAGES, LayerSelector.all());
    assertThat(captured.layers()).containsExactly("layer0", "layer1", "layer2", "layer3", "layer4");
    assertThat(captured.get("layer0").values()).isNotEqualTo(captured.get("layer1").values());
  }

  @Test
  void sequencesInTimeAreSamplesFeaturesTime() {
    requireLayersAreDl4js(Dl4jExamples.recurrent(), Probes.of(Nd4j.rand(DataType.FLOAT, 3, 3, 6)));
  }

  @Test
  void volumesKeepTheirChannelsFirst() {
    MultiLayerNetwork first = Dl4jExamples.volumetric(Convolution3D.DataFormat.NCDHW);
    Probes volumes = Probes.of(Nd4j.rand(DataType.FLOAT, 3, 1, 4, 4, 4));
    requireLayersAreDl4js(first, volumes);

    MultiLayerNetwork last = Dl4jExamples.volumetric(Convolution3D.DataFormat.NDHWC);
    last.setParams(first.params());
    INDArray expected =
        Dl4jNetwork.of("f", first).capture(volumes, LayerSelector.all()).get("layer1").values();
    INDArray actual =
        Dl4jNetwork.of("l", last).capture(volumes, LayerSelector.all()).get("layer1").values();
    Closeness.assertClose("layer1", actual, expected, Closeness.TOLERANCE);
  }

  @Test
  void aGraphWithTwoInputsIsRefused() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("left", "right")
                .addVertex("join", new MergeVertex(), "left", "right")
                .addLayer("out", new OutputLayer.Builder().nIn(4).nOut(2).build(), "join")
                .setOutputs("out")
                .build());
    graph.init();

    assertThatThrownBy(() -> Dl4jNetwork.of("twins", graph))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'twins'")
        .hasMessageContaining("left, right");
  }

  @Test
  void aNetworkThatWasNotInitialisedIsRefused() {
    ComputationGraph graph = new ComputationGraph(UNET.getConfiguration());

    assertThatThrownBy(() -> Dl4jNetwork.of("raw", graph))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("init()");
  }

  @Test
  void whatWouldNotFitIntoMemoryIsRefusedBeforeItIsComputed() {
    ComputationGraphConfiguration.GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.convolutional(4, 4, 2))
            .addLayer("m0", new Upsampling2D.Builder(2).build(), "in");
    for (int i = 1; i < 12; i++) {
      builder
          .addVertex("s" + i, new ScaleVertex(1), "m" + (i - 1))
          .addVertex("m" + i, new MergeVertex(), "m" + (i - 1), "s" + i);
    }
    ComputationGraph graph = new ComputationGraph(builder.setOutputs("m11").build());
    graph.init();

    assertBounded(new GraphWalk(graph), 1 << 20, "m10");
    assertBounded(new GraphWalk(graph), 1 << 8, "m0");
  }

  /** DL4J itself takes what a subset of images answers for a negative number of elements. */
  @Test
  void aSubsetOfTheChannelsOfImagesIsCaptured() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(4, 4, 6))
                .addLayer("up", new Upsampling2D.Builder(2).build(), "in")
                .addVertex("some", new SubsetVertex(1, 4), "up")
                .setOutputs("some")
                .build());
    graph.init();
    INDArray images = Nd4j.linspace(1, 192, 192).reshape(2, 6, 4, 4);

    ActivationSet captured =
        Dl4jNetwork.of("s", graph).capture(Probes.of(images), LayerSelector.all());

    assertThat(captured.get("some").values().castTo(DataType.FLOAT))
        .isEqualTo(graph.output(images)[0].castTo(DataType.FLOAT));
  }

  /** DL4J's output() is the sum of twice the ReLU of the images, which lies in their place. */
  @Test
  void whatDl4jOverwritesBeforeItIsUsedAgainIsRefusedWithThatReason() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(8, 8, 2))
                .addLayer("drop", new DropoutLayer(0.5), "in")
                .addLayer("relu", new ActivationLayer(Activation.RELU), "drop")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "relu", "drop")
                .setOutputs("sum")
                .build());
    graph.init();

    assertThatThrownBy(() -> Dl4jNetwork.of("d", graph).capture(IMAGES, LayerSelector.all()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'d'", "by up to", "over its input", "DropoutLayer");
  }

  @Test
  void whatDl4jItselfCannotRunIsNotTheProbesFault() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new Cropping3D.Builder(0, 1, 0, 1, 0, 0).build())
                .layer(new Cropping3D.Builder(0, 1, 0, 0, 0, 0).build())
                .layer(new Cropping3D.Builder(0, 0, 0, 0, 0, 0).build())
                .layer(
                    new Convolution3D.Builder(1, 1, 2)
                        .nIn(2)
                        .nOut(2)
                        .dataFormat(Convolution3D.DataFormat.NCDHW)
                        .build())
                .build());
    network.init();
    Probes volumes = Probes.of(Nd4j.rand(DataType.FLOAT, 3, 2, 6, 6, 6));

    assertThatThrownBy(() -> network.output(volumes.batch(0, 3)))
        .hasMessageContaining("incorrect workspace");
    assertThatThrownBy(() -> Dl4jNetwork.of("c", network).capture(volumes, LayerSelector.all()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'c'", "DL4J's own output() fails", "layer1");
  }

  private static void assertBounded(GraphWalk walk, long bytes, String layer) {
    OrderedTensor input = new OrderedTensor(Nd4j.ones(1, 2, 4, 4), ChannelOrder.FIRST);
    RecordedPass pass =
        new RecordedPass(
            "bounded",
            LayerSelector.all(),
            (batch, recorder) ->
                walk.forward(
                    input,
                    (name, answer) -> recorder.record(name, answer::values),
                    new OutputBound(bytes)));
    assertThatThrownBy(() -> pass.activations().run(input.values(), 0))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Layer '" + layer + "' would answer");
  }
}
