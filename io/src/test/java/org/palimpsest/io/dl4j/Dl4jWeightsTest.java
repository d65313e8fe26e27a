package org.palimpsest.io.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.LoadReport;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

class Dl4jWeightsTest {

  private static WeightTensor find(Weights weights, String name) {
    return weights.find(name).orElseThrow();
  }

  private static void assertShape(Weights weights, String name, LayerKind kind, long... shape) {
    WeightTensor tensor = find(weights, name);
    assertThat(tensor.layerKind()).as(name).isEqualTo(kind);
    assertThat(tensor.values().shape()).as(name).containsExactly(shape);
    assertThat(tensor.values().ordering()).isEqualTo('c');
  }

  @Test
  void axesAreThoseOfTheirKind() {
    Weights unet = Dl4jNetwork.of("u", Dl4jExamples.unet(CNN2DFormat.NHWC)).weights();
    assertShape(unet, "enc.W", LayerKind.CONVOLUTION, 4, 2, 3, 3);
    assertShape(unet, "enc.b", LayerKind.CONVOLUTION, 4);
    assertShape(unet, "upconv.W", LayerKind.TRANSPOSED_CONVOLUTION, 6, 4, 2, 2);
    assertShape(unet, "norm.gamma", LayerKind.NORMALISATION, 4);

    Weights classifier = Dl4jNetwork.of("c", Dl4jExamples.classifier()).weights();
    assertShape(classifier, "layer3.W", LayerKind.LINEAR, 7, 48);
    assertShape(classifier, "layer4.W", LayerKind.LINEAR, 3, 7);

    Weights volumetric =
        Dl4jNetwork.of("v", Dl4jExamples.volumetric(Convolution3D.DataFormat.NDHWC)).weights();
    assertShape(volumetric, "layer0.W", LayerKind.CONVOLUTION, 3, 1, 2, 2, 2);

    Weights recurrent = Dl4jNetwork.of("r", Dl4jExamples.recurrent()).weights();
    assertShape(recurrent, "layer0.RW", LayerKind.OTHER, 5, 20);
  }

  @Test
  void layersOfOneNameAreToldApartAsTheirActivationsAre() {
    MultiLayerNetwork twice =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DenseLayer.Builder().name("x").nIn(3).nOut(4).build())
                .layer(new ActivationLayer.Builder().name("x").activation(Activation.RELU).build())
                .layer(new DenseLayer.Builder().name("x").nIn(4).nOut(2).build())
                .build());
    twice.init();
    Dl4jNetwork network = Dl4jNetwork.of("t", twice);

    Weights weights = network.weights();

    assertShape(weights, "x.W", LayerKind.LINEAR, 4, 3);
    assertShape(weights, "x#3.W", LayerKind.LINEAR, 2, 4);
    assertThat(network.capture(Probes.of(Nd4j.ones(2, 3)), LayerSelector.all()).layers())
        .containsExactly("x", "x#2", "x#3");
  }

  @Test
  void theValuesAreDl4jsOwn() {
    MultiLayerNetwork network = Dl4jExamples.classifier();
    Weights weights = Dl4jNetwork.of("c", network).weights();

    assertThat(find(weights, "layer3.W").values())
        .isEqualTo(network.getLayer(3).getParam("W").transpose());
    assertThat(find(weights, "layer0.W").values()).isEqualTo(network.getLayer(0).getParam("W"));
    assertThat(find(weights, "layer0.W").dtype()).isEqualTo("float32");
  }

  @Test
  void layersOfOneNameAreToldApartAsTheirAnswersAre() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DenseLayer.Builder().name("layer1").nIn(3).nOut(4).build())
                .layer(new DenseLayer.Builder().nIn(4).nOut(5).build())
                .layer(new DenseLayer.Builder().name("layer1").nIn(5).nOut(6).build())
                .build());
    network.init();
    Dl4jNetwork read = Dl4jNetwork.of("n", network);

    assertShape(read.weights(), "layer1.W", LayerKind.LINEAR, 4, 3);
    assertShape(read.weights(), "layer1#2.W", LayerKind.LINEAR, 5, 4);
    assertShape(read.weights(), "layer1#3.W", LayerKind.LINEAR, 6, 5);
    assertThat(read.layers().stream().map(layer -> layer.name()))
        .containsExactly("layer1", "layer1#2", "layer1#3");
    assertThat(read.capture(Probes.of(Nd4j.rand(2, 3)), LayerSelector.all()).layers())
        .containsExactly("layer1", "layer1#2", "layer1#3");
  }

  @Test
  void aNetworkThatIsGivenAnothersWeightsAnswersAsItDoes() {
    ComputationGraph source = Dl4jExamples.unet(CNN2DFormat.NCHW);
    ComputationGraph target = Dl4jExamples.unet(CNN2DFormat.NCHW);
    target.params().assign(0.5);

    LoadReport report = Dl4jNetwork.of("t", target).load(Dl4jNetwork.of("s", source).weights());

    assertThat(report.isComplete()).isTrue();
    assertThat(target.params()).isEqualTo(source.params());
  }

  @Test
  void namesOfPyTorchFitAndWhatDoesNotFitIsReported() {
    MultiLayerNetwork network = Dl4jExamples.classifier();
    INDArray before = network.getLayer(4).getParam("W").dup();
    INDArray weight = Nd4j.rand(7, 48);
    Weights weights =
        Weights.of(
            Provenance.inMemory("w"),
            "w",
            List.of(
                new WeightTensor("fc.weight", weight, "float32", LayerKind.UNKNOWN),
                new WeightTensor("layer4.weight", Nd4j.rand(7, 3), "float32", LayerKind.UNKNOWN),
                new WeightTensor("extra", Nd4j.rand(2), "float32", LayerKind.UNKNOWN)));

    LoadReport report =
        Dl4jNetwork.of("n", network).load(weights, name -> name.replace("fc.", "layer3."));

    assertThat(report.matched()).containsExactly("layer3.W");
    assertThat(report.otherShape()).hasSize(1);
    assertThat(report.unexpected()).containsExactly("extra");
    assertThat(report.missing())
        .containsExactlyInAnyOrder("layer0.W", "layer0.b", "layer3.b", "layer4.b");
    assertThat(network.getLayer(3).getParam("W"))
        .isEqualTo(weight.transpose().castTo(network.params().dataType()));
    assertThat(network.getLayer(4).getParam("W")).isEqualTo(before);
  }
}
