package org.palimpsest.io.dl4j;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.capture.ChannelOrder;
import org.palimpsest.io.network.LayerOutline;

/** The vertices of a {@link ComputationGraph} in topological order. */
record GraphWalk(ComputationGraph graph) implements Walk {

  private static final LayerWorkspaceMgr NO_WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

  void requireOneInput(String name) {
    List<String> inputs = graph.getConfiguration().getNetworkInputs();
    if (inputs.size() != 1) {
      throw new PalimpsestException(
          "The network '%s' has %s inputs (%s); only networks of one input can be shown probes."
              .formatted(name, inputs.size(), String.join(", ", inputs)));
    }
  }

  @Override
  public DataType type() {
    return graph.getConfiguration().getDataType();
  }

  @Override
  public boolean reshapes() {
    return settings().anyMatch(VertexSettings::reshapes);
  }

  @Override
  public boolean fixesRows() {
    return settings().anyMatch(VertexSettings::fixesRows);
  }

  private Stream<VertexSettings> settings() {
    ComputationGraphConfiguration configuration = graph.getConfiguration();
    return configuration.getVertices().keySet().stream()
        .map(name -> VertexSettings.of(configuration, name));
  }

  @Override
  public ChannelOrder inputOrder(int rank) {
    return inOrder().stream()
        .map(vertex -> taken(vertex, rank))
        .flatMap(Optional::stream)
        .findFirst()
        .orElse(ChannelOrder.FIRST);
  }

  private Optional<ChannelOrder> taken(GraphVertex vertex, int rank) {
    var settings = graph.getConfiguration().getVertices().get(vertex.getVertexName());
    InputPreProcessor step =
        settings instanceof LayerVertex layer
            ? layer.getPreProcessor()
            : settings instanceof PreprocessorVertex alone ? alone.getPreProcessor() : null;
    Optional<ChannelOrder> before = DataFormats.taken(step, rank);
    return before.isEmpty() && vertex.hasLayer()
        ? DataFormats.taken(vertex.getLayer().conf().getLayer(), rank)
        : before;
  }

  private List<GraphVertex> inOrder() {
    return Arrays.stream(graph.topologicalSortOrder())
        .mapToObj(index -> graph.getVertices()[index])
        .toList();
  }

  @Override
  public List<LayerOutline> layers() {
    return inOrder().stream()
        .filter(vertex -> !vertex.isInputVertex())
        .map(vertex -> new LayerOutline(vertex.getVertexName(), typeOf(vertex), vertex.numParams()))
        .toList();
  }

  private static String typeOf(GraphVertex vertex) {
    return vertex.hasLayer()
        ? DataFormats.typeOf(vertex.getLayer())
        : vertex.getClass().getSimpleName();
  }

  private static Optional<ChannelOrder> format(GraphVertex vertex, int rank) {
    return vertex.hasLayer()
        ? DataFormats.of(vertex.getLayer().conf().getLayer(), rank)
        : Optional.empty();
  }

  @Override
  public List<OrderedTensor> forward(OrderedTensor input, Receiver receiver, OutputBound bound) {
    graph.setInputs(input.copyFor(input.order()));
    List<String> ends = ends();
    Map<Integer, OrderedTensor> answers = new HashMap<>();
    Map<Integer, Integer> uses = uses();
    Map<String, OrderedTensor> outputs = new HashMap<>();
    for (GraphVertex vertex : inOrder()) {
      String name = vertex.getVertexName();
      OrderedTensor answer =
          vertex.isInputVertex() ? input : run(vertex, answers, input.values().size(0), bound);
      answers.put(vertex.getVertexIndex(), answer);
      if (!vertex.isInputVertex()) {
        receiver.receive(name, answer);
        release(vertex, answers, uses);
      }
      if (ends.contains(name)) {
        outputs.put(name, answer);
      }
    }
    return ends.stream().map(outputs::get).toList();
  }

  /** The vertices that nothing follows. */
  private List<String> ends() {
    return inOrder().stream()
        .filter(vertex -> vertex.getNumOutputConnections() == 0)
        .map(GraphVertex::getVertexName)
        .toList();
  }

  private Map<Integer, Integer> uses() {
    Map<Integer, Integer> uses = new HashMap<>();
    for (GraphVertex vertex : graph.getVertices()) {
      for (VertexIndices source : inputsOf(vertex)) {
        uses.merge(source.getVertexIndex(), 1, Integer::sum);
      }
    }
    return uses;
  }

  /** Lets go of answers that no later vertex needs. */
  private static void release(
      GraphVertex vertex, Map<Integer, OrderedTensor> answers, Map<Integer, Integer> uses) {
    for (VertexIndices source : inputsOf(vertex)) {
      if (uses.merge(source.getVertexIndex(), -1, Integer::sum) == 0) {
        answers.remove(source.getVertexIndex());
      }
    }
  }

  private static VertexIndices[] inputsOf(GraphVertex vertex) {
    VertexIndices[] inputs = vertex.getInputVertices();
    return inputs == null ? new VertexIndices[0] : inputs;
  }

  private OrderedTensor run(
      GraphVertex vertex, Map<Integer, OrderedTensor> answers, long samples, OutputBound bound) {
    vertex.clear();
    VertexIndices[] sources = inputsOf(vertex);
    OrderedTensor first = answerOf(sources[0], answers);
    String name = vertex.getVertexName();
    VertexSettings settings = VertexSettings.of(graph.getConfiguration(), name);
    settings.require(samples);
    bound.require(
        name,
        settings.vertex(),
        Arrays.stream(sources).map(source -> answerOf(source, answers)).toList());
    boolean fromInput = graph.getVertices()[sources[0].getVertexIndex()].isInputVertex();
    List<INDArray> taken = new ArrayList<>();
    for (VertexIndices source : sources) {
      OrderedTensor input = answerOf(source, answers);
      ChannelOrder own = format(vertex, input.values().rank()).orElse(first.order());
      taken.add(input.copyFor(fromInput ? first.order() : own));
    }
    settings.requireFit(taken);
    for (int i = 0; i < sources.length; i++) {
      vertex.setInput(i, taken.get(i), NO_WORKSPACES);
    }
    INDArray answer =
        vertex.hasLayer()
            ? LayerCall.run(
                name,
                vertex.getLayer().conf().getLayer(),
                taken.get(0),
                () -> vertex.doForward(false, NO_WORKSPACES))
            : vertex.doForward(false, NO_WORKSPACES);
    INDArray kept = answer.dup();
    vertex.clear();
    return new OrderedTensor(kept, format(vertex, kept.rank()).orElse(first.order()));
  }

  private static OrderedTensor answerOf(VertexIndices source, Map<Integer, OrderedTensor> answers) {
    return Objects.requireNonNull(
        answers.get(source.getVertexIndex()), "the topological order names inputs first");
  }

  /**
   * With workspaces, without which DL4J overwrites inputs that are still needed; and only of
   * vertices that nothing follows, since it fails to give others.
   */
  @Override
  public List<INDArray> output(INDArray input) {
    ComputationGraphConfiguration configuration = graph.getConfiguration();
    WorkspaceMode mode = configuration.getInferenceWorkspaceMode();
    configuration.setInferenceWorkspaceMode(WorkspaceMode.ENABLED);
    try {
      return List.of(graph.output(ends(), false, new INDArray[] {input}, null));
    } finally {
      configuration.setInferenceWorkspaceMode(mode);
    }
  }

  @Override
  public List<LayerParameter> parameters() {
    List<LayerParameter> parameters = new ArrayList<>();
    for (GraphVertex vertex : inOrder()) {
      String path = vertex.getVertexName();
      if (vertex.hasLayer()) {
        parameters.addAll(
            LayerParameter.of(
                path, vertex.getLayer().conf().getLayer(), vertex.getLayer().paramTable()));
      } else if (vertex.numParams() > 0) {
        parameters.addAll(LayerParameter.ofVertex(path, vertex.paramTable(false)));
      }
    }
    return parameters;
  }

  /**
   * What a vertex of a graph is set to, held against what it is given. DL4J notices some of it in
   * native code, which prints.
   */
  record VertexSettings(String name, org.deeplearning4j.nn.conf.graph.GraphVertex vertex) {

    private static final int SEQUENCE = 3;

    static VertexSettings of(ComputationGraphConfiguration graph, String name) {
      return new VertexSettings(name, Objects.requireNonNull(graph.getVertices().get(name), name));
    }

    boolean reshapes() {
      return vertex instanceof ReshapeVertex;
    }

    boolean fixesRows() {
      return vertex instanceof ReshapeVertex reshape
          && reshape.getNewShape().length > 0
          && reshape.getNewShape()[0] >= 0;
    }

    /**
     * Looks at the settings alone.
     *
     * @throws PalimpsestException if they make no sense for so many probes
     */
    void require(long samples) {
      if (vertex instanceof SubsetVertex part && part.getFrom() > part.getTo()) {
        throw refused(
            "takes the features from %s to %s, and the first of these is larger"
                .formatted(part.getFrom(), part.getTo()));
      }
      if (fixesRows() && vertex instanceof ReshapeVertex reshape) {
        int[] shape = reshape.getNewShape();
        if (shape[0] != samples) {
          throw refused(
              "reshapes to %s, whose %s rows are not those of %s probes: only -1 there fits any number of them"
                  .formatted(Arrays.toString(shape), shape[0], samples));
        }
      }
    }

    /**
     * Looks at what it is given.
     *
     * @throws PalimpsestException if that cannot be put together
     */
    void requireFit(List<INDArray> inputs) {
      if (vertex instanceof MergeVertex merge) {
        int rank = inputs.get(0).rank();
        int axis = merge.getMergeAxis() < 0 ? merge.getMergeAxis() + rank : merge.getMergeAxis();
        if (axis == 0 && inputs.size() > 1) {
          throw refused("merges along axis 0, which is that of the probes");
        }
        requireAlike(inputs, axis);
      } else if (vertex instanceof StackVertex && inputs.get(0).rank() != SEQUENCE) {
        requireAlike(inputs, 0);
      }
    }

    private void requireAlike(List<INDArray> inputs, int axis) {
      long[] wanted = inputs.get(0).shape();
      for (INDArray input : inputs) {
        long[] shape = input.shape();
        boolean alike = shape.length == wanted.length;
        for (int i = 0; alike && i < shape.length; i++) {
          alike = i == axis || shape[i] == wanted[i];
        }
        if (!alike) {
          throw refused(
              "joins the shapes %s and %s along axis %s, where all others must be the same"
                  .formatted(Arrays.toString(wanted), Arrays.toString(shape), axis));
        }
      }
    }

    private PalimpsestException refused(String why) {
      return new PalimpsestException("Vertex '%s' %s.".formatted(name, why));
    }
  }
}
