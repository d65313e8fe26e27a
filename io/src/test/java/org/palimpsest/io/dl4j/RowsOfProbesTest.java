package org.palimpsest.io.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.internal.capture.Closeness;

/** What a network answers to a probe does not depend on the other probes, or is refused. */
class RowsOfProbesTest {

  private static final INDArray ROWS = Nd4j.randn(DataType.FLOAT, 4, 12);
  private static final INDArray SEQUENCES = Nd4j.randn(DataType.FLOAT, 4, 3, 5);

  /** Networks whose layers answer several rows to a probe, and which of them can be given. */
  enum Rows {
    SPLIT(ROWS, "abc", net -> vertices(net, reshape(-1, 4), dense(4), reshape(-1, 15))),
    SPLIT_BY_COLUMNS(ROWS, "ab", net -> vertices(net, columns(-1, 4), dense(4))),
    SPLIT_AND_TAKEN_APART(ROWS, "a", net -> vertices(net, reshape(-1, 4), new UnstackVertex(0, 3))),
    SPLIT_TWO_WAYS(ROWS, "a", net -> vertices(net, reshape(-1, 4), columns(-1, 2))),
    STACKED(
        ROWS,
        "sa",
        net -> vertices(net.addVertex("s", new StackVertex(), "in", "in"), "s", dense(12))),
    STEPS(
        SEQUENCES,
        "ab",
        net -> vertices(net, new PreprocessorVertex(new RnnToFeedForwardPreProcessor()), dense(3))),
    STEPS_JOINED(
        SEQUENCES,
        "a",
        net ->
            vertices(
                net, new PreprocessorVertex(new RnnToFeedForwardPreProcessor()), reshape(-1, 15)));

    private final INDArray probes;
    private final String given;
    private final UnaryOperator<GraphBuilder> layers;

    Rows(INDArray probes, String given, UnaryOperator<GraphBuilder> layers) {
      this.probes = probes;
      this.given = given;
      this.layers = layers;
    }
  }

  private static GraphVertex reshape(int... shape) {
    return new ReshapeVertex(shape);
  }

  private static GraphVertex columns(int... shape) {
    return new ReshapeVertex('f', shape, null);
  }

  private static DenseLayer dense(int inputs) {
    return new DenseLayer.Builder().nIn(inputs).nOut(5).activation(Activation.TANH).build();
  }

  private static GraphBuilder vertices(GraphBuilder net, Object... vertices) {
    return vertices(net, "in", vertices);
  }

  /** One after the other, called a, b, c. */
  private static GraphBuilder vertices(GraphBuilder net, String first, Object... vertices) {
    String before = first;
    for (int i = 0; i < vertices.length; i++) {
      String name = Character.toString('a' + i);
      if (vertices[i] instanceof GraphVertex vertex) {
        net.addVertex(name, vertex, before);
      } else {
        net.addLayer(name, (DenseLayer) vertices[i], before);
      }
      before = name;
    }
    return net.setOutputs(before);
  }

  private static Dl4jNetwork network(UnaryOperator<GraphBuilder> layers) {
    GraphBuilder builder = new NeuralNetConfiguration.Builder().seed(7).graphBuilder();
    ComputationGraph graph = new ComputationGraph(layers.apply(builder.addInputs("in")).build());
    graph.init();
    return Dl4jNetwork.of("n", graph);
  }

  @ParameterizedTest
  @EnumSource
  void aProbeIsAnsweredAsIfItWereAlone(Rows rows) {
    Dl4jNetwork network = network(rows.layers);
    List<String> given = new ArrayList<>();
    for (String layer : network.layers().stream().map(each -> each.name()).toList()) {
      try {
        INDArray together = values(network, rows.probes, layer);
        given.add(layer);
        for (int i = 0; i < rows.probes.size(0); i++) {
          INDArray alone = values(network, row(rows.probes, i), layer);
          Closeness.assertClose(layer, row(together, i), alone, Closeness.TOLERANCE);
        }
      } catch (PalimpsestException refusal) {
        assertThat(refusal).hasMessageContaining("Layer '" + layer + "'");
      }
    }
    assertThat(String.join("", given)).isEqualTo(rows.given);
  }

  private static INDArray row(INDArray tensor, int index) {
    return tensor.get(NDArrayIndex.interval(index, index + 1)).dup('c');
  }

  private static INDArray values(Dl4jNetwork network, INDArray probes, String layer) {
    return network.capture(Probes.of(probes), LayerSelector.of(layer)).get(layer).values();
  }

  private static void assertRefused(INDArray probes, String why, Object... vertices) {
    Dl4jNetwork network = network(net -> vertices(net, vertices));
    assertThatThrownBy(() -> network.capture(Probes.of(probes), LayerSelector.all()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'" + (char) ('a' + vertices.length - 1) + "'")
        .hasMessageContaining(why);
  }

  @Test
  void settingsThatMakeNoSenseAreToldByVertex() {
    assertRefused(ROWS, "only -1 there", reshape(8, 6));
    assertRefused(ROWS, "only -1 there", reshape(12, -1));
    assertRefused(ROWS, "from 4 to 1", new SubsetVertex(4, 1));
    assertRefused(ROWS, "do not follow one probe", reshape(-1, 8));
  }

  @Test
  void partsOfTheChannelsOfImagesAreAnswered() {
    INDArray images = Nd4j.linspace(1, 2 * 5 * 3 * 3, 2 * 5 * 3 * 3).reshape(2, 5, 3, 3);
    Dl4jNetwork network = network(net -> vertices(net, new SubsetVertex(1, 3)));
    assertThat(values(network, images.castTo(DataType.FLOAT), "a"))
        .isEqualTo(
            images
                .castTo(DataType.FLOAT)
                .get(NDArrayIndex.all(), NDArrayIndex.interval(1, 4))
                .dup('c'));
  }

  @Test
  void whatCannotBeMergedIsRefusedBeforeNativeCodePrintsOfIt() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addVertex("a", new ScaleVertex(2), "in")
                .addVertex("b", new SubsetVertex(0, 1), "in")
                .addVertex("s", new StackVertex(), "a", "b")
                .setOutputs("s")
                .build());
    graph.init();

    assertThatThrownBy(
            () -> Dl4jNetwork.of("n", graph).capture(Probes.of(ROWS), LayerSelector.all()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Vertex 's' joins the shapes [2, 12] and [2, 2]");
    assertThatThrownBy(
            () -> new GraphWalk.VertexSettings("m", new Piled()).requireFit(List.of(ROWS, ROWS)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Vertex 'm' merges along axis 0");
  }

  private static final class Piled extends MergeVertex {
    Piled() {
      mergeAxis = 0;
    }
  }
}
