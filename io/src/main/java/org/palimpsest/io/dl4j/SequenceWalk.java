package org.palimpsest.io.dl4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.preprocessors.ReshapePreprocessor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.io.internal.capture.ChannelOrder;
import org.palimpsest.io.internal.capture.RunNames;
import org.palimpsest.io.network.LayerOutline;

/** The layers of a {@link MultiLayerNetwork}, one after the other. */
record SequenceWalk(MultiLayerNetwork network) implements Walk {

  private static final LayerWorkspaceMgr NO_WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

  @Override
  public DataType type() {
    return network.getLayerWiseConfigurations().getDataType();
  }

  @Override
  public boolean reshapes() {
    return network.getLayerWiseConfigurations().getInputPreProcessors().values().stream()
        .anyMatch(ReshapePreprocessor.class::isInstance);
  }

  @Override
  public boolean fixesRows() {
    return false;
  }

  @Override
  public ChannelOrder inputOrder(int rank) {
    Layer[] layers = network.getLayers();
    return IntStream.range(0, layers.length)
        .mapToObj(
            i ->
                DataFormats.taken(network.getLayerWiseConfigurations().getInputPreProcess(i), rank)
                    .or(() -> DataFormats.taken(layers[i].conf().getLayer(), rank)))
        .flatMap(Optional::stream)
        .findFirst()
        .orElse(ChannelOrder.FIRST);
  }

  @Override
  public List<OrderedTensor> forward(OrderedTensor input, Receiver receiver, OutputBound bound) {
    OrderedTensor current = input;
    int samples = (int) input.values().size(0);
    Layer[] layers = network.getLayers();
    List<String> names = names();
    for (int i = 0; i < layers.length; i++) {
      layers[i].setInputMiniBatchSize(samples);
      OrderedTensor taken = prepared(i, current, samples);
      bound.require(names.get(i), layers[i].conf().getLayer(), taken);
      current = run(i, names.get(i), layers[i], taken);
      receiver.receive(names.get(i), current);
    }
    return List.of(current);
  }

  @Override
  public List<LayerOutline> layers() {
    Layer[] layers = network.getLayers();
    List<String> names = names();
    return IntStream.range(0, layers.length)
        .mapToObj(
            i ->
                new LayerOutline(
                    names.get(i), DataFormats.typeOf(layers[i]), layers[i].numParams()))
        .toList();
  }

  private OrderedTensor prepared(int index, OrderedTensor input, int samples) {
    InputPreProcessor step = network.getLayerWiseConfigurations().getInputPreProcess(index);
    if (step == null) {
      return input;
    }
    INDArray result = step.preProcess(input.copyFor(input.order()), samples, NO_WORKSPACES);
    return new OrderedTensor(result, input.order());
  }

  private static OrderedTensor run(int index, String name, Layer layer, OrderedTensor input) {
    int rank = input.values().rank();
    ChannelOrder wanted =
        index == 0
            ? input.order()
            : DataFormats.of(layer.conf().getLayer(), rank).orElse(input.order());
    INDArray taken = input.copyFor(wanted);
    INDArray answer =
        LayerCall.run(
            name,
            layer.conf().getLayer(),
            taken,
            () -> layer.activate(taken, false, NO_WORKSPACES));
    ChannelOrder order = DataFormats.of(layer.conf().getLayer(), answer.rank()).orElse(wanted);
    return new OrderedTensor(answer.dup(), order);
  }

  /** DL4J lets two layers have one name. */
  private List<String> names() {
    RunNames runs = new RunNames();
    Layer[] layers = network.getLayers();
    return IntStream.range(0, layers.length)
        .mapToObj(
            i ->
                Objects.requireNonNullElse(layers[i].conf().getLayer().getLayerName(), "layer" + i))
        .map(runs::next)
        .toList();
  }

  /** With workspaces: without them DL4J overwrites inputs that are still needed. */
  @Override
  public List<INDArray> output(INDArray input) {
    MultiLayerConfiguration configuration = network.getLayerWiseConfigurations();
    WorkspaceMode mode = configuration.getInferenceWorkspaceMode();
    configuration.setInferenceWorkspaceMode(WorkspaceMode.ENABLED);
    try {
      return List.of(network.output(input, false));
    } finally {
      configuration.setInferenceWorkspaceMode(mode);
    }
  }

  @Override
  public List<LayerParameter> parameters() {
    List<LayerParameter> parameters = new ArrayList<>();
    Layer[] layers = network.getLayers();
    List<String> names = names();
    for (int i = 0; i < layers.length; i++) {
      parameters.addAll(
          LayerParameter.of(names.get(i), layers[i].conf().getLayer(), layers[i].paramTable()));
    }
    return parameters;
  }
}
