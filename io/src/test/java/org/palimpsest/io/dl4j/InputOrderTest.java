package org.palimpsest.io.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.internal.capture.Closeness;

/** Networks whose order of channels no convolution tells. */
class InputOrderTest {

  private static final InputType IMAGES = InputType.convolutional(4, 4, 4, CNN2DFormat.NHWC);

  private static DenseLayer dense() {
    return new DenseLayer.Builder().nOut(3).activation(Activation.TANH).build();
  }

  private static NeuralNetConfiguration.Builder builder() {
    return new NeuralNetConfiguration.Builder().seed(7).dataType(DataType.FLOAT);
  }

  private static MultiLayerNetwork sequence(InputType input, List<Layer> layers) {
    NeuralNetConfiguration.ListBuilder list = builder().list();
    layers.forEach(list::layer);
    MultiLayerNetwork network = new MultiLayerNetwork(list.setInputType(input).build());
    network.init();
    network.setParams(Nd4j.rand(DataType.FLOAT, network.params().shape()).addi(0.1));
    return network;
  }

  private static Probes channelsFirst(INDArray last) {
    int rank = last.rank();
    int[] axes = new int[rank];
    axes[1] = rank - 1;
    for (int i = 2; i < rank; i++) {
      axes[i] = i - 1;
    }
    return Probes.of(last.permute(axes).dup('c'));
  }

  static Stream<Arguments> told() {
    Layer norm = new BatchNormalization.Builder().dataFormat(CNN2DFormat.NHWC).build();
    InputType volumes = InputType.convolutional3D(Convolution3D.DataFormat.NDHWC, 3, 3, 3, 3);
    return Stream.of(
        Arguments.of("dense", IMAGES, List.of(dense()), new long[] {5, 4, 4, 4}),
        Arguments.of("norm", IMAGES, List.of(norm), new long[] {5, 4, 4, 4}),
        Arguments.of(
            "pooling", IMAGES, List.of(new GlobalPoolingLayer(), dense()), new long[] {5, 4, 4, 4}),
        Arguments.of("volumes", volumes, List.of(dense()), new long[] {5, 3, 3, 3, 3}));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("told")
  void theOrderIsTakenFromWhateverSettingTells(
      String what, InputType type, List<Layer> layers, long[] shape) {
    MultiLayerNetwork network = sequence(type, layers);
    INDArray input = Nd4j.randn(DataType.FLOAT, shape);

    var captured = Dl4jNetwork.of("n", network).capture(channelsFirst(input), LayerSelector.all());

    INDArray own = network.output(input);
    INDArray expected = own.rank() == 4 ? own.permute(0, 3, 1, 2) : own;
    String last = captured.layers().get(layers.size() - 1);
    Closeness.assertClose(last, captured.get(last).values(), expected, Closeness.TOLERANCE);
  }

  @Test
  void stepsOfSequencesThatComeFirstAreTold() {
    MultiLayerNetwork network =
        sequence(InputType.recurrent(4, 4, RNNFormat.NWC), List.of(dense()));
    INDArray input = Nd4j.randn(DataType.FLOAT, 5, 4, 4);

    INDArray captured =
        Dl4jNetwork.of("n", network)
            .capture(channelsFirst(input), LayerSelector.all())
            .get("layer0")
            .values();

    assertThat(captured.shape()).containsExactly(5, 3, 4);
    for (int i = 0; i < 5; i++) {
      INDArray steps = network.output(input.slice(i).reshape(1, 4, 4).dup('c'));
      Closeness.assertClose(
          "probe " + i, captured.slice(i), steps.transpose(), Closeness.TOLERANCE);
    }
  }

  @Test
  void theOrderOfAGraphIsToldByItsPreprocessors() {
    ComputationGraph graph =
        new ComputationGraph(
            builder()
                .graphBuilder()
                .addInputs("image")
                .addLayer("dense", dense(), "image")
                .setOutputs("dense")
                .setInputTypes(IMAGES)
                .build());
    graph.init();
    INDArray input = Nd4j.randn(DataType.FLOAT, 5, 4, 4, 4);

    INDArray captured =
        Dl4jNetwork.of("g", graph)
            .capture(channelsFirst(input), LayerSelector.all())
            .get("dense")
            .values();

    Closeness.assertClose("dense", captured, graph.outputSingle(input), Closeness.TOLERANCE);
  }
}
